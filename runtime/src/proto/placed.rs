//! Parts of large messages that are received where the message is put together, and need not be copied there.
//!
//! When an [`Inbox`] stands at a frame that is long and has not all come, the connection may leave it what has come of the
//! message so far. The rest of the frame goes behind that, and when it is complete, the message comes back with it.

use super::inbox::Inbox;
use super::link::Link;
use crate::buffers::Filling;
use crate::wire::{Header, Kind};

/// Frames with payloads of at most so many bytes are not worth it.
const SHORT: u32 = 16 << 10;

/// A frame whose payload is, or will be, at the end of what has come of its message.
#[derive(Debug)]
pub struct Placed {
    pub(super) header: Header,
    pub(super) message: Filling,
    /// Bytes of the payload that have not come.
    left: usize,
}

impl Placed {
    /// Its header.
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// Its payload, extensions included.
    pub fn payload(&self) -> &[u8] {
        let message = self.message.bytes();
        message.get(message.len().saturating_sub(self.header.length as usize)..).unwrap_or_default()
    }

    /// A frame of which this has come, to go behind what there is of its message.
    pub(super) fn new(header: Header, came: &[u8], mut message: Filling) -> Self {
        message.append(came);
        Self { header, message, left: (header.length as usize).saturating_sub(came.len()) }
    }

    pub(super) fn space(&mut self) -> &mut [u8] {
        self.message.space(self.left)
    }

    pub(super) fn filled(&mut self, count: usize) {
        let count = count.min(self.left);
        self.message.filled(count);
        self.left -= count;
    }

    pub(super) const fn is_complete(&self) -> bool {
        self.left == 0
    }
}

impl Link {
    /// Lets the rest of a long frame of one of these kinds be received where its message is put together.
    pub(super) fn place(&mut self, inbox: &mut Inbox, kinds: &[Kind]) {
        let Some(header) = inbox.incomplete() else { return };
        if header.length > SHORT
            && kinds.contains(&header.kind)
            && let Some(message) = self.assembly.leave(&header, &self.limits, &self.holding)
        {
            inbox.place(header, message);
        }
    }
}
