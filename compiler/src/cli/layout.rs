//! `rpcgen layout`

use std::path::PathBuf;

use super::{Interfaces, Outcome, Reading, report, to_stdout};
use crate::backend::layout;

/// Show where each byte of the packed types goes, and the numbers of methods
///
/// For each type of a fixed size its format for Python's struct module; for each struct, table, union, error and method
/// its fields with offset or ordinal and size; for each method its number, its shape and the text that the shape is made from.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: rpcgen layout idl/calculator.rpc Calculator")]
pub(super) struct Arguments {
    /// The interface
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Only this declaration of it
    #[arg(value_name = "TYPE")]
    item: Option<String>,
    #[command(flatten)]
    reading: Reading,
}

impl Arguments {
    pub(super) fn run(self) -> anyhow::Result<Outcome> {
        let interfaces = Interfaces { files: vec![self.file], reading: self.reading };
        let (program, _) = match report::read(&interfaces) {
            Ok(read) => read,
            Err(outcome) => return Ok(outcome),
        };
        match layout::describe(&program, self.item.as_deref()) {
            Ok(text) => to_stdout(&text).map(|()| Outcome::Fine).map_err(Into::into),
            Err(error) => {
                report::to_stderr(&format!("error: {error}\n"));
                Ok(Outcome::Failed)
            }
        }
    }
}
