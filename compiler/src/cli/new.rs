//! `rpcgen new`

use std::path::{Path, PathBuf};

use anyhow::Context as _;

use super::compile::word;
use super::{Outcome, to_stdout};
use crate::backend::rust::project::{ProjectName, ProjectOptions, generate};
use crate::disk::around;
use crate::output;

/// Make a project to begin with: an interface, build.rs, a server, a client and tests
///
/// It builds, runs and passes its tests as it is. The folder must be empty, or not be there yet.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: rpcgen new demo && cd demo && cargo test")]
pub(super) struct Arguments {
    /// The project's name: that of its crate and, with `_` for `-`, of the interface's package
    #[arg(value_name = "NAME", value_parser = ProjectName::new)]
    name: ProjectName,
    /// The folder to make it in [default: the name]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Use the crates of a checkout of rpcgen in this folder [default: that which this command was built in and lies in; else
    /// the published crates]
    #[arg(long, value_name = "DIR")]
    path: Option<PathBuf>,
}

impl Arguments {
    pub(super) fn run(self) -> anyhow::Result<Outcome> {
        let folder = self.out.unwrap_or_else(|| self.name.krate().into());
        let checkout = match &self.path {
            Some(path) => Some(sources(path)?),
            None => around::own_checkout(),
        };
        let options = ProjectOptions { checkout, is_in_workspace: around::is_in_workspace(&folder) };
        let written = output::create(&folder, &generate(&self.name, &options))?;
        let lines = written.iter().map(|path| format!("wrote {}\n", path.display()));
        let next = format!("\nNext: cd {} && cargo test\n", word(&folder.to_string_lossy()));
        to_stdout(&lines.chain([next]).collect::<String>())?;
        Ok(Outcome::Fine)
    }
}

fn sources(path: &Path) -> anyhow::Result<PathBuf> {
    around::checkout(path).with_context(|| {
        let path = path.display();
        format!("`{path}` is no checkout of rpcgen: there are no crates `rpcgen` and `rpcgen-runtime` in its folders `compiler` and `runtime`")
    })
}
