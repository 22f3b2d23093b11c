//! Properties of the parser; how its messages read is in `tests/ui`.

use super::parse;
use crate::ast::{File, Item};
use crate::diag::{Code, Diagnostics};
use crate::source::SourceMap;

const CALCULATOR: &str = include_str!("../../../idl/calculator.rpc");

/// Parses, and checks what holds for any text: places lie in the file, between characters.
fn parsed(text: &str) -> (File, Diagnostics) {
    let (mut sources, mut out) = (SourceMap::default(), Diagnostics::default());
    let file = parse(sources.add("a.rpc", text.to_owned()), text, &mut out);
    for found in &out {
        for label in found.primary.iter().chain(&found.others) {
            let span = label.location.span;
            assert!(
                span.lo <= span.hi && text.get(span.lo as usize..span.hi as usize).is_some(),
                "{found:?} in {text:?}"
            );
        }
    }
    (file, out)
}

#[test]
fn the_example_is_read_whole() {
    let (file, out) = parsed(CALCULATOR);
    assert!(out.is_empty(), "{out:?}");
    assert_eq!(file.docs.lines.len(), 1);
    assert_eq!(file.items.len(), 5);
    let Some(Item::Service(service)) = file.items.last() else { panic!("no service") };
    assert_eq!(service.methods.len(), 7);
    assert!(service.methods.iter().all(|method| method.docs.lines.len() == 1));
}

#[test]
fn types_and_expressions_nest_thirty_two_deep() {
    let nested = |depth| format!("package a; alias A = {}u8{};", "list<".repeat(depth), ">".repeat(depth));
    assert!(parsed(&nested(32)).1.is_empty());
    for depth in [33, 200, 100_000] {
        let codes: Vec<Code> = parsed(&nested(depth)).1.iter().map(|found| found.code).collect();
        assert_eq!(codes, [Code::TooDeep], "{depth}");
    }
}
