//! What is said about a change. A case is a folder `breaking/RULE` with `old.rpc` and `new.rpc`; what is found, on all levels, stands in
//! `found.stderr` (no such file: nothing is found). `exchange.rs` holds these verdicts against what programs of the two versions do.

use std::path::Path;
use std::{fs, io};

use anyhow::{Result, ensure};
use libtest_mimic::Arguments;
use rpcgen::breaking::Level;
use rpcgen::diag::Code;
use rpcgen::diag::render::{Colours, render};
use rpcgen::load::{MemoryReader, Reader};
use rpcgen::{DiskReader, Input, compare};
use rpcgen_tests::{expect, files, folder, project, trial};

fn main() -> Result<()> {
    let mut rules = Vec::new();
    for entry in fs::read_dir(folder().join("breaking"))? {
        rules.push(entry?.file_name().to_string_lossy().into_owned());
    }
    rules.sort();
    let names = rules.clone();
    let page = trial("the_page_has_every_rule", move || the_page_has_every_rule(&names));
    let same = trial("no_change_breaks_nothing", no_change_breaks_nothing);
    let chains = trial("chains_may_be_long", chains_may_be_long);
    let trials = rules.into_iter().map(|rule| trial(rule.clone(), move || run(&rule)));
    libtest_mimic::run(&Arguments::from_args(), trials.chain([page, same, chains]).collect()).exit()
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

/// Whatever an interface holds, it is compatible with itself.
fn no_change_breaks_nothing() -> Result<()> {
    let interfaces = files(&folder().join("golden"), "rpc")?;
    ensure!(!interfaces.is_empty());
    for path in interfaces {
        let input = Input { roots: vec![path.clone()], include: vec![folder().join("golden")] };
        let compared = compare(&input, &input, &DiskReader::default());
        ensure!(compared.is_valid && compared.diagnostics.is_empty(), "{}: {compared:?}", path.display());
    }
    Ok(())
}

/// A chain of declarations, each in the one before, of which only the last changes. All have other names, and are found by where
/// they stand.
fn chains_may_be_long() -> Result<()> {
    let chain = |prefix: &str, last: &str| {
        let links = (0..LINKS).map(|at| format!("table {prefix}{at} {{ next @1: {prefix}{}? }}\n", at + 1));
        let links = links.skip(1).collect::<String>();
        let start = format!("package demo;\ntable Start {{ next @1: {prefix}1? }}\nservice S {{ a(it: Start); }}\n");
        start + &links + &format!("table {prefix}{LINKS} {{ a @1: {last} }}\n")
    };
    let reader = MemoryReader::default().with("old.rpc", chain("Old", "u8")).with("new.rpc", chain("New", "u16"));
    let input = |root: &str| Input { roots: vec![root.into()], ..Input::default() };
    let compared = compare(&input("old.rpc"), &input("new.rpc"), &reader);
    let wire: Vec<_> = compared.diagnostics.iter().filter(|found| Level::of(found.code) == Some(Level::Wire)).collect();
    ensure!(compared.is_valid && wire.len() == 1 && wire[0].code == Code::TypeChanged, "{wire:?}");
    Ok(())
}

/// How long a chain is: a walk that called itself would need more stack than there is.
const LINKS: usize = 10_000;

/// The folder of the pairs, so that messages hold no path of this machine.
struct Pairs;

impl Reader for Pairs {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        fs::read(folder().join("breaking").join(path))
    }
}
