//! Properties of the parser; how its messages read is in `tests/ui`.

use proptest::prelude::*;

use super::parse;
use super::scan;
use crate::ast::{Docs, ExprKind, File, Item};
use crate::diag::{Code, Diagnostics};
use crate::source::SourceMap;

const CALCULATOR: &str = include_str!("../../../idl/calculator.rpc");

/// Every construct of the language, with keywords as names.
const EVERYTHING: &str = include_str!("../../../tests/ui/syntax_keywords_as_names.rpc");

/// Parses, and checks what holds for any text: places lie in the file, between characters, and there are not too many.
fn parsed(text: &str) -> (File, Diagnostics) {
    let (mut sources, mut out) = (SourceMap::default(), Diagnostics::default());
    let file = parse(sources.add("a.rpc", String::new()), text, &mut out);
    assert!(out.len() <= 101, "{}", out.len());
    for found in &out {
        assert!(found.primary.is_some(), "{found:?}");
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

fn codes(text: &str) -> Vec<Code> {
    parsed(text).1.iter().map(|found| found.code).collect()
}

#[test]
fn the_example_is_read_whole() {
    let (file, out) = parsed(CALCULATOR);
    assert!(out.is_empty(), "{out:?}");
    assert_eq!((file.docs.lines.len(), file.items.len()), (1, 5));
    let Some(Item::Service(service)) = file.items.last() else { panic!("no service") };
    assert_eq!(service.methods.len(), 7);
    assert!(service.methods.iter().all(|method| method.docs.lines.len() == 1));
}

#[test]
fn operators_bind_as_in_rust() {
    let value = |text: &str| match parsed(&format!("package a; const A: u8 = {text};")).0.items.pop() {
        Some(Item::Const(constant)) => format!("{:?}", strip(&constant.value.kind)),
        other => panic!("{other:?}"),
    };
    for (plain, grouped) in [
        ("1 + 2 * 3 - 4", "(1 + (2 * 3)) - 4"),
        ("1 | 2 ^ 3 & 4 << 5 + 6 % 7", "1 | (2 ^ (3 & (4 << (5 + (6 % 7)))))"),
        ("-~1 * 2", "(-(~1)) * 2"),
        ("8 >> 1 >> 1", "(8 >> 1) >> 1"),
    ] {
        assert_eq!(value(plain), value(grouped), "{plain}");
    }
}

/// The tree without places, in prefix form.
fn strip(kind: &ExprKind) -> String {
    match kind {
        ExprKind::Unary(operator, operand) => format!("{operator:?}({})", strip(&operand.kind)),
        ExprKind::Binary(operator, left, right) => {
            format!("{operator:?}({}, {})", strip(&left.kind), strip(&right.kind))
        }
        other => format!("{other:?}"),
    }
}

#[test]
fn docs_stand_before_between_and_after_annotations() {
    let (file, out) =
        parsed("package a;\n/// one\n@b /// two\n@c(\"d\")\n/// three\nunion U {\n/// x\n@y\n/// z\na @1 }");
    assert!(out.is_empty(), "{out:?}");
    let Some(Item::Union(union)) = file.items.first() else { panic!("{file:?}") };
    let lines = |docs: &Docs| docs.lines.iter().map(|line| line.text.clone()).collect::<Vec<_>>();
    assert_eq!(lines(&union.docs), ["one", "two", "three"]);
    assert_eq!(lines(&union.variants[0].docs), ["x", "z"]);
    assert_eq!(union.annotations.iter().map(|one| one.name.text.as_str()).collect::<Vec<_>>(), ["b", "c"]);
}

#[test]
fn damaged_declarations_seem_to_have_names() {
    for text in [
        "strct X { }",
        "closed struc X { }",
        "closed union X: u8 { a @1 }",
        "@a @b(\"c\", 1) closed union X: u8 { a @1 }",
        "@a flags X(u8) { }",
        "table X<T> { }",
    ] {
        let (file, _) = parsed(&format!("package a; {text}"));
        let names = file.items.iter().map(|item| match item {
            Item::Broken(broken) => broken.name.as_ref().map(|name| name.text.clone()),
            other => panic!("{other:?}"),
        });
        assert_eq!(names.collect::<Vec<_>>(), [Some("X".to_owned())], "{text}");
    }
}

/// Nothing looks at the stack while a text is read: what the guard lets through must do with a small one.
#[test]
fn the_deepest_texts_need_little_stack() {
    let deep = |before: &str, open: &str, count, inner: &str, close: &str, after: &str| {
        format!("{before}{}{inner}{}{after}", open.repeat(count), close.repeat(count))
    };
    let mut texts = Vec::new();
    for count in [31, 32, 33, 63, 64, 65, 100_000] {
        texts.extend([
            deep("struct S { a: ", "list<", count, "u8", ">", "}"),
            deep("struct S { a: ", "map<u8, ", count, "u8", ">", ", b c }"),
            deep("const A: u8 = ", "(", count, "1", ")", ";"),
            deep("const A: u8 = ", "-(", count, "1", ")", " 2;"),
            deep("struct S { a ", "<", count, "", "", " }"),
            deep("struct S { a ", "(", count, "", "", " b"),
            deep("service S { m(a: u8 ", "[", count, "", "]", "); }"),
            deep("service S { m", "(", count, "", ")", "; }"),
            deep("", "{", count, "", "", ""),
            deep("@a(", "(", count, "1", ")", ") struct S {}"),
        ]);
    }
    let small = std::thread::Builder::new().stack_size(512 << 10);
    let read = small.spawn(move || texts.iter().for_each(|text| drop(parsed(text)))).expect("a thread");
    read.join().expect("no panic");
}

#[test]
fn types_and_expressions_nest_thirty_two_deep() {
    let brackets =
        |depth| format!("package a; table A {{ a @1: list<u8> = {}{} }}", "[".repeat(depth), "]".repeat(depth));
    let types = |depth| format!("package a; alias A = {}u8{};", "list<".repeat(depth), ">".repeat(depth));
    let values = |depth| format!("package a; const A: u8 = {}1{};", "(".repeat(depth), ")".repeat(depth));
    assert!(codes(&types(32)).is_empty() && codes(&values(32)).is_empty());
    for depth in [33, 200, 100_000] {
        assert_eq!(codes(&types(depth)), [Code::TooDeep], "{depth}");
        assert_eq!(codes(&values(depth)), [Code::TooDeep], "{depth}");
        assert_eq!(codes(&brackets(depth)), [Code::TooDeep], "{depth}");
    }
}

#[test]
fn a_file_has_at_most_sixteen_mebibytes() {
    let mut text = "package a;".to_owned() + &" ".repeat(super::MAX_SIZE - 10);
    assert!(codes(&text).is_empty());
    text.push(' ');
    assert_eq!(codes(&text), [Code::TooLarge]);
}

/// Anything that is much worse than linear takes minutes here.
#[test]
fn hostile_texts_take_linear_time() {
    let body = |start: &str, text: &str| format!("package a; {start}{}", text.repeat(2_000 / text.len()));
    for unit in [
        "{",
        "}",
        "<",
        "(",
        ")",
        ">",
        "a(",
        "a<",
        "(<",
        "<(",
        "-",
        "a ",
        "///\n",
        "//!\n",
        "/*",
        "\"",
        "\"a\n",
        "\"\"a\n) ",
        "\\",
        ";",
        ",",
        "struct ",
        "struct a ",
        "struct a{",
        "a:",
        "a:b ",
        "@",
        "@1 ",
        "a@1{",
        "reserved ",
        "?",
        "1+",
        ".",
        "a.",
        "é",
        "\u{202e}",
        "a(b:c<",
        "a: list<b,",
        "oneway a(",
        "{a",
        "a,\n///\n",
        "closed enum ",
        "import \"",
        "->",
        "= ",
        "@a ",
        "@a(",
        "@a(1,",
        "@a(b=",
        "@a(\"s\") ",
        "@a struct b{",
        "@a a(",
        "@a a:b ",
        ",@a b:",
        "a(@",
        "[",
        "[a",
        "[a;",
        "(a[",
        "a:b=",
        "a:b=[",
        "a@1:b=c ",
        "a@1:list<",
        "stream ",
        "closed ",
        "closed union a{",
        "flags a:",
        "reserved @1..",
        "reserved 1,",
        "a(){}",
    ] {
        for start in [
            "",
            "struct S {",
            "enum E {",
            "error E {",
            "table T {",
            "table T { a @1: u8 = ",
            "flags F {",
            "service S {",
            "service S { m(",
            "alias A = ",
            "const A: u8 = ",
            "@",
        ] {
            parsed(&body(start, unit));
        }
    }
}

#[test]
fn every_prefix_of_a_valid_file() {
    for text in [CALCULATOR, EVERYTHING] {
        for (at, _) in text.char_indices() {
            parsed(&text[..at]);
        }
    }
}

/// Pieces that texts are made of.
fn token() -> impl Strategy<Value = String> {
    let words = "package import const alias closed enum flags struct table union error service oneway throws reserved as stream \
                 list array map string bytes u8 bool timestamp a B true 1 0x2 1.5 250ms @1 @a @deprecated(\"s\") ; , : . .. @ = ? -> \
                 + - * / % << >> & | ^ ~ { } ( ) < > [ ] [] \"s\" \" // /* */ /// //! é $";
    let mut pieces: Vec<String> = words.split_whitespace().map(str::to_owned).collect();
    pieces.push("\n".to_owned());
    prop::sample::select(pieces)
}

/// A valid file with tokens deleted, doubled, swapped or replaced.
fn mutated() -> impl Strategy<Value = String> {
    let change = (any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0..4, token());
    let source = prop::sample::select(vec![CALCULATOR, EVERYTHING]);
    (source, prop::collection::vec(change, 1..6)).prop_map(|(text, changes)| {
        let mut tokens: Vec<String> = scan::tokens(text, 0).map(|token| token.text.to_owned() + "\n").collect();
        for (one, other, kind, new) in changes {
            let (one, other) = (one.index(tokens.len()), other.index(tokens.len()));
            match kind {
                0 => drop(tokens.remove(one)),
                1 => tokens.insert(one, tokens[other].clone()),
                2 => tokens.swap(one, other),
                _ => tokens[one] = new,
            }
        }
        tokens.concat()
    })
}

proptest! {
    #[test]
    fn random_bytes(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        parsed(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn random_tokens(tokens in prop::collection::vec(token(), 0..80)) {
        parsed(&tokens.join(" "));
        parsed(&format!("package a; {}", tokens.concat()));
    }

    #[test]
    fn what_is_broken_in_the_tree_was_reported(text in mutated()) {
        let (file, out) = parsed(&text);
        let is_broken = |item: &Item| match item {
            Item::Broken(_) => true,
            Item::Struct(one) => one.damaged,
            Item::Enum(one) | Item::Flags(one) => one.damaged,
            Item::Table(one) => one.damaged,
            Item::Union(one) | Item::Error(one) => one.damaged,
            Item::Const(_) | Item::Alias(_) | Item::Service(_) => false,
        };
        prop_assert!(out.has_errors() || !file.items.iter().any(is_broken));
        prop_assert!(out.has_errors() || file.package.is_some());
    }
}
