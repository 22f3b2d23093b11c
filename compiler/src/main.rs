//! The `rpcgen` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    rpcgen::cli::run(std::env::args_os())
}
