//! The `rpcgen` command: one file a subcommand.
//!
//! Results go to standard output, findings and mistakes to standard error. The exit code is 0 when all is well, 1 when the
//! input has errors, `--check` finds stale files or `breaking` finds a change that breaks, 2 when the command is used wrongly or the system fails.

mod breaking;
mod check;
mod compile;
mod completions;
mod explain;
mod fmt;
mod layout;
mod man;
mod new;
mod report;
mod stub_crate;

use std::ffi::OsString;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::Input;

/// Compiles interfaces, written in .rpc files, to Rust stubs.
#[derive(Debug, Parser)]
#[command(name = "rpcgen", version, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Compile(compile::Arguments),
    Check(check::Arguments),
    Fmt(fmt::Arguments),
    Breaking(breaking::Arguments),
    Crate(stub_crate::Arguments),
    New(new::Arguments),
    Layout(layout::Arguments),
    Explain(explain::Arguments),
    Completions(completions::Arguments),
    Man(man::Arguments),
}

/// What all commands that read interfaces take.
#[derive(Debug, Args)]
struct Interfaces {
    /// Interfaces to read; what they import is read too
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    #[command(flatten)]
    reading: Reading,
}

/// How interfaces are read, and how findings about them are shown.
#[derive(Debug, Args)]
struct Reading {
    /// A folder where imports are looked for, after the folder of the importing file; may be given several times
    #[arg(short = 'I', long = "include", value_name = "DIR")]
    include: Vec<PathBuf>,
    /// How findings are shown on standard error
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "human")]
    message_format: MessageFormat,
}

/// Packages whose code is not made.
#[derive(Debug, Args)]
struct Elsewhere {
    /// The code of an imported package is elsewhere: make none, and use what is at this path. May be given several times, as
    /// in `shop.money=::money_stubs::shop::money`
    #[arg(long = "extern-package", value_name = "PACKAGE=PATH", value_parser = pair)]
    packages: Vec<(String, String)>,
}

/// What is read in place.
#[derive(Debug, Args)]
struct InPlace {
    /// Read the arguments and results of a method in place, as in `shop.orders.Orders.place`; a service or a package stands
    /// for all of its methods. May be given several times
    #[arg(long = "views", value_name = "METHOD")]
    methods: Vec<String>,
}

/// What stands before and after the first `=`.
fn pair(text: &str) -> Result<(String, String), String> {
    let parts = text.split_once('=').filter(|(name, value)| !name.is_empty() && !value.is_empty());
    let (name, value) = parts.ok_or("two parts with `=` between them are needed")?;
    Ok((name.to_owned(), value.to_owned()))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum MessageFormat {
    /// Lines of the file, with the place underlined
    Human,
    /// One JSON object a line
    Json,
}

impl Interfaces {
    fn input(&self) -> Input {
        Input { roots: self.files.clone(), include: self.reading.include.clone() }
    }
}

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// All is well.
    Fine,
    /// The input has errors, or files are stale.
    Bad,
    /// The command was used wrongly, or the system failed; that was said.
    Failed,
}

/// Runs the command with these arguments, the first of which is its own name.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            // Whoever closed the other end does not want to hear it.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    match cli.command.run() {
        Ok(Outcome::Fine) => ExitCode::SUCCESS,
        Ok(Outcome::Bad) => ExitCode::from(1),
        Ok(Outcome::Failed) => ExitCode::from(2),
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            report::to_stderr(&format!("error: {error:#}\n"));
            ExitCode::from(2)
        }
    }
}

/// Whether whoever read our output has had enough of it.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

impl Command {
    fn run(self) -> anyhow::Result<Outcome> {
        match self {
            Self::Compile(arguments) => arguments.run(),
            Self::Check(arguments) => Ok(arguments.run()),
            Self::Fmt(arguments) => arguments.run(),
            Self::Breaking(arguments) => arguments.run(),
            Self::Crate(arguments) => arguments.run(),
            Self::New(arguments) => arguments.run(),
            Self::Layout(arguments) => arguments.run(),
            Self::Explain(arguments) => arguments.run(),
            Self::Completions(arguments) => arguments.run(),
            Self::Man(arguments) => arguments.run(),
        }
    }
}

/// Prints a result.
fn to_stdout(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}
