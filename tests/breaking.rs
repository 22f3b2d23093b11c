//! What is said about a change. A case is a folder `breaking/RULE` with `old.rpc` and `new.rpc`; what is found, on all levels, stands in
//! `found.stderr` (no such file: nothing is found). `exchange.rs` holds these verdicts against what programs of the two versions do.

use std::path::Path;
use std::{fs, io};

use anyhow::{Result, ensure};
use libtest_mimic::{Arguments, Failed, Trial};
use rpcgen::breaking::Level;
use rpcgen::diag::Code;
use rpcgen::diag::render::{Colours, render};
use rpcgen::load::Reader;
use rpcgen::{Input, compare};
use rpcgen_tests::{expect, folder, project};

fn main() -> Result<()> {
    let mut rules = Vec::new();
    for entry in fs::read_dir(folder().join("breaking"))? {
        rules.push(entry?.file_name().to_string_lossy().into_owned());
    }
    rules.sort();
    let names = rules.clone();
    let page = Trial::test("the_page_has_every_rule", move || Ok(the_page_has_every_rule(&names)?));
    let trials = rules
        .into_iter()
        .map(|rule| Trial::test(rule.clone(), move || run(&rule).map_err(|error| Failed::from(format!("{error:#}")))));
    libtest_mimic::run(&Arguments::from_args(), trials.chain([page]).collect()).exit()
}

fn run(rule: &str) -> Result<()> {
    let input = |version: &str| Input { roots: vec![format!("{rule}/{version}.rpc").into()], ..Input::default() };
    let compared = compare(&input("old"), &input("new"), &Pairs);
    let text = render(&compared.diagnostics, &compared.sources, Colours::Off);
    ensure!(compared.is_valid, "{text}");
    expect(&folder().join("breaking").join(rule).join("found.stderr"), &text)
}

/// Each code of a change has a row, and each pair of files is named.
fn the_page_has_every_rule(rules: &[String]) -> Result<()> {
    let page = fs::read_to_string(project().join("docs/breaking.md"))?;
    for code in Code::ALL.iter().filter(|code| Level::of(**code).is_some()) {
        let row = format!("| `{}` | {} |", code.name(), code.summary());
        ensure!(page.contains(&row), "docs/breaking.md lacks {row}");
    }
    for rule in rules.iter().filter(|rule| *rule != "one_struct_many_users") {
        ensure!(page.contains(&format!("`{rule}`")), "docs/breaking.md lacks `{rule}`");
    }
    Ok(())
}

/// The folder of the pairs, so that messages hold no path of this machine.
struct Pairs;

impl Reader for Pairs {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        fs::read(folder().join("breaking").join(path))
    }
}
