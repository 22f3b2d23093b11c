//! Bytes on their way from a connection to its socket.

use std::io;

use crate::proto::{Outgoing, Transmit};

/// What takes bytes, and never waits until it can.
pub(super) trait Outlet {
    /// Sends what fits now, of two pieces one after the other; `WouldBlock` if nothing does.
    fn send(&self, bytes: [&[u8]; 2]) -> io::Result<usize>;
}

/// What was taken from a connection and is not sent yet.
#[derive(Debug, Default)]
pub(super) struct Sender {
    outgoing: Outgoing,
    sent: usize,
}

impl Sender {
    /// Takes the next bytes, where those before are sent; whether there are any to send.
    pub(super) fn fill(&mut self, connection: &mut impl Transmit) -> bool {
        if self.sent == self.outgoing.len() {
            connection.poll_transmit(&mut self.outgoing);
            self.sent = 0;
        }
        !self.outgoing.is_empty()
    }

    /// Sends what the outlet takes now, and says how much that was; `WouldBlock` if it takes nothing.
    pub(super) fn send(&mut self, outlet: &impl Outlet) -> io::Result<usize> {
        let count = outlet.send(self.outgoing.behind(self.sent))?;
        self.sent += count;
        Ok(count)
    }

    /// Gives back memory where all is sent, and more than `kept` bytes are there for it: its own, and that with which the
    /// connection would go on.
    #[cfg(feature = "tokio")]
    pub(super) fn rest(&mut self, connection: &mut impl Transmit, kept: usize) {
        if self.sent == self.outgoing.len() && self.outgoing.capacity() > kept {
            *self = Self::default();
            connection.poll_transmit(&mut self.outgoing);
        }
    }

    /// Drops what is not sent yet, and says how much that was.
    pub(super) fn drop_rest(&mut self) -> usize {
        self.outgoing.len() - std::mem::replace(&mut self.sent, self.outgoing.len())
    }
}
