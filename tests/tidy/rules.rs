//! Each rule and each limit of `docs/wire.md` is named by a test: in its documentation (`/// R13, L6: …` before `#[test]`),
//! at the beginning of its name (`fn r13_…`), or of the name of its file in `tests/conversations/`.

use std::collections::BTreeSet;
use std::fs;

use anyhow::{Context as _, Result, ensure};
use rpcgen_tests::project;

use super::{below, none};

/// Where tests are.
const TESTS: [&str; 4] = ["compiler/src", "runtime/src", "runtime/tests", "tests"];

/// `R13` or `L6`, however it is written: `r13`, `l06`.
fn name(word: &str) -> Option<String> {
    let (letter, number) = word.split_at_checked(1)?;
    let kind = letter.to_uppercase();
    let number: u8 = number.parse().ok().filter(|_| ["R", "L"].contains(&kind.as_str()))?;
    Some(format!("{kind}{number}"))
}

/// The rules and limits of the page.
fn in_the_page() -> Result<BTreeSet<String>> {
    let page = fs::read_to_string(project().join("docs/wire.md"))?;
    let words = page.lines().filter_map(|line| {
        let rule = line.strip_prefix("**").and_then(|rest| rest.split_once(".**"));
        let limit = line.strip_prefix("| ").and_then(|rest| rest.split_once(" |"));
        rule.or(limit).map(|(word, _)| word)
    });
    Ok(words.filter_map(name).collect())
}

/// The names that a text begins with, up to `end`, with `between` between them.
fn leading(text: &str, between: &str, end: &str) -> Vec<String> {
    let Some((words, _)) = text.split_once(end) else { return Vec::new() };
    words.split(between).map_while(|word| name(word.trim())).collect()
}

/// What the tests of a Rust file name.
fn in_rust(text: &str) -> Vec<String> {
    let (mut names, mut documented, mut is_test) = (Vec::new(), Vec::new(), false);
    for line in text.lines().map(str::trim) {
        if let Some(doc) = line.strip_prefix("/// ") {
            documented.extend(leading(doc, ",", ":"));
        } else if line == "#[test]" {
            is_test = true;
        } else if !line.starts_with("#[") {
            if let Some(function) = line.strip_prefix("fn ").filter(|_| is_test) {
                names.append(&mut documented);
                names.extend(function.split('_').map_while(name));
            }
            documented.clear();
            is_test = false;
        }
    }
    names
}

fn in_tests() -> Result<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    for path in TESTS.iter().map(|folder| below(&project().join(folder))).collect::<Result<Vec<_>>>()?.concat() {
        let stem = path.file_stem().context("a file has a name")?.to_string_lossy();
        match path.extension().and_then(|kind| kind.to_str()) {
            Some("rs") => names.extend(in_rust(&fs::read_to_string(&path)?)),
            Some("txt") if path.parent().is_some_and(|folder| folder.ends_with("conversations")) => {
                names.extend(stem.split('-').map_while(name));
            }
            _ => {}
        }
    }
    Ok(names)
}

#[test]
fn each_rule_and_each_limit_is_named_by_a_test() -> Result<()> {
    let (all, named) = (in_the_page()?, in_tests()?);
    ensure!(all.len() > 60, "the page has only {all:?}");
    let missing = all.difference(&named).map(|name| format!("no test names {name} of docs/wire.md"));
    let unknown = named.difference(&all).map(|name| format!("a test names {name}, which docs/wire.md does not have"));
    none(&missing.chain(unknown).collect::<Vec<_>>())
}

#[test]
fn names_of_rules_are_found_where_they_count() {
    assert_eq!(in_rust("/// R13, L6: so it is.\n#[test]\nfn a_thing() {}"), ["R13", "L6"]);
    assert_eq!(in_rust("/// As R13 says: so it is.\n#[test]\nfn r7_l08_a_thing() {}"), ["R7", "L8"]);
    assert!(in_rust("/// R13: no test.\nfn r7_a_thing() {}").is_empty());
    assert_eq!(name("r07"), Some("R7".to_owned()));
    assert_eq!((name("r"), name("ä1"), name("x1"), name("R300")), (None, None, None, None));
}
