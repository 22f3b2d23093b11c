//! What the peer makes this side keep, and its limits: parts of unfinished messages, and items that were not taken.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::limits::Limits;

/// Bytes held in this process, over all its connections.
static HELD: AtomicUsize = AtomicUsize::new(0);

/// The bytes held for one connection.
#[derive(Debug, Default)]
pub(super) struct Holding {
    bytes: usize,
}

impl Holding {
    /// How many there are.
    pub(super) const fn bytes(&self) -> usize {
        self.bytes
    }

    /// Whether so many more may be held; if not, which of the two limits is passed.
    pub(super) fn check(&self, comes: usize, limits: &Limits) -> Result<(), String> {
        let came = self.bytes + comes;
        if came > limits.held_by_connection {
            let most = limits.held_by_connection;
            return refuse("what is held for this connection", "held_by_connection", most, came);
        }
        let everywhere = HELD.load(Ordering::Relaxed) + comes;
        if everywhere > limits.held_by_process {
            return refuse("what is held in this process", "held_by_process", limits.held_by_process, everywhere);
        }
        Ok(())
    }

    pub(super) fn hold(&mut self, bytes: usize) {
        self.bytes += bytes;
        HELD.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(super) fn release(&mut self, bytes: usize) {
        self.bytes -= bytes;
        HELD.fetch_sub(bytes, Ordering::Relaxed);
    }
}

impl Drop for Holding {
    fn drop(&mut self) {
        self.release(self.bytes);
    }
}

/// A refusal, which names the limit, its value and what came.
pub(super) fn refuse(what: &str, field: &str, limit: usize, came: usize) -> Result<(), String> {
    Err(format!("{what} comes to {came} bytes, and at most {limit} are accepted (Limits::{field})"))
}
