//! What a connection hands out to be sent.

use std::ops::Range;
use std::sync::Arc;

use crate::buffers;

/// Bytes to send: frames and, where the last one is long, its payload from where it was packed.
#[derive(Debug, Default)]
pub struct Outgoing {
    /// Whole frames, the last perhaps without its payload.
    pub(super) frames: Vec<u8>,
    pub(super) payload: Option<Lent>,
}

/// A part of a message that the connection keeps until all of it has left.
#[derive(Debug)]
pub(super) struct Lent {
    pub(super) message: Arc<Vec<u8>>,
    pub(super) part: Range<usize>,
    /// Others made its memory.
    pub(super) is_given: bool,
}

impl Outgoing {
    /// How many bytes there are.
    pub fn len(&self) -> usize {
        self.frames.len() + self.payload.as_ref().map_or(0, Lent::len)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What is behind the first `sent` bytes, in two pieces.
    pub fn behind(&self, sent: usize) -> [&[u8]; 2] {
        let payload = self.payload.as_ref().map(Lent::bytes).unwrap_or_default();
        match self.frames.get(sent..) {
            Some(frames) => [frames, payload],
            None => [payload.get(sent - self.frames.len()..).unwrap_or_default(), &[]],
        }
    }

    /// All of it, copied.
    pub fn to_vec(&self) -> Vec<u8> {
        self.behind(0).concat()
    }

    /// Memory that it keeps for what comes next, in bytes.
    #[cfg(feature = "tokio")]
    pub(crate) fn capacity(&self) -> usize {
        self.frames.capacity()
    }

    /// Takes `frames` in place of what it held, of which memory of at most `most` bytes is left in exchange.
    pub(super) fn renew(&mut self, frames: &mut Vec<u8>, most: usize) {
        buffers::empty(&mut self.frames, most);
        std::mem::swap(&mut self.frames, frames);
        // The memory of a message all of which has left: nobody else has it then.
        let kept = self.payload.take().filter(|lent| !lent.is_given);
        let message = kept.and_then(|lent| Arc::into_inner(lent.message));
        if let Some(message) = message {
            buffers::give(message);
        }
    }
}

impl Lent {
    pub(super) fn len(&self) -> usize {
        self.part.len()
    }

    pub(super) fn bytes(&self) -> &[u8] {
        self.message.get(self.part.clone()).unwrap_or_default()
    }
}
