//! `rpcgen compile`

use super::report::{self, Output};
use super::{Elsewhere, InPlace, Interfaces, Outcome, pair};
use crate::backend::rust::{Derive, Options, Presence, generate};

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
    /// Make only this part of the stubs; the types are always there
    #[arg(long, value_enum, value_name = "PART")]
    only: Option<Part>,
    /// Make stubs that block a thread, or asynchronous ones for tokio, or, with a comma between, both
    #[arg(long, value_enum, value_delimiter = ',', value_name = "LIST", default_value = "blocking")]
    stubs: Vec<Stubs>,
    /// Derive a trait for one type, as in `demo.Point=serde::Serialize`, or for every struct, table, enum,
    /// flags and closed union, as in `serde::Serialize`. May be given several times
    #[arg(long = "derive", value_name = "[TYPE=]PATH", value_parser = derive)]
    derives: Vec<Derive>,
    #[command(flatten)]
    in_place: InPlace,
    #[command(flatten)]
    elsewhere: Elsewhere,
}

/// A part of the stubs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Part {
    /// Types and clients
    Client,
    /// Types, traits and server stubs
    Server,
    /// Types alone
    Types,
}

/// A flavour of stubs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Stubs {
    /// Calls and services that block a thread
    Blocking,
    /// Asynchronous calls and services, for tokio
    Tokio,
}

fn derive(text: &str) -> Result<Derive, String> {
    let Some((item, path)) = text.contains('=').then(|| pair(text)).transpose()? else {
        return Ok(Derive { item: None, path: text.to_owned() });
    };
    Ok(Derive { item: Some(item), path })
}

impl Arguments {
    pub(super) fn run(self) -> anyhow::Result<Outcome> {
        let options = self.options();
        let (program, sources) = match report::read_to_generate(&self.interfaces, &options) {
            Ok(read) => read,
            Err(outcome) => return Ok(outcome),
        };
        self.output.put(&generate(&program, &sources, &options)?)
    }

    fn options(&self) -> Options {
        Options {
            command: Some(self.command()),
            client: Presence::when(self.only.is_none_or(|part| part == Part::Client)),
            server: Presence::when(self.only.is_none_or(|part| part == Part::Server)),
            blocking: self.stubs.contains(&Stubs::Blocking),
            tokio: Presence::when(self.stubs.contains(&Stubs::Tokio)),
            derives: self.derives.clone(),
            views: self.in_place.methods.clone(),
            externs: self.elsewhere.packages.iter().cloned().collect(),
        }
    }

    /// The command that makes the files again. A folder for the output that is absolute is somebody's own.
    fn command(&self) -> String {
        let files = self.interfaces.files.iter().map(|file| word(&file.to_string_lossy()));
        let include =
            self.interfaces.reading.include.iter().map(|folder| format!("-I {}", word(&folder.to_string_lossy())));
        let out =
            if self.output.out.is_absolute() { "DIR".to_owned() } else { word(&self.output.out.to_string_lossy()) };
        let words = ["rpcgen compile".to_owned()].into_iter().chain(files).chain(include);
        words.chain([format!("--out {out}")]).chain(self.more()).collect::<Vec<_>>().join(" ")
    }

    /// The options that say what is made.
    fn more(&self) -> impl Iterator<Item = String> {
        let only = self.only.as_ref().map(|part| format!("--only {}", option(part)));
        let stubs = self.stubs.iter().map(option).collect::<Vec<_>>().join(",");
        let stubs = (self.stubs != [Stubs::Blocking]).then(|| format!("--stubs {stubs}"));
        let derives = self.derives.iter().map(|Derive { item, path }| {
            let item = item.as_ref().map(|item| format!("{item}=")).unwrap_or_default();
            format!("--derive {}", word(&(item + path)))
        });
        let views = self.in_place.methods.iter().map(|method| format!("--views {}", word(method)));
        let packages = self.elsewhere.packages.iter();
        let packages = packages.map(|(name, path)| format!("--extern-package {}", word(&format!("{name}={path}"))));
        only.into_iter().chain(stubs).chain(derives).chain(views).chain(packages)
    }
}

/// One of several words, as it is given.
fn option(value: &impl clap::ValueEnum) -> String {
    value.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
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
