//! What people and programs hear about an interface.

use std::collections::BTreeSet;
use std::io::{self, IsTerminal as _, Write as _};

use super::{Interfaces, MessageFormat, Outcome, Reading, to_stdout};
use crate::backend::Files;
use crate::backend::rust::Options;
use crate::diag::Diagnostics;
use crate::diag::json::json;
use crate::diag::render::{Colours, render};
use crate::ir::Program;
use crate::output::{self, Stale};
use crate::source::SourceMap;
use crate::{Checked, DiskReader, check, check_to_generate};

/// Reads and checks the interfaces, and shows what was found; the program, or how the command ends.
pub(super) fn read(interfaces: &Interfaces) -> Result<(Program, SourceMap), Outcome> {
    shown(interfaces, check(&interfaces.input(), &DiskReader::default()))
}

/// As [`read`], and shows what stands in the way of such stubs.
pub(super) fn read_to_generate(interfaces: &Interfaces, options: &Options) -> Result<(Program, SourceMap), Outcome> {
    shown(interfaces, check_to_generate(&interfaces.input(), &DiskReader::default(), options))
}

fn shown(interfaces: &Interfaces, checked: Checked) -> Result<(Program, SourceMap), Outcome> {
    show(&checked, &interfaces.reading);
    checked.program.map(|program| (program, checked.sources)).ok_or(Outcome::Bad)
}

fn show(checked: &Checked, reading: &Reading) {
    to_stderr(&text(&checked.diagnostics, &checked.sources, reading.message_format));
}

/// Findings as they are shown.
pub(super) fn text(diagnostics: &Diagnostics, sources: &SourceMap, format: MessageFormat) -> String {
    match format {
        MessageFormat::Human => render(diagnostics, sources, colours()) + &more(diagnostics),
        MessageFormat::Json => json(diagnostics, sources),
    }
}

/// The command that explains what was found, once a run.
fn more(diagnostics: &Diagnostics) -> String {
    let codes: BTreeSet<&str> = diagnostics.iter().map(|found| found.code.name()).collect();
    let codes: Vec<&str> = codes.into_iter().collect();
    if codes.is_empty() { String::new() } else { format!("For more: rpcgen explain {}\n", codes.join(" ")) }
}

/// Colours are for terminals, unless `NO_COLOR` is set.
fn colours() -> Colours {
    let unwanted = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let dumb = std::env::var_os("TERM").is_some_and(|terminal| terminal == "dumb");
    if io::stderr().is_terminal() && !unwanted && !dumb { Colours::On } else { Colours::Off }
}

/// Says something that is no result.
pub(super) fn to_stderr(text: &str) {
    // There is nowhere left to complain to.
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

/// Where generated files go, and whether they are only compared.
#[derive(Debug, clap::Args)]
pub(super) struct Output {
    /// The folder to write to; it is created where needed
    #[arg(long, value_name = "DIR")]
    pub(super) out: std::path::PathBuf,
    /// Write nothing: print what would change, and exit with 1 if anything would
    #[arg(long)]
    check: bool,
}

impl Output {
    /// Writes the files that differ and names them, or shows how they differ.
    pub(super) fn put(&self, files: &Files) -> anyhow::Result<Outcome> {
        to_stderr(&self.orphans(files));
        if self.check {
            return compare(&output::stale(&self.out, files)?);
        }
        let written = output::write(&self.out, files)?;
        let lines = written.iter().map(|path| format!("wrote {}\n", path.display()));
        to_stdout(&lines.collect::<String>())?;
        Ok(Outcome::Fine)
    }

    /// What is said of files that an earlier run made, and this one does not.
    fn orphans(&self, files: &Files) -> String {
        let orphan = |path: &std::path::PathBuf| {
            let path = path.display();
            format!(
                "note: {path} is of another run, and in no module now; name all interfaces in one command, or remove it\n"
            )
        };
        output::orphans(&self.out, files).iter().map(orphan).collect()
    }
}

fn compare(stale: &[Stale]) -> anyhow::Result<Outcome> {
    if stale.is_empty() {
        return Ok(Outcome::Fine);
    }
    to_stdout(&stale.iter().map(Stale::diff).collect::<String>())?;
    let count = files_are(stale.len());
    to_stderr(&format!("error: {count} stale; the same command without --check renews them\n"));
    Ok(Outcome::Bad)
}

/// "1 file is", "2 files are".
pub(super) fn files_are(count: usize) -> String {
    if count == 1 { "1 file is".to_owned() } else { format!("{count} files are") }
}
