//! `rpcgen fmt`

use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use super::{MessageFormat, Outcome, report, to_stdout};
use crate::diag::Diagnostics;
use crate::load::{self, Reader as _};
use crate::output::{Stale, replace};
use crate::source::SourceMap;
use crate::syntax::MAX_SIZE;
use crate::{DiskReader, format, interfaces};

/// What stands for standard input, and how messages call it.
const STDIN: [&str; 2] = ["-", "standard input"];

/// Bring interfaces into the one canonical layout
///
/// Only white space changes, and the comma after the last entry of a list; comments stay. Files with syntax errors are left as
/// they are.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: rpcgen fmt --check idl")]
pub(super) struct Arguments {
    /// Interfaces, or folders with .rpc files in and below them; `-` reads standard input and writes standard output
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// Write nothing: print what would change, and exit with 1 if anything would
    #[arg(long)]
    check: bool,
}

impl Arguments {
    /// All files are tried; the worst of them says how the command ends.
    pub(super) fn run(self) -> anyhow::Result<Outcome> {
        let mut run = Run { check: self.check, outcome: Outcome::Fine, stale: 0 };
        for path in &self.files {
            run.argument(path)?;
        }
        if run.stale > 0 {
            let count = report::files_are(run.stale);
            report::to_stderr(&format!(
                "error: {count} not formatted; the same command without --check formats them\n"
            ));
        }
        Ok(run.outcome)
    }
}

struct Run {
    check: bool,
    outcome: Outcome,
    /// How many files a check found.
    stale: usize,
}

impl Run {
    fn argument(&mut self, path: &Path) -> io::Result<()> {
        if path == Path::new(STDIN[0]) {
            return self.stdin();
        }
        match interfaces(path) {
            Ok(files) if files.is_empty() => self.fail(&format!("there is no .rpc file in {}", path.display())),
            Ok(files) => files.iter().try_for_each(|file| self.file(file))?,
            Err(error) => self.fail(&format!("cannot read {}: {error}", path.display())),
        }
        Ok(())
    }

    fn stdin(&mut self) -> io::Result<()> {
        let mut bytes = Vec::new();
        match io::stdin().lock().take(MAX_SIZE as u64 + 1).read_to_end(&mut bytes) {
            Ok(_) => self.text(Path::new(STDIN[1]), bytes, true),
            Err(error) => {
                self.fail(&format!("cannot read {}: {error}", STDIN[1]));
                Ok(())
            }
        }
    }

    fn file(&mut self, path: &Path) -> io::Result<()> {
        match DiskReader::default().read(path) {
            Ok(bytes) => self.text(path, bytes, false),
            Err(error) => {
                self.fail(&format!("cannot read {}: {error}", path.display()));
                Ok(())
            }
        }
    }

    fn text(&mut self, path: &Path, bytes: Vec<u8>, prints: bool) -> io::Result<()> {
        let (mut sources, mut found) = (SourceMap::default(), Diagnostics::default());
        let file = load::text(path, bytes.clone(), &mut sources, &mut found);
        let new = file.map(|file| format::format(file, &sources.file(file).text, &mut found));
        match new.transpose().map(Option::flatten) {
            Ok(Some(new)) if prints && !self.check => to_stdout(&new),
            Ok(Some(new)) => self.formatted(&Stale { path: path.to_owned(), old: Some(bytes), new }),
            Ok(None) => {
                report::to_stderr(&report::text(&found, &sources, MessageFormat::Human));
                self.end(Outcome::Bad);
                Ok(())
            }
            Err(error) => {
                self.fail(&format!("{}: {error}", path.display()));
                Ok(())
            }
        }
    }

    /// Writes a file that differs, or shows how it does.
    fn formatted(&mut self, stale: &Stale) -> io::Result<()> {
        if stale.old.as_deref() == Some(stale.new.as_bytes()) {
            return Ok(());
        }
        if self.check {
            self.stale += 1;
            self.end(Outcome::Bad);
            return to_stdout(&stale.diff());
        }
        match replace(stale) {
            Ok(()) => to_stdout(&format!("wrote {}\n", stale.path.display())),
            Err(error) => {
                self.fail(&error.to_string());
                Ok(())
            }
        }
    }

    fn fail(&mut self, message: &str) {
        report::to_stderr(&format!("error: {message}\n"));
        self.end(Outcome::Failed);
    }

    /// Notes how one file ended.
    fn end(&mut self, outcome: Outcome) {
        self.outcome = if self.outcome == Outcome::Failed { Outcome::Failed } else { outcome };
    }
}
