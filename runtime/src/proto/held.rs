//! What a connection keeps, so that a test can see that nothing is left behind.

use super::{ClientConnection, ServerConnection};

/// How much a connection keeps of calls that are not over. All zero when nothing is under way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Held {
    /// Messages of which parts have come.
    pub unfinished: usize,
    /// Bytes of parts that have come, and of items that were not taken.
    pub bytes: usize,
    /// Calls that were refused before all their parts had come.
    pub refused: usize,
    /// Deadlines of calls whose parts have not all come.
    pub deadlines: usize,
    /// Calls whose handlers run while others are read.
    pub running: usize,
    /// Calls that wait for an answer.
    pub calls: usize,
    /// Calls with streams.
    pub streams: usize,
    /// Bytes that wait to be sent.
    pub queued: usize,
}

impl ServerConnection {
    /// What it keeps.
    pub fn held(&self) -> Held {
        Held {
            unfinished: self.link.assembly.len(),
            bytes: self.link.holding.bytes(),
            refused: self.refused.len(),
            deadlines: self.deadlines.len(),
            running: self.running.len(),
            calls: 0,
            streams: self.link.streams.len(),
            queued: self.queued(),
        }
    }
}

impl<T> ClientConnection<T> {
    /// What it keeps.
    pub fn held(&self) -> Held {
        Held {
            unfinished: self.link.assembly.len(),
            bytes: self.link.holding.bytes(),
            calls: self.open.len(),
            streams: self.link.streams.len(),
            queued: self.queued(),
            ..Held::default()
        }
    }
}
