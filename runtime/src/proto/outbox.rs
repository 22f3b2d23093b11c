//! The send queue: messages in, frames out. Small messages leave in order; large ones are cut into parts that take turns,
//! so that a large transfer holds up nobody for longer than one part.

use std::collections::VecDeque;

use crate::wire::header::MORE;
use crate::wire::{Header, Kind};

/// The longest part that is sent in one go, in bytes; a longer message leaves in several.
const PART: usize = 256 << 10;

/// Parts are added while fewer bytes than this are ready.
const READY: usize = 64 << 10;

/// Memory kept for reuse once all is sent, in bytes.
const KEPT: usize = 64 << 10;

/// What is to be sent.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    /// Whole frames.
    ready: Vec<u8>,
    /// Bytes that were handed out and are not sent yet.
    lent: usize,
    /// Bytes that were sent, over the life of the connection.
    sent: u64,
    /// Messages that leave in parts, in turn.
    large: VecDeque<Large>,
    /// Bytes of `large` not yet moved to `ready`.
    waiting: usize,
    /// Calls that are not sent, with the position behind their last byte over the life of the connection.
    unsent_calls: VecDeque<(u64, u32)>,
}

/// A message that leaves in parts.
#[derive(Debug)]
struct Large {
    header: Header,
    payload: Vec<u8>,
    /// Bytes that were moved to `ready`.
    taken: usize,
}

impl Outbox {
    /// Appends bytes as they are: a preface, a frame without parts.
    pub(super) fn raw(&mut self, bytes: &[u8]) {
        self.ready.extend_from_slice(bytes);
    }

    /// Appends a frame without parts.
    pub(super) fn frame(&mut self, header: Header, payload: &[u8]) {
        let length = u32::try_from(payload.len()).unwrap_or(u32::MAX);
        self.raw(&Header { length, ..header }.encode());
        self.raw(payload);
    }

    /// Appends a message, in parts of at most `limit` bytes where it is long: then it takes the payload.
    ///
    /// The first part keeps its place in the queue, since calls must arrive in the order of their numbers.
    pub(super) fn message(&mut self, header: Header, payload: &mut Vec<u8>, limit: u32) {
        if payload.len() <= PART.min(limit as usize) {
            self.frame(header, payload);
            self.note_call(header);
        } else {
            self.waiting += payload.len();
            self.part(Large { header, payload: std::mem::take(payload), taken: 0 }, limit);
        }
    }

    fn note_call(&mut self, header: Header) {
        if header.kind == Kind::Call {
            let end = self.sent + (self.lent + self.ready.len()) as u64;
            self.unsent_calls.push_back((end, header.call));
        }
    }

    /// Bytes that wait to be sent.
    pub(super) fn queued(&self) -> usize {
        self.ready.len() + self.lent + self.waiting
    }

    /// Hands out the bytes to send next, in place of what `into` holds; none when all is sent. Parts are at most `limit`
    /// bytes long.
    pub(super) fn poll(&mut self, into: &mut Vec<u8>, limit: u32) {
        while self.ready.len() < READY && self.take_part(limit) {}
        into.clear();
        into.shrink_to(KEPT);
        std::mem::swap(&mut self.ready, into);
        self.lent += into.len();
    }

    /// Moves a part of the next large message to `ready`; whether there was one.
    fn take_part(&mut self, limit: u32) -> bool {
        let next = self.large.pop_front();
        next.map(|large| self.part(large, limit)).is_some()
    }

    fn part(&mut self, mut large: Large, limit: u32) {
        let end = large.payload.len().min(large.taken + PART.min(limit as usize));
        let header = large.part_header(end == large.payload.len());
        self.frame(header, &large.payload[large.taken..end]);
        self.waiting -= end - large.taken;
        large.taken = end;
        if end < large.payload.len() {
            self.large.push_back(large);
        } else {
            self.note_call(large.header);
        }
    }

    /// Says that so many of the bytes that were handed out were sent.
    pub(super) fn sent(&mut self, count: usize) {
        self.lent = self.lent.saturating_sub(count);
        self.sent += count as u64;
        while self.unsent_calls.front().is_some_and(|(end, _)| *end <= self.sent) {
            self.unsent_calls.pop_front();
        }
    }

    /// Says that all the bytes that were handed out may have been sent.
    pub(super) fn all_sent(&mut self) {
        self.sent(self.lent);
    }

    /// Forgets what has not left of a large CALL or REPLY of this call; whether there was such a message. A FAULT in parts
    /// goes on: nothing may take its place.
    pub(super) fn give_up(&mut self, call: u32) -> bool {
        let is_it = |large: &Large| large.header.call == call && large.header.kind != Kind::Fault;
        let Some(at) = self.large.iter().position(is_it) else { return false };
        if let Some(large) = self.large.remove(at) {
            self.waiting -= large.payload.len() - large.taken;
        }
        true
    }

    /// Whether the transport was not handed all of this call: then it cannot have run.
    pub(super) fn is_unsent(&self, call: u32) -> bool {
        let in_ready = self.unsent_calls.iter().any(|(_, unsent)| *unsent == call);
        in_ready || self.large.iter().any(|large| large.header.call == call)
    }
}

impl Large {
    /// The header of the next part: extensions are counted in the first only.
    fn part_header(&self, is_last: bool) -> Header {
        let flags = self.header.flags | if is_last { 0 } else { MORE };
        let extension = if self.taken == 0 { self.header.extension } else { 0 };
        Header { flags, extension, ..self.header }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drain(outbox: &mut Outbox, limit: u32) -> Vec<(Header, usize)> {
        let (mut frames, mut bytes) = (Vec::new(), Vec::new());
        while outbox.queued() > 0 {
            outbox.poll(&mut bytes, limit);
            outbox.sent(bytes.len());
            let mut rest = &bytes[..];
            while let Some((head, tail)) = rest.split_first_chunk() {
                let header = Header::decode(head, limit).expect("a good header");
                frames.push((header, header.length as usize));
                rest = &tail[header.length as usize..];
            }
        }
        frames
    }

    #[test]
    fn a_small_message_does_not_wait_for_a_large_one() {
        let mut outbox = Outbox::default();
        outbox.message(Header::new(Kind::Call, 1, 0), &mut vec![0; 200_000], 65_536);
        outbox.message(Header::new(Kind::Call, 2, 0), &mut vec![0; 8], 65_536);
        let frames = drain(&mut outbox, 65_536);
        let calls: Vec<_> = frames.iter().map(|(header, length)| (header.call, *length, header.has_more())).collect();
        assert_eq!(calls, [(1, 65_536, true), (2, 8, false), (1, 65_536, true), (1, 65_536, true), (1, 3_392, false)]);
        assert_eq!(outbox.queued(), 0);
    }

    #[test]
    fn large_messages_take_turns() {
        let mut outbox = Outbox::default();
        for call in 1..=2 {
            outbox.message(Header::new(Kind::Reply, call, 0), &mut vec![0; 100_000], 65_536);
        }
        let calls: Vec<_> = drain(&mut outbox, 65_536).iter().map(|(header, _)| header.call).collect();
        assert_eq!(calls, [1, 2, 1, 2]);
    }

    #[test]
    fn calls_are_unsent_until_their_last_byte_leaves() {
        let mut outbox = Outbox::default();
        outbox.raw(&[0; 16]);
        outbox.message(Header::new(Kind::Call, 1, 0), &mut vec![0; 8], 65_536);
        outbox.message(Header::new(Kind::Call, 2, 0), &mut vec![0; 100_000], 65_536);
        outbox.poll(&mut Vec::new(), 65_536);
        outbox.sent(16);
        assert!(outbox.is_unsent(1) && outbox.is_unsent(2));
        outbox.sent(23);
        assert!(outbox.is_unsent(1) && outbox.is_unsent(2));
        outbox.sent(1);
        assert!(!outbox.is_unsent(1));
        assert!(outbox.is_unsent(2));
        outbox.sent(16 + 65_536);
        assert!(!outbox.is_unsent(1) && outbox.is_unsent(2));
        outbox.poll(&mut Vec::new(), 65_536);
        assert_eq!(outbox.queued(), 34_464 + 16);
        outbox.sent(34_464 + 16);
        assert!(!outbox.is_unsent(2));
    }
}
