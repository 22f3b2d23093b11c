//! `rpcgen crate`

use semver::{Version, VersionReq};

use super::report::{self, Output};
use super::{Elsewhere, InPlace, Interfaces, Outcome, pair};
use crate::backend::rust::stub_crate::{CrateOptions, Dependency, Source, generate};

/// Write a crate of Rust stubs that can be published: Cargo.toml, README.md and src
///
/// Files whose content stays the same are not touched.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: rpcgen crate idl/calculator.rpc --out calculator-stubs --version 1.2.0")]
pub(super) struct Arguments {
    #[command(flatten)]
    interfaces: Interfaces,
    #[command(flatten)]
    output: Output,
    /// The crate's name [default: the last part of the first interface's package, and -stubs]
    #[arg(long, value_name = "NAME", value_parser = name)]
    name: Option<String>,
    /// The crate's version
    #[arg(long, value_name = "VERSION", default_value = "0.1.0", value_parser = version)]
    version: Version,
    /// The crate's licence, an SPDX expression; crates.io takes no crate without one
    #[arg(long, value_name = "LICENCE")]
    license: Option<String>,
    /// Where the runtime's sources are, as seen from the crate; without it, the published runtime is used
    #[arg(long, value_name = "PATH")]
    runtime_path: Option<String>,
    /// Leave out the feature `tokio`, which adds asynchronous stubs and is off by default
    #[arg(long)]
    no_tokio: bool,
    #[command(flatten)]
    in_place: InPlace,
    #[command(flatten)]
    elsewhere: Elsewhere,
    /// A crate that `--extern-package` leads to: a version, or a folder as seen from the crate, which begins with `.` or `/`.
    /// May be given several times, as in `money-stubs=../money-stubs`
    #[arg(long = "dependency", value_name = "NAME=VERSION", value_parser = dependency)]
    dependencies: Vec<Dependency>,
}

impl Arguments {
    pub(super) fn run(self) -> anyhow::Result<Outcome> {
        let options = CrateOptions {
            name: self.name,
            version: self.version.to_string(),
            license: self.license,
            runtime_path: self.runtime_path,
            no_tokio: self.no_tokio,
            views: self.in_place.methods,
            externs: self.elsewhere.packages.into_iter().collect(),
            dependencies: self.dependencies,
        };
        let (program, sources) = match report::read_to_generate(&self.interfaces, &options.stubs()) {
            Ok(read) => read,
            Err(outcome) => return Ok(outcome),
        };
        self.output.put(&generate(&program, &sources, &options)?)
    }
}

fn name(text: &str) -> Result<String, String> {
    let begins = text.starts_with(|char: char| char.is_ascii_alphabetic());
    let rest = text.chars().all(|char| char.is_ascii_alphanumeric() || matches!(char, '-' | '_'));
    let fits = begins && rest && text.len() <= 64;
    fits.then(|| text.to_owned())
        .ok_or_else(|| "a name is at most 64 letters, digits, `-` and `_`, a letter first".to_owned())
}

fn dependency(text: &str) -> Result<Dependency, String> {
    let (krate, source) = pair(text)?;
    let source =
        if source.starts_with(['.', '/']) { Source::Path(source) } else { Source::Version(requirement(source)?) };
    Ok(Dependency { name: name(&krate)?, source })
}

fn requirement(text: String) -> Result<String, String> {
    match VersionReq::parse(&text) {
        Ok(_) => Ok(text),
        Err(error) => {
            Err(format!("{error}; a dependency is a version, as in 1.2, or a folder, which begins with `.` or `/`"))
        }
    }
}

fn version(text: &str) -> Result<Version, String> {
    Version::parse(text).map_err(|error| format!("{error}; a version is three numbers, as in 1.2.0 or 1.2.0-rc.1"))
}
