//! `rpcgen compile`

use super::report::{self, Output};
use super::{Interfaces, Outcome};
use crate::backend::rust::{Options, generate};

/// Write Rust stubs: a file for each package, and mod.rs with the tree of their modules
///
/// Files whose content stays the same are not touched.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: rpcgen compile idl/calculator.rpc --out src/stubs")]
pub(super) struct Arguments {
    #[command(flatten)]
    interfaces: Interfaces,
    #[command(flatten)]
    output: Output,
}

impl Arguments {
    pub(super) fn run(self) -> anyhow::Result<Outcome> {
        let (program, sources) = match report::read_to_generate(&self.interfaces) {
            Ok(read) => read,
            Err(outcome) => return Ok(outcome),
        };
        let options = Options { command: Some(self.command()) };
        self.output.put(&generate(&program, &sources, &options)?)
    }

    /// The command that makes the files again. A folder for the output that is absolute is somebody's own.
    fn command(&self) -> String {
        let files = self.interfaces.files.iter().map(|file| word(&file.to_string_lossy()));
        let include =
            self.interfaces.reading.include.iter().map(|folder| format!("-I {}", word(&folder.to_string_lossy())));
        let out =
            if self.output.out.is_absolute() { "DIR".to_owned() } else { word(&self.output.out.to_string_lossy()) };
        let words = ["rpcgen compile".to_owned()].into_iter().chain(files).chain(include);
        words.chain([format!("--out {out}")]).collect::<Vec<_>>().join(" ")
    }
}

/// A word as a shell takes it.
pub(super) fn word(text: &str) -> String {
    let is_plain = |char: char| char.is_alphanumeric() || "-_./:,+@%=".contains(char);
    if !text.is_empty() && text.chars().all(is_plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}
