//! Properties; how things look is in `tests/format`.

use proptest::prelude::*;

use super::read::pieces;
use super::{format, print};
use crate::diag::Diagnostics;
use crate::source::SourceMap;
use crate::syntax::{TokenKind, tokens};

const EVERYTHING: &str = include_str!("../../../tests/format/everything.rpc");

fn formatted(text: &str) -> String {
    let (mut sources, mut found) = (SourceMap::default(), Diagnostics::default());
    let file = sources.add("a.rpc", String::new());
    match format(file, text, &mut found) {
        Ok(Some(formatted)) => formatted,
        Ok(None) => panic!("{found:?} in\n{text}"),
        Err(error) => panic!("{error}:\n{text}\nbecame\n{}", print(text)),
    }
}

/// Comments as they are compared: the lines of a block may be moved sideways.
fn comments(text: &str) -> Vec<(TokenKind, String)> {
    let is_comment = |kind| !matches!(kind, TokenKind::Word | TokenKind::String | TokenKind::Symbol);
    let text_of = |kind, text: &str| match kind {
        TokenKind::Docs | TokenKind::FileDocs => text.to_owned(),
        _ => text.lines().map(str::trim).collect::<Vec<_>>().join("\n"),
    };
    let all = tokens(text).filter(|token| is_comment(token.kind));
    all.map(|token| (token.kind, text_of(token.kind, token.text))).collect()
}

/// Tokens but for the commas, which the layout may add and leave out.
fn words(text: &str) -> Vec<&str> {
    pieces(text).iter().map(|piece| piece.text).filter(|text| *text != ",").collect()
}

fn holds_for(text: &str) {
    let once = formatted(text);
    assert_eq!(formatted(&once), once, "not stable, from\n{text}");
    assert_eq!(comments(&once), comments(text), "from\n{text}\nto\n{once}");
    assert_eq!(words(&once), words(text));
    assert!(once.ends_with('\n') && !once.ends_with("\n\n") && !once.starts_with('\n'), "{once}");
    assert!(!once.contains("\n\n\n"), "two empty lines in\n{once}");
}

/// What may stand between two tokens; docs there are a warning at most.
fn gap() -> impl Strategy<Value = &'static str> {
    prop_oneof![
        12 => Just(" "),
        3 => Just("\n"),
        1 => prop::sample::select(vec![
            "\n\n\n", "\t\r\n", " // line  \n", "\n// own\n", "/* block */", "\n/* own */\n", " /* two */ /* three */ ",
            "/* several\n     lines  \n\n   */", "/// docs  \n", "\n/// more\n/// docs\n", "//! file\n", "\n\n//\n\n", "//// x\r\n",
        ]),
    ]
}

/// The declarations of a file, each with what stands before it.
fn declarations(text: &str) -> Vec<String> {
    let (mut all, mut depth, mut from) = (Vec::new(), 0, 0);
    for token in tokens(text) {
        match token.text {
            "{" => depth += 1,
            "}" => depth -= 1,
            _ => {}
        }
        if depth == 0 && matches!(token.text, "}" | ";") {
            all.push(text[from..token.end()].to_owned());
            from = token.end();
        }
    }
    all
}

/// Some declarations in any order, with anything between their tokens.
fn files() -> impl Strategy<Value = String> {
    let all: Vec<String> = declarations(EVERYTHING).into_iter().filter(|one| !is_head(one)).collect();
    let some = prop::collection::vec(prop::sample::select(all), 0..6);
    (some, prop::collection::vec(gap(), 1..150)).prop_map(|(some, gaps)| {
        let text = format!("package a.b; import \"c.rpc\" as c; {}", some.concat());
        // A file with more than a hundred findings is refused, and docs in the middle of something are one each.
        let docs = gaps.iter().filter(|gap| gap.contains("///") || gap.contains("//!")).count();
        let most = if docs == 0 { usize::MAX } else { gaps.len() * 50 / docs.max(1) };
        let (mut gaps, mut after_at) = (gaps.iter().cycle().take(most), false);
        let parts = pieces(&text).into_iter().flat_map(|piece| {
            let docs = piece.comments.iter().map(|comment| comment.at(0) + "\n").collect::<String>();
            let joined = piece.text == "." || std::mem::replace(&mut after_at, piece.text == "@");
            [docs, if joined { String::new() } else { gaps.next().unwrap_or(&" ").to_string() }, piece.text.to_owned()]
        });
        parts.collect::<String>()
    })
}

fn is_head(text: &str) -> bool {
    tokens(text)
        .find(|token| token.kind == TokenKind::Word)
        .is_some_and(|word| matches!(word.text, "package" | "import"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn any_valid_file(text in files()) {
        holds_for(&text);
    }

    #[test]
    fn any_text(text in "(package a;)?[a-z@{}()<>,;:=.?\"/*! \n\r\t0-9é-]{0,60}") {
        let file = SourceMap::default().add("a.rpc", String::new());
        let known = format(file, &text, &mut Diagnostics::default());
        prop_assert!(known.is_ok(), "{text}");
    }
}

#[test]
fn every_construct() {
    holds_for(EVERYTHING);
    let last_commas = EVERYTHING.replace(" }", ", }");
    if !last_commas.contains("{, }") {
        holds_for(&last_commas.replace("; , }", "; }").replace(";, }", "; }"));
    }
}

#[test]
fn long_lists_take_linear_time() {
    let fields = "/* a */ f: u8, ".repeat(5_000);
    holds_for(&format!("package a; struct S {{ {fields} }}"));
    holds_for(&format!("package a;{}", " /* a */".repeat(20_000)));
    let numbers = "7, ".repeat(5_000);
    holds_for(&format!("package a; enum E {{ A = -1, reserved {numbers} }}"));
}
