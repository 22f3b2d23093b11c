//! A folder with a few interfaces, and the command run in it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use anyhow::{Context as _, Result, ensure};
use tempfile::TempDir;

pub(crate) const GOOD: &str = "//! Docs.\npackage demo.good;\n\n/// A point.\nstruct Point { x: f64, y: f64 }\n\nservice Calls { call(a: u8) -> u8; }\n";
const BAD: &str = "package demo.bad;\n\nstruct Point { x: f65 }\n";

/// A folder of its own, and the command in it.
pub(crate) struct Scene {
    folder: TempDir,
}

impl Scene {
    pub(crate) fn new() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        fs::write(folder.path().join("good.rpc"), GOOD)?;
        fs::write(folder.path().join("bad.rpc"), BAD)?;
        fs::create_dir(folder.path().join("folder"))?;
        Ok(Self { folder })
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn command(&self, line: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rpcgen"));
        command.args(line.split_whitespace()).current_dir(self.folder.path());
        command
    }

    fn run(&self, line: &str) -> Result<Run> {
        Run::new(&self.command(line).output()?)
    }

    /// Runs a command that must end with this code.
    pub(crate) fn expect(&self, code: i32, line: &str) -> Result<Run> {
        let run = self.run(line)?;
        ensure!(run.code == code, "`rpcgen {line}` ended with {run:?}");
        Ok(run)
    }
}

#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Run {
    pub(crate) fn new(output: &Output) -> Result<Self> {
        Ok(Self {
            code: output.status.code().context("killed")?,
            out: String::from_utf8(output.stdout.clone())?,
            err: String::from_utf8(output.stderr.clone())?,
        })
    }
}

/// Every file below a folder, hidden ones too.
pub(crate) fn files_below(folder: &Path) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let inner = if path.is_dir() { files_below(&path)? } else { Vec::new() };
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        found.extend(if path.is_dir() {
            inner.into_iter().map(|file| format!("{name}/{file}")).collect()
        } else {
            vec![name]
        });
    }
    found.sort();
    Ok(found)
}
