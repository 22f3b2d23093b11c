//! What must hold for any bytes (see `fuzz/targets.rs`) holds for every interface in the tests, for the corpus of the fuzz
//! targets, for what fuzzing once found, and for good interfaces with some tokens deleted, doubled, swapped or replaced.

#[path = "../fuzz/targets.rs"]
mod targets;

use std::fs;
use std::path::PathBuf;

use proptest::prelude::*;
use proptest::sample::Index;
use rpcgen_tests::{files, project};

/// Every interface in these folders, good or bad.
fn interfaces() -> Vec<PathBuf> {
    let folders =
        ["idl", "tests/ui", "tests/golden", "tests/ui/lib", "tests/golden/lib"].map(|name| project().join(name));
    folders.iter().flat_map(|folder| files(folder, "rpc").expect("a folder of tests")).collect()
}

/// The texts of good ones.
fn good() -> Vec<String> {
    let is_good =
        |path: &PathBuf| !path.starts_with(project().join("tests/ui")) || !path.with_extension("stderr").exists();
    let texts = interfaces().into_iter().filter(is_good).map(|path| fs::read_to_string(path).expect("text"));
    texts.collect()
}

/// Words, strings, comments, white space and single characters: fine enough to damage a text with.
fn tokens(text: &str) -> Vec<String> {
    let mut tokens: Vec<String> = Vec::new();
    let mut before = None;
    for c in text.chars() {
        let kind = (c.is_alphanumeric() || c == '_', c.is_whitespace());
        match tokens.last_mut() {
            Some(last) if before == Some(kind) && kind != (false, false) => last.push(c),
            _ => tokens.push(c.to_string()),
        }
        before = Some(kind);
    }
    tokens
}

#[derive(Debug, Clone)]
enum Change {
    Delete(Index),
    Double(Index),
    Swap(Index, Index),
    Replace(Index, &'static str),
}

impl Change {
    fn apply(&self, tokens: &mut Vec<String>) {
        let length = tokens.len();
        match self {
            _ if length == 0 => {}
            Self::Delete(at) => drop(tokens.remove(at.index(length))),
            Self::Double(at) => tokens.insert(at.index(length), tokens[at.index(length)].clone()),
            Self::Swap(one, other) => tokens.swap(one.index(length), other.index(length)),
            Self::Replace(at, new) => (*new).clone_into(&mut tokens[at.index(length)]),
        }
    }
}

fn change() -> impl Strategy<Value = Change> {
    let words = [
        "closed ",
        "table ",
        "union ",
        "flags ",
        "enum ",
        "struct ",
        "error ",
        "service ",
        "stream ",
        "oneway ",
        "reserved ",
        "const ",
        "alias ",
        "import ",
        "package ",
        "as ",
        "throws ",
        "list",
        "map",
        "array",
        "string",
        "u8",
        "bool",
        "f64",
        "duration",
        "@",
        "@1",
        "@deprecated(\"x\") ",
        "@id(1) ",
        "@wire(\"x\") ",
        "@deadline(1s) ",
        "?",
        "[]",
        "{",
        "}",
        "(",
        ")",
        "<",
        ">",
        ",",
        ";",
        ":",
        "=",
        "->",
        "..",
        "-",
        "|",
        "0",
        "1",
        "8191",
        "8192",
        "4294967296",
        "1.5",
        "250ms",
        "true",
        "\"x\"",
        "\"",
        "/*",
        "///x\n",
        "//!x\n",
        "é",
    ];
    prop_oneof![
        any::<Index>().prop_map(Change::Delete),
        any::<Index>().prop_map(Change::Double),
        any::<(Index, Index)>().prop_map(|(one, other)| Change::Swap(one, other)),
        (any::<Index>(), prop::sample::select(words.to_vec())).prop_map(|(at, word)| Change::Replace(at, word)),
    ]
}

fn mutated(changes: std::ops::Range<usize>) -> impl Strategy<Value = String> {
    (prop::sample::select(good()), prop::collection::vec(change(), changes)).prop_map(|(text, changes)| {
        let mut tokens = tokens(&text);
        for change in &changes {
            change.apply(&mut tokens);
        }
        tokens.concat()
    })
}

/// Compiling checks, too.
fn all(bytes: &[u8]) {
    targets::parse(bytes);
    targets::compile(bytes);
    targets::format(bytes);
}

#[test]
fn every_interface_of_the_tests() {
    for path in interfaces() {
        let bytes = fs::read(&path).expect("a file");
        all(&bytes);
    }
}

/// Each is small, and together they reach what fuzzing ever reached.
#[test]
fn the_corpus() {
    let entries = fs::read_dir(project().join("fuzz/corpus/interfaces")).expect("the corpus");
    let tried = entries.map(|entry| all(&fs::read(entry.expect("an entry").path()).expect("a file"))).count();
    assert!(tried > 0, "an empty corpus");
}

#[test]
fn what_fuzzing_once_found() {
    for entry in fs::read_dir(project().join("fuzz/regressions")).expect("the regressions") {
        let bytes = fs::read(entry.expect("an entry").path()).expect("a file");
        all(&bytes);
    }
}

proptest! {
    #[test]
    fn one_change(text in mutated(1..2)) {
        all(text.as_bytes());
    }

    #[test]
    fn some_changes(text in mutated(2..8)) {
        targets::parse(text.as_bytes());
        targets::check(text.as_bytes());
        targets::format(text.as_bytes());
    }
}
