//! A server and a client, each in a process of its own.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Instant;
use std::{env, fs};

use anyhow::{Context as _, Result};

use crate::entrant::Entrant;
use crate::work::{Cores, Work, pin};

/// One run.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sample {
    /// Calls or items a second.
    pub(crate) rate: f64,
    /// The most memory of each process, in KiB.
    pub(crate) client: u64,
    pub(crate) server: u64,
}

/// Has a work done `count` times.
pub(crate) fn measure(entrant: Entrant, work: Work, count: u64) -> Result<Sample> {
    pin(usize::from(work.cores == Cores::Two))?;
    let mut server = Serving::start(entrant, work)?;
    pin(0)?;
    let (seconds, client) = call(entrant, work, &server.first_line()?, count)?;
    let server = peak(server.0.id())?;
    Ok(Sample { rate: count as f64 / seconds, client, server })
}

/// A server, which is killed at the end.
pub(crate) struct Serving(pub(crate) Child);

impl Serving {
    pub(crate) fn start(entrant: Entrant, work: Work) -> Result<Self> {
        let mut server = Command::new(env::current_exe()?);
        Ok(Self(server.args(["serve", entrant.name, work.name]).stdout(Stdio::piped()).spawn()?))
    }

    /// Its address.
    pub(crate) fn first_line(&mut self) -> Result<String> {
        let mut line = String::new();
        BufReader::new(self.0.stdout.take().context("no output")?).read_line(&mut line)?;
        Ok(line.trim().to_owned())
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // It may have ended by itself, which its client has noticed.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts a client; its seconds, and its peak of memory.
fn call(entrant: Entrant, work: Work, address: &str, count: u64) -> Result<(f64, u64)> {
    let mut client = Command::new(env::current_exe()?);
    client.args(["call", entrant.name, work.name, address, &count.to_string()]).stderr(Stdio::inherit());
    let printed = String::from_utf8(client.output()?.stdout)?;
    let (seconds, peak) = printed.trim().split_once(' ').with_context(|| failed(entrant, work))?;
    Ok((seconds.parse()?, peak.parse()?))
}

fn failed(entrant: Entrant, work: Work) -> String {
    format!("the client of `{}` failed at `{}`", entrant.name, work.name)
}

/// What the client's process does: warms up, works, and says how long that took.
pub(crate) fn run(entrant: Entrant, work: Work, address: &str, count: u64) -> Result<()> {
    (entrant.run)(address, work.kind, count.div_ceil(20))?;
    let started = Instant::now();
    (entrant.run)(address, work.kind, count)?;
    println!("{} {}", started.elapsed().as_secs_f64(), peak(std::process::id())?);
    Ok(())
}

/// The most memory that a process has had, in KiB.
fn peak(process: u32) -> Result<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).context("no peak of memory")?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}
