//! Who takes part.

use anyhow::{Context as _, Result};

use crate::idle::Held;
use crate::work::Kind;
use crate::{ours, raw};

/// Who takes part: functions, each of which runs in a process of its own.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entrant {
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    /// Whether it takes part in a work.
    pub(crate) does: fn(Kind) -> bool,
    /// Serves until it is killed; the first line printed is the address.
    pub(crate) serve: fn(Kind) -> Result<()>,
    /// Opens so many connections, and makes one call on each.
    pub(crate) hold: Option<fn(&str, usize) -> Result<Held>>,
    /// Does a work so many times, and checks every answer.
    pub(crate) run: fn(&str, Kind, u64) -> Result<()>,
}

impl Entrant {
    /// The first is the one that others are compared with.
    pub(crate) const ALL: &[Self] = &[
        raw::RAW,
        raw::tasks::RAW_TOKIO,
        ours::blocking::OURS,
        ours::blocking::THREADS,
        ours::in_place::IN_PLACE,
        ours::polling::POLLING,
        ours::tasks::TASKS,
        #[cfg(feature = "peers")]
        crate::peers::tarpc::TARPC,
        #[cfg(feature = "peers")]
        crate::peers::tonic::TONIC,
        #[cfg(feature = "peers")]
        crate::peers::capnp::CAPNP,
    ];

    pub(crate) fn named(name: &str) -> Result<Self> {
        let found = Self::ALL.iter().find(|entrant| entrant.name == name);
        found.copied().with_context(|| format!("no entrant is called `{name}`"))
    }
}
