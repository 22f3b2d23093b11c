//! `rpcgen check`

use super::{Interfaces, Outcome, report};

/// Read interfaces and report what is wrong with them; write nothing
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: rpcgen check idl/*.rpc --message-format json")]
pub(super) struct Arguments {
    #[command(flatten)]
    interfaces: Interfaces,
}

impl Arguments {
    pub(super) fn run(&self) -> Outcome {
        report::read(&self.interfaces).map_or_else(|outcome| outcome, |_| Outcome::Fine)
    }
}
