//! What is measured: a check and a compilation, by a call and as a command from its start to its exit.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Output};
use std::time::Instant;
use std::{env, fs};

use anyhow::{Context as _, Result, ensure};
use rpcgen::backend::rust::Options;
use rpcgen::{DiskReader, Input};

/// An interface on the disk.
pub(crate) struct Case {
    pub(crate) lines: usize,
    pub(crate) bytes: usize,
    file: PathBuf,
    out: PathBuf,
}

impl Case {
    pub(crate) fn new(folder: &Path, text: &str) -> Result<Self> {
        let lines = text.lines().count();
        let file = folder.join(format!("{lines}.rpc"));
        fs::write(&file, text).with_context(|| format!("cannot write {}", file.display()))?;
        Ok(Self { lines, bytes: text.len(), file, out: folder.join(format!("{lines}")) })
    }

    fn input(&self) -> Input {
        Input { roots: vec![self.file.clone()], ..Input::default() }
    }
}

/// One measurement.
#[derive(Clone, Copy)]
pub(crate) struct Sample {
    pub(crate) milliseconds: f64,
    /// The most memory of a command, in MiB.
    pub(crate) peak: Option<f64>,
}

/// What is measured.
#[derive(Clone, Copy)]
pub(crate) enum Work {
    Check,
    CheckCommand,
    Compile,
    CompileCommand,
}

impl Work {
    pub(crate) const ALL: [Self; 4] = [Self::Check, Self::CheckCommand, Self::Compile, Self::CompileCommand];

    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Check => "check, by a call",
            Self::CheckCommand => "check, as a command",
            Self::Compile => "compile and write, by a call",
            Self::CompileCommand => "compile, as a command",
        }
    }

    /// Does it once. Stubs are written to a folder that is not there yet.
    pub(crate) fn run(self, case: &Case) -> Result<Sample> {
        if case.out.exists() {
            fs::remove_dir_all(&case.out)?;
        }
        let started = Instant::now();
        let peak = match self {
            Self::Check => check(case).map(|()| None),
            Self::CheckCommand => start(&["check".as_ref(), case.file.as_ref()]),
            Self::Compile => compile(case).map(|()| None),
            Self::CompileCommand => {
                start(&["compile".as_ref(), case.file.as_ref(), "--out".as_ref(), case.out.as_ref()])
            }
        }?;
        Ok(Sample { milliseconds: started.elapsed().as_secs_f64() * 1e3, peak })
    }
}

fn check(case: &Case) -> Result<()> {
    ensure!(rpcgen::check(&case.input(), &DiskReader::default()).program.is_some(), "the interface has errors");
    Ok(())
}

fn compile(case: &Case) -> Result<()> {
    let compiled = rpcgen::compile(&case.input(), &DiskReader::default(), &Options::default())?;
    ensure!(rpcgen::output::write(&case.out, &compiled.files)?.len() == 2, "not every file was written");
    Ok(())
}

/// Runs the command in a process of its own; gives its peak of memory.
fn start(arguments: &[&Path]) -> Result<Option<f64>> {
    let Output { status, stdout, stderr } =
        Command::new(env::current_exe()?).arg("command").args(arguments).output()?;
    ensure!(status.success(), "{}", String::from_utf8_lossy(&stderr));
    Ok(peak(&String::from_utf8(stdout)?))
}

/// What runs in that process: the command as it is, and a line about its memory where the system tells.
pub(crate) fn command(arguments: impl Iterator<Item = OsString>) -> Result<ExitCode> {
    let code = rpcgen::cli::run([OsString::from("rpcgen")].into_iter().chain(arguments));
    if let Ok(status) = fs::read_to_string("/proc/self/status") {
        print!("{}", status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or_default());
    }
    Ok(code)
}

/// MiB, of a line such as `VmHWM:      5748 kB`.
fn peak(printed: &str) -> Option<f64> {
    let line = printed.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().strip_suffix(" kB")?.parse::<f64>().ok()? / 1024.0)
}
