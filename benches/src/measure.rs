//! A server and a client, each in a process of its own.

use std::io::{self, BufRead as _, BufReader};
use std::process::{self, Child, Command, Stdio};
use std::time::Instant;
use std::{env, fs, thread};

use anyhow::{Context as _, Result};

use crate::entrant::Entrant;
use crate::work::{Cores, Work, pin};

/// One run.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sample {
    /// Calls or items a second.
    pub(crate) rate: f64,
    pub(crate) client: Spent,
    pub(crate) server: Spent,
}

/// What a process took.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spent {
    /// Time of a processor for each call or item, in seconds: what others do at the same time hardly changes it.
    pub(crate) time: f64,
    /// The most memory, in KiB.
    pub(crate) memory: u64,
}

/// Has a work done `count` times.
pub(crate) fn measure(entrant: Entrant, work: Work, count: u64) -> Result<Sample> {
    pin(usize::from(work.cores == Cores::Two))?;
    let mut server = Serving::start(entrant, work)?;
    pin(0)?;
    let printed = call(entrant, work, &server.first_line()?, count)?;
    let (seconds, client) = parse(&printed).with_context(|| failed(entrant, work))?;
    let server = spent(server.0.id())?;
    let each = |spent: Spent| Spent { time: spent.time / (count + warm_up(count)) as f64, ..spent };
    Ok(Sample { rate: count as f64 / seconds, client: each(client), server: each(server) })
}

/// How many calls or items come before those that are measured.
const fn warm_up(count: u64) -> u64 {
    count.div_ceil(20)
}

/// A server. It ends when its input does, so also when this process ends.
pub(crate) struct Serving(pub(crate) Child);

impl Serving {
    pub(crate) fn start(entrant: Entrant, work: Work) -> Result<Self> {
        Self::start_as(Command::new(env::current_exe()?), entrant, work)
    }

    /// The command is this program, or something that runs it.
    pub(crate) fn start_as(mut command: Command, entrant: Entrant, work: Work) -> Result<Self> {
        command.args(["serve", entrant.name, work.name]).stdin(Stdio::piped()).stdout(Stdio::piped());
        Ok(Self(command.spawn()?))
    }

    /// Its address.
    pub(crate) fn first_line(&mut self) -> Result<String> {
        let mut line = String::new();
        BufReader::new(self.0.stdout.take().context("no output")?).read_line(&mut line)?;
        Ok(line.trim().to_owned())
    }

    /// Waits until it has ended.
    pub(crate) fn end(&mut self) -> Result<()> {
        self.0.stdin = None;
        self.0.wait()?;
        Ok(())
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // Nothing is lost where it has ended already.
        self.end().ok();
    }
}

/// What the server's process does.
pub(crate) fn serve(entrant: Entrant, work: Work) -> Result<()> {
    thread::spawn(|| {
        io::copy(&mut io::stdin(), &mut io::sink()).ok();
        process::exit(0)
    });
    (entrant.serve)(work.kind)
}

/// Starts a client, and gives what it prints.
fn call(entrant: Entrant, work: Work, address: &str, count: u64) -> Result<String> {
    let mut client = Command::new(env::current_exe()?);
    client.args(["call", entrant.name, work.name, address, &count.to_string()]).stderr(Stdio::inherit());
    Ok(String::from_utf8(client.output()?.stdout)?)
}

fn failed(entrant: Entrant, work: Work) -> String {
    format!("the client of `{}` failed at `{}`", entrant.name, work.name)
}

/// What the client's process does: warms up, works, and says how long that took and what it spent.
pub(crate) fn run(entrant: Entrant, work: Work, address: &str, count: u64) -> Result<()> {
    (entrant.run)(address, work.kind, warm_up(count))?;
    let started = Instant::now();
    (entrant.run)(address, work.kind, count)?;
    let (seconds, Spent { time, memory }) = (started.elapsed().as_secs_f64(), spent(std::process::id())?);
    println!("{seconds} {time} {memory}");
    Ok(())
}

fn parse(printed: &str) -> Option<(f64, Spent)> {
    let mut words = printed.split_whitespace();
    let seconds = words.next()?.parse().ok()?;
    let spent = Spent { time: words.next()?.parse().ok()?, memory: words.next()?.parse().ok()? };
    Some((seconds, spent))
}

/// What a process took until now.
fn spent(process: u32) -> Result<Spent> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat"))?;
    // Behind the name, which may have anything in it, 11 fields come before the two of times, in hundredths of a second.
    let (_, fields) = stat.rsplit_once(')').context("no name of a process")?;
    let ticks = fields.split_whitespace().skip(11).take(2).map(str::parse::<f64>).sum::<Result<f64, _>>()?;
    Ok(Spent { time: ticks / 100.0, memory: memory(process, "VmHWM:")? })
}

/// The memory that a process has now, in KiB.
pub(crate) fn resident(process: u32) -> Result<u64> {
    memory(process, "VmRSS:")
}

fn memory(process: u32, which: &str) -> Result<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix(which)).context("the system does not tell")?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}
