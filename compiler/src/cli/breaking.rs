//! `rpcgen breaking`

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::ValueEnum;

use super::{MessageFormat, Outcome, Reading, report};
use crate::breaking::Level;
use crate::diag::Diagnostics;
use crate::{Compared, DiskReader, Input, compare, interfaces};

/// Compare two versions of an interface, and say what the change breaks and for whom
///
/// Exits with 1 if anything is found on the chosen level or a worse one, or if a version has errors. What is found on lower
/// levels is only counted.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: rpcgen breaking released/idl idl --level order")]
pub(super) struct Arguments {
    /// The old version: a file, or a folder with all .rpc files in and below it
    #[arg(value_name = "OLD")]
    old: PathBuf,
    /// The new version
    #[arg(value_name = "NEW")]
    new: PathBuf,
    /// The least bad thing to look for
    #[arg(long, value_enum, value_name = "LEVEL", default_value = "wire")]
    level: Chosen,
    #[command(flatten)]
    reading: Reading,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Chosen {
    /// Programs of the two versions cannot talk, or misread one another
    Wire,
    /// The same, and changes that must be rolled out in the right order
    Order,
    /// The same, and changes that break code written against the stubs
    Source,
}

impl Chosen {
    fn level(self) -> Level {
        match self {
            Self::Wire => Level::Wire,
            Self::Order => Level::Order,
            Self::Source => Level::Source,
        }
    }
}

impl Arguments {
    pub(super) fn run(self) -> anyhow::Result<Outcome> {
        let (old, new) = (self.input(&self.old)?, self.input(&self.new)?);
        let Compared { sources, diagnostics, is_valid } = compare(&old, &new, &DiskReader::default());
        let (shown, hidden) = split(diagnostics, self.level.level());
        let summary = match self.reading.message_format {
            MessageFormat::Human if is_valid => summary(&shown, &hidden),
            _ => String::new(),
        };
        report::to_stderr(&(report::text(&shown, &sources, self.reading.message_format) + &summary));
        Ok(if shown.has_errors() { Outcome::Bad } else { Outcome::Fine })
    }

    /// In a folder imports are also looked for from the folder itself.
    fn input(&self, path: &Path) -> anyhow::Result<Input> {
        let roots = interfaces(path).with_context(|| format!("cannot read {}", path.display()))?;
        anyhow::ensure!(!roots.is_empty(), "there is no .rpc file in {}", path.display());
        let folder = path.is_dir().then(|| path.to_owned());
        Ok(Input { roots, include: folder.into_iter().chain(self.reading.include.clone()).collect() })
    }
}

/// What is on the level or a worse one, or is about no change, and the rest.
fn split(all: Diagnostics, level: Level) -> (Diagnostics, Diagnostics) {
    let (mut shown, mut hidden) = (Diagnostics::default(), Diagnostics::default());
    for found in all {
        let is_shown = Level::of(found.code).is_none_or(|of| of <= level);
        if is_shown { shown.push(found) } else { hidden.push(found) }
    }
    (shown, hidden)
}

/// How much there is on each level.
fn summary(shown: &Diagnostics, hidden: &Diagnostics) -> String {
    let count = |all: &Diagnostics, level| all.iter().filter(|found| Level::of(found.code) == Some(level)).count();
    let list = |all| {
        let counts = Level::ALL.map(|level| (count(all, level), word(level)));
        let counts = counts.into_iter().filter(|(count, _)| *count > 0);
        counts.map(|(count, word)| format!("{count} {word}")).collect::<Vec<_>>().join(", ")
    };
    let found = if shown.is_empty() { "nothing".to_owned() } else { list(shown) };
    let more = if hidden.is_empty() { String::new() } else { format!("; not shown: {}", list(hidden)) };
    format!("Breaking: {found}{more}\n")
}

fn word(level: Level) -> &'static str {
    match level {
        Level::Wire => "on the wire",
        Level::Order => "by order of roll-out (--level order)",
        Level::Source => "in source code (--level source)",
    }
}
