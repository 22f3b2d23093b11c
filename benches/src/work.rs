//! What is to be done.

use anyhow::{Context as _, Result};
use rustix::thread::{CpuSet, sched_setaffinity};

/// One kind of work, of which times are compared.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Work {
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    pub(crate) kind: Kind,
    pub(crate) cores: Cores,
    /// How many calls or items are one run: so many that the fastest takes some tenths of a second, since a connection behaves
    /// otherwise in its first ones.
    pub(crate) count: u64,
}

/// What a client has a server do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// `add(a: i32, b: i32) -> i32`, with so many calls in flight on each connection.
    Add { connections: usize, in_flight: usize },
    /// Gives 100 records back.
    Users,
    /// Gives so many bytes back.
    Echo { bytes: usize },
    /// A stream of `u64` from the server; `singly` if each is sent by itself.
    Down { singly: bool },
    /// A stream of `u64` to the server.
    Up { singly: bool },
}

/// Where the two processes run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cores {
    /// Both on one: the length of the path.
    One,
    /// Each on its own.
    Two,
}

impl Work {
    pub(crate) fn named(name: &str) -> Result<Self> {
        WORKS.into_iter().find(|work| work.name == name).with_context(|| format!("no work is called `{name}`"))
    }

    /// What is counted.
    pub(crate) fn unit(self) -> &'static str {
        if matches!(self.kind, Kind::Down { .. } | Kind::Up { .. }) { "items" } else { "calls" }
    }
}

const fn add(name: &'static str, title: &'static str, of: [usize; 2], cores: Cores, count: u64) -> Work {
    let [connections, in_flight] = of;
    Work { name, title, kind: Kind::Add { connections, in_flight }, cores, count }
}

const fn stream(name: &'static str, title: &'static str, kind: Kind) -> Work {
    Work { name, title, kind, cores: Cores::Two, count: 10_000_000 }
}

const fn echo(name: &'static str, title: &'static str, kind: Kind, count: u64) -> Work {
    Work { name, title, kind, cores: Cores::One, count }
}

/// All that is measured.
pub(crate) const WORKS: [Work; 13] = [
    add("add", "W1: `add`, one in flight, one core", [1, 1], Cores::One, 20_000),
    add("add-2-cores", "W1: `add`, one in flight, two cores", [1, 1], Cores::Two, 8_000),
    add("add-64", "W2: `add`, 64 in flight, two cores", [1, 64], Cores::Two, 500_000),
    add("add-64-1-core", "W2: `add`, 64 in flight, one core", [1, 64], Cores::One, 300_000),
    add("add-256", "W2: `add`, 256 in flight, two cores", [1, 256], Cores::Two, 1_000_000),
    add("connections", "W3: `add`, 64 connections, one in flight each, two cores", [64, 1], Cores::Two, 20_000),
    echo("users", "W4: echo of 100 records, one core", Kind::Users, 5_000),
    echo("echo-1M", "W5: echo of 1 MiB, one core", Kind::Echo { bytes: 1 << 20 }, 1_000),
    echo("echo-64M", "W5: echo of 64 MiB, one core", Kind::Echo { bytes: 64 << 20 }, 4),
    stream("down", "Streams: `u64` from the server, `send_all`", Kind::Down { singly: false }),
    stream("down-singly", "Streams: `u64` from the server, `send`", Kind::Down { singly: true }),
    stream("up", "Streams: `u64` to the server, `send_all`", Kind::Up { singly: false }),
    stream("up-singly", "Streams: `u64` to the server, `send`", Kind::Up { singly: true }),
];

/// Pins this thread, and so the threads and processes that it starts, to a core.
pub(crate) fn pin(core: usize) -> Result<()> {
    let mut cores = CpuSet::new();
    cores.set(core);
    Ok(sched_setaffinity(None, &cores)?)
}

/// Takes a run of calls apart: so many for each of `parts`, all of them together `count` or a few more.
pub(crate) const fn share(count: u64, parts: usize) -> u64 {
    count.div_ceil(parts as u64)
}

/// The sum of the numbers below `count`, which a stream of them must come to.
pub(crate) fn sum_below(count: u64) -> u64 {
    (0..count).fold(0, u64::wrapping_add)
}
