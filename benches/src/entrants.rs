//! Who takes part, and what is to be done.

use anyhow::{Context as _, Result};
use rustix::thread::{CpuSet, sched_setaffinity};

use crate::{ours, raw};

/// Who takes part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Entrant {
    /// Blocking sockets of the standard library, with a length of four bytes before each message.
    Raw,
    /// Generated stubs, a `Channel` and a `ThreadServer`, with their default options.
    Ours,
}

impl Entrant {
    pub(crate) const ALL: [Self; 2] = [Self::Raw, Self::Ours];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Raw => "raw",
            Self::Ours => "ours",
        }
    }

    pub(crate) fn named(name: &str) -> Result<Self> {
        Self::ALL.into_iter().find(|entrant| entrant.name() == name).context("the entrants are `raw` and `ours`")
    }

    /// Serves; the first line printed is the address.
    pub(crate) fn serve(self) -> Result<()> {
        match self {
            Self::Raw => raw::serve(),
            Self::Ours => ours::serve(),
        }
    }

    /// Makes so many calls, and checks every answer.
    pub(crate) fn run(self, address: &str, work: Work, count: u32) -> Result<()> {
        match (self, work.depth()) {
            (Self::Raw, depth) => raw::run(address, depth, count),
            (Self::Ours, 1) => ours::run(address, count),
            (Self::Ours, depth) => ours::run_pipelined(address, depth, count),
        }
    }
}

/// What is to be done. All of it is `add(a: i32, b: i32) -> i32` on one connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Work {
    /// One call in flight, both processes on one core: the length of the path.
    OneInFlight,
    /// 64 calls in flight, made by one thread, client and server on a core each.
    Pipelined,
    /// 64 calls in flight, made by one thread, both processes on one core.
    PipelinedOnOneCore,
}

impl Work {
    pub(crate) const ALL: [Self; 3] = [Self::OneInFlight, Self::Pipelined, Self::PipelinedOnOneCore];

    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::OneInFlight => "one in flight, one core",
            Self::Pipelined => "64 in flight, two cores",
            Self::PipelinedOnOneCore => "64 in flight, one core",
        }
    }

    pub(crate) fn depth(self) -> usize {
        if self == Self::OneInFlight { 1 } else { 64 }
    }

    pub(crate) fn count(self) -> u32 {
        if self == Self::OneInFlight { 64_000 } else { 1_280_000 }
    }

    /// The core of the server.
    pub(crate) fn server_core(self) -> usize {
        usize::from(self == Self::Pipelined)
    }
}

/// Pins this thread, and so the threads and processes that it starts, to a core.
pub(crate) fn pin(core: usize) -> Result<()> {
    let mut cores = CpuSet::new();
    cores.set(core);
    Ok(sched_setaffinity(None, &cores)?)
}
