//! `rpcgen man`

use clap::CommandFactory as _;
use clap_mangen::Man;

use super::report::Output;
use super::{Cli, Outcome};
use crate::backend::Files;

/// Write manual pages: rpcgen.1, and one for each command
///
/// Files whose content stays the same are not touched.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: rpcgen man --out ~/.local/share/man/man1")]
pub(super) struct Arguments {
    #[command(flatten)]
    output: Output,
}

impl Arguments {
    pub(super) fn run(&self) -> anyhow::Result<Outcome> {
        self.output.put(&pages()?)
    }
}

fn pages() -> anyhow::Result<Files> {
    let mut whole = Cli::command().disable_help_subcommand(true);
    whole.build();
    let parts: Vec<_> = whole.get_subcommands().cloned().collect();
    parts.into_iter().chain([whole]).map(page).collect()
}

fn page(command: clap::Command) -> anyhow::Result<(String, String)> {
    let page = Man::new(command).source(concat!("rpcgen ", env!("CARGO_PKG_VERSION")));
    let mut text = Vec::new();
    page.render(&mut text)?;
    Ok((page.get_filename(), String::from_utf8(text)?))
}
