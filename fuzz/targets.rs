//! What holds for any bytes that are taken for an interface. Each function panics where it does not hold.
//!
//! The fuzz targets call these, and so does `tests/mutations.rs`, with what fuzzing once found.

#![allow(dead_code, reason = "each fuzz target uses one of these")]

use rpcgen::backend::rust::{Options, Presence};
use rpcgen::diag::Diagnostic;
use rpcgen::load::MemoryReader;
use rpcgen::{Checked, CompileError, FormatError, Input};

/// What the interface may import.
const LIB: &str = "package lib; struct Point { x: f64, y: f64 } const LIMIT: u32 = 8; enum Level { Low, High }";

/// The parser gives a tree for every text, and says where every mistake is.
pub(crate) fn parse(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let mut out = rpcgen::diag::Diagnostics::default();
    let file = rpcgen::source::SourceMap::default().add("main.rpc", String::new());
    rpcgen::syntax::parse(file, &text, &mut out);
    for found in &out {
        assert_place(found, &text);
    }
}

fn assert_place(found: &Diagnostic, text: &str) {
    assert!(found.primary.is_some(), "{found:?}");
    for label in found.primary.iter().chain(&found.others) {
        let span = label.location.span;
        assert!(text.get(span.lo as usize..span.hi as usize).is_some(), "{found:?}");
    }
}

/// An interface is refused exactly if an error was found, and one of them stands in it. What was found can be printed.
pub(crate) fn check(bytes: &[u8]) {
    checked(&rpcgen::check(&input(), &reader(bytes)), bytes);
}

fn checked(checked: &Checked, bytes: &[u8]) {
    assert_eq!(checked.program.is_none(), checked.diagnostics.has_errors(), "{:?}", checked.diagnostics);
    let is_here = |found: &Diagnostic| {
        let file = found.primary.as_ref().map(|label| checked.sources.file(label.location.file));
        // What is not UTF-8 is no text, and has no places.
        std::str::from_utf8(bytes).is_err()
            || found.is_error() && file.is_some_and(|file| file.path == std::path::Path::new("main.rpc"))
    };
    assert!(checked.program.is_some() || checked.diagnostics.iter().any(is_here), "{:?}", checked.diagnostics);
    let _ = checked.render(rpcgen::diag::render::Colours::Off);
}

/// What is a good interface can be compiled, to stubs of both flavours.
pub(crate) fn compile(bytes: &[u8]) {
    let options = Options { tokio: Presence::Always, ..Options::default() };
    match rpcgen::compile(&input(), &reader(bytes), &options) {
        Ok(compiled) => checked(&compiled.checked, bytes),
        Err(CompileError::Invalid(invalid)) => checked(&invalid, bytes),
        Err(CompileError::Generate(error)) => panic!("{error}"),
    }
}

/// What has no syntax errors has a layout, which keeps its meaning and stays as it is.
pub(crate) fn format(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    match rpcgen::format(&text) {
        Ok(formatted) => match rpcgen::format(&formatted) {
            Ok(again) => assert_eq!(again, formatted, "from {text:?}"),
            Err(error) => panic!("{error}\nfrom {text:?}"),
        },
        Err(FormatError::Invalid(invalid)) => assert!(invalid.diagnostics.has_errors(), "{text:?}"),
        Err(FormatError::Internal(error)) => panic!("{error}"),
    }
}

fn input() -> Input {
    Input { roots: vec!["main.rpc".into()], ..Input::default() }
}

fn reader(bytes: &[u8]) -> MemoryReader {
    MemoryReader::default().with("main.rpc", bytes).with("lib.rpc", LIB)
}
