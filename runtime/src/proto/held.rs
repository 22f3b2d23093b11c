//! What a connection keeps, so that a test can see that nothing is left behind.

use super::{ClientConnection, ServerConnection};

/// How much a connection keeps of calls that are not over. All zero when nothing is under way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Held {
    /// Messages of which parts have come.
    pub unfinished: usize,
    /// Bytes of those parts.
    pub bytes: usize,
    /// Calls that were refused before all their parts had come.
    pub refused: usize,
    /// Deadlines of calls whose parts have not all come.
    pub deadlines: usize,
    /// Calls whose handlers run while others are read.
    pub running: usize,
    /// Calls that wait for an answer.
    pub calls: usize,
    /// Bytes that wait to be sent.
    pub queued: usize,
}

impl ServerConnection {
    /// What it keeps.
    pub fn held(&self) -> Held {
        Held {
            unfinished: self.link.assembly.len(),
            bytes: self.link.assembly.bytes(),
            refused: self.refused.len(),
            deadlines: self.deadlines.len(),
            running: self.running.len(),
            calls: 0,
            queued: self.queued(),
        }
    }
}

impl<T> ClientConnection<T> {
    /// What it keeps.
    pub fn held(&self) -> Held {
        Held {
            unfinished: self.link.assembly.len(),
            bytes: self.link.assembly.bytes(),
            calls: self.open.len(),
            queued: self.queued(),
            ..Held::default()
        }
    }
}
