//! What is said about a change. A case is a folder `breaking/RULE` with `old.rpc` and `new.rpc`; what is found, on all levels, stands in
//! `found.stderr` (no such file: nothing is found). `exchange.rs` holds these verdicts against what programs of the two versions do.

use std::path::Path;
use std::{fs, io};

use anyhow::{Result, ensure};
use libtest_mimic::{Arguments, Failed, Trial};
use rpcgen::diag::render::{Colours, render};
use rpcgen::load::Reader;
use rpcgen::{Input, compare};
use rpcgen_tests::{expect, folder};

fn main() -> Result<()> {
    let mut rules = Vec::new();
    for entry in fs::read_dir(folder().join("breaking"))? {
        rules.push(entry?.file_name().to_string_lossy().into_owned());
    }
    rules.sort();
    let trials = rules
        .into_iter()
        .map(|rule| Trial::test(rule.clone(), move || run(&rule).map_err(|error| Failed::from(format!("{error:#}")))));
    libtest_mimic::run(&Arguments::from_args(), trials.collect()).exit()
}

fn run(rule: &str) -> Result<()> {
    let input = |version: &str| Input { roots: vec![format!("{rule}/{version}.rpc").into()], ..Input::default() };
    let compared = compare(&input("old"), &input("new"), &Pairs);
    let text = render(&compared.diagnostics, &compared.sources, Colours::Off);
    ensure!(compared.is_valid, "{text}");
    expect(&folder().join("breaking").join(rule).join("found.stderr"), &text)
}

/// The folder of the pairs, so that messages hold no path of this machine.
struct Pairs;

impl Reader for Pairs {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        fs::read(folder().join("breaking").join(path))
    }
}
