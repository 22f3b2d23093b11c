//! `rpcgen completions`

use clap::CommandFactory as _;
use clap_complete::{Shell, generate};

use super::{Cli, Outcome, to_stdout};

/// Print a script that lets a shell complete this command
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: rpcgen completions bash > ~/.local/share/bash-completion/completions/rpcgen")]
pub(super) struct Arguments {
    /// The shell
    shell: Shell,
}

impl Arguments {
    pub(super) fn run(&self) -> anyhow::Result<Outcome> {
        // Written to memory first, as a reader that has had enough makes this function panic.
        let mut script = Vec::new();
        generate(self.shell, &mut Cli::command(), "rpcgen", &mut script);
        to_stdout(&String::from_utf8(script)?)?;
        Ok(Outcome::Fine)
    }
}
