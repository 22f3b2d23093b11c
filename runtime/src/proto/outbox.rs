//! The send queue: messages in, frames out. Small messages leave in order; large ones are cut into parts, and the items of
//! streams gathered; calls that have such take turns, so that a large transfer holds up nobody for longer than one part.
//! Parts are not copied: they are sent from where the message was packed.

use std::collections::VecDeque;

use rustc_hash::FxHashMap;

use super::outgoing::{Lent, Outgoing};
use super::row::{Row, Waiting};
use crate::buffers::{self, Packed};
use crate::wire::{Header, Kind};

/// The longest part that is sent in one go, in bytes; a longer message leaves in several. With half of it the system takes
/// twice as long for an echo of 1 MiB on loopback.
const PART: usize = 512 << 10;

/// The first part of a long message, in bytes, beside its extensions: it is copied, so as to keep its place in the queue.
const FIRST: usize = 4 << 10;

/// A message of at most so many bytes is copied, in one frame.
const WHOLE: usize = 64 << 10;

/// A part of at most so many bytes is copied.
const COPIED: usize = 16 << 10;

/// Parts are added while fewer bytes than this are ready.
const READY: usize = 64 << 10;

/// Memory kept for reuse once all is sent, in bytes: what the items of a stream fill, with their headers.
const KEPT: usize = 2 * READY;

/// What is to be sent.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    /// Whole frames.
    ready: Vec<u8>,
    /// Bytes that were handed out and are not sent yet.
    lent: usize,
    /// Bytes that were sent, over the life of the connection.
    sent: u64,
    /// By call, what is not yet in `ready`: large messages, items, and what must not overtake them.
    rows: FxHashMap<u32, Row>,
    /// The calls of `rows`, and some that were given up.
    turns: VecDeque<u32>,
    /// Bytes of `rows`.
    waiting: usize,
    /// Those of them that are of items.
    items: usize,
    /// Memory for items.
    spare: Vec<u8>,
    /// Calls that are not sent, with the position behind their last byte over the life of the connection.
    unsent_calls: VecDeque<(u64, u32)>,
}

impl Outbox {
    /// Appends bytes as they are: a preface, a frame without parts.
    pub(super) fn raw(&mut self, bytes: &[u8]) {
        self.ready.extend_from_slice(bytes);
    }

    /// Appends a frame without parts, before all that waits for its turn.
    pub(super) fn frame(&mut self, header: Header, payload: &[u8]) {
        put_frame(&mut self.ready, header, payload);
    }

    /// Appends a message, in parts of at most `limit` bytes where it is long: then it takes the payload. It stays behind what
    /// waits of its call.
    ///
    /// The first part of a call keeps its place in the queue, since calls must arrive in the order of their numbers.
    pub(super) fn message(&mut self, header: Header, payload: &mut Vec<u8>, limit: u32) {
        // Most calls have no row, and most connections none at all: then the look costs nothing.
        if self.rows.contains_key(&header.call) {
            self.wait(Waiting::new(header, std::mem::take(payload)));
        } else if payload.len() <= WHOLE.min(limit as usize) {
            self.frame(header, payload);
            self.note_call(header);
        } else {
            self.begin(Waiting::new(header, std::mem::take(payload)), limit);
        }
    }

    /// The same for a message of two pieces, both of which it takes.
    pub(super) fn packed(&mut self, header: Header, packed: &mut Packed, limit: u32) {
        let Packed { head, tail } = std::mem::take(packed);
        if head.len() > FIRST {
            return self.message(header, &mut [head, tail].concat(), limit);
        }
        let message = Waiting::given(header, head, tail);
        if self.rows.contains_key(&header.call) { self.wait(message) } else { self.begin(message, limit) }
    }

    /// Begins to send a long message.
    fn begin(&mut self, message: Waiting, limit: u32) {
        let header = message.header;
        self.count(&message);
        self.rows.insert(header.call, Row::new(message));
        self.take_part(header.call, (FIRST + usize::from(header.extension)).min(limit as usize), false);
    }

    /// Appends items of a call's stream, and leaves them empty. They leave when it is their turn, with those that came before
    /// and those that come until then, in a message of `most` bytes; what is longer leaves by itself.
    pub(super) fn items(&mut self, call: u32, items: &mut Vec<u8>, count: u32, most: usize) {
        let length = items.len();
        let open = self.rows.get_mut(&call).and_then(Row::last_items);
        if let Some(open) = open
            && let Some(argument) = open.header.argument.checked_add(count)
            && let Some(payload) = open.payload().filter(|payload| payload.len() + length <= most)
        {
            payload.append(items);
            open.header.argument = argument;
            self.waiting += length;
            self.items += length;
            return;
        }
        let mut payload = if length > KEPT { std::mem::take(items) } else { std::mem::take(&mut self.spare) };
        payload.append(items);
        self.wait(Waiting::new(Header::new(Kind::Item, call, count), payload));
    }

    /// Lets a message wait for the turn of its call.
    fn wait(&mut self, message: Waiting) {
        let call = message.header.call;
        self.count(&message);
        if let Some(row) = self.rows.get_mut(&call) {
            return row.push(message);
        }
        self.rows.insert(call, Row::new(message));
        self.turns.push_back(call);
    }

    /// A message counts for more than its payload, which may be empty.
    fn count(&mut self, message: &Waiting) {
        self.waiting += message.left() + Header::SIZE;
        self.items += items_in(message);
    }

    fn uncount(&mut self, message: &Waiting) {
        self.waiting -= message.left() + Header::SIZE;
        self.items -= items_in(message);
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

    /// Bytes of items that wait for their turn.
    pub(super) const fn items_waiting(&self) -> usize {
        self.items
    }

    /// Hands out the bytes to send next, in place of what `into` holds; none when all is sent. Parts are at most `limit`
    /// bytes long. One is added each time, lest small messages without end hold them up.
    pub(super) fn poll(&mut self, into: &mut Outgoing, limit: u32) {
        let mut payload = None;
        while payload.is_none()
            && let Some(call) = self.turns.pop_front()
        {
            payload = self.take_part(call, PART.min(limit as usize), true);
            if self.ready.len() >= READY {
                break;
            }
        }
        self.lent += self.ready.len();
        into.renew(&mut self.ready, KEPT);
        into.payload = payload;
    }

    /// Moves a part of what a call has to send to `ready`; where it is not to be copied, only its header: then gives the part,
    /// which is to follow at once. Nothing, if what the call had was given up.
    fn take_part(&mut self, call: u32, most: usize, may_lend: bool) -> Option<Lent> {
        let (header, head, part) = self.rows.get_mut(&call)?.first().part(most);
        let length = header.length as usize;
        self.ready.extend_from_slice(&header.encode());
        self.ready.extend_from_slice(&head);
        self.waiting -= length;
        let is_item = header.kind == Kind::Item;
        self.items -= if is_item { length } else { 0 };
        let lent = if may_lend && part.len() > COPIED && !is_item {
            self.lent += part.len();
            Some(part)
        } else {
            self.ready.extend_from_slice(part.bytes());
            // Lets go of the message's memory, which `leave` may use again.
            drop(part);
            None
        };
        if header.has_more() {
            self.turns.push_back(call);
        } else {
            self.leave(call);
        }
        lent
    }

    /// The first message of a row has left.
    fn leave(&mut self, call: u32) {
        let next = self.rows.get_mut(&call).and_then(Row::next);
        let has_more = next.is_some();
        let Some(message) = next.or_else(|| self.rows.remove(&call).map(Row::into_first)) else { return };
        if has_more {
            self.turns.push_back(call);
        }
        self.uncount(&message);
        self.note_call(message.header);
        let is_item = message.header.kind == Kind::Item;
        match message.into_memory() {
            Some(memory) if is_item => {
                self.spare = memory;
                buffers::empty(&mut self.spare, KEPT);
            }
            Some(memory) => buffers::give(memory),
            None => {}
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

    /// Forgets what waits of this call; whether there was anything. A FAULT in parts goes on: nothing may take its place.
    pub(super) fn give_up(&mut self, call: u32) -> bool {
        if self.rows.get(&call).is_none_or(Row::is_failing) {
            return false;
        }
        let Some(row) = self.rows.remove(&call) else { return false };
        row.messages().for_each(|message| self.uncount(message));
        true
    }

    /// Whether the transport was not handed all of this call: then it cannot have run.
    pub(super) fn is_unsent(&self, call: u32) -> bool {
        let in_ready = self.unsent_calls.iter().any(|(_, unsent)| *unsent == call);
        in_ready || self.rows.get(&call).is_some_and(Row::has_call)
    }
}

/// Bytes of items that have not left.
fn items_in(message: &Waiting) -> usize {
    if message.header.kind == Kind::Item { message.left() } else { 0 }
}

fn put_frame(out: &mut Vec<u8>, header: Header, payload: &[u8]) {
    let length = u32::try_from(payload.len()).unwrap_or(u32::MAX);
    out.extend_from_slice(&Header { length, ..header }.encode());
    out.extend_from_slice(payload);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drain(outbox: &mut Outbox, limit: u32) -> Vec<(Header, usize)> {
        let (mut frames, mut bytes) = (Vec::new(), Outgoing::default());
        while outbox.queued() > 0 {
            outbox.poll(&mut bytes, limit);
            outbox.sent(bytes.len());
            let sent = bytes.to_vec();
            let mut rest = &sent[..];
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
        assert_eq!(calls, [(1, 4_096, true), (2, 8, false), (1, 65_536, true), (1, 65_536, true), (1, 64_832, false)]);
        assert_eq!(outbox.queued(), 0);
    }

    /// The bytes of a message of two pieces, put together from its parts.
    fn in_two(outbox: &mut Outbox, limit: u32) -> Vec<u8> {
        let header = Header { extension: 2, ..Header::new(Kind::Reply, 1, 0) };
        let tail = (0..200_000_u32).map(|at| at.to_be_bytes()[3]).collect();
        outbox.packed(header, &mut Packed::from([vec![b'e', b'x', 9, 8, 7], tail]), limit);
        let (mut payload, mut bytes, mut extensions) = (Vec::new(), Outgoing::default(), Vec::new());
        while outbox.queued() > 0 {
            outbox.poll(&mut bytes, limit);
            outbox.sent(bytes.len());
            let sent = bytes.to_vec();
            let mut rest = &sent[..];
            while let Some((head, tail)) = rest.split_first_chunk() {
                let header = Header::decode(head, limit).expect("a good header");
                let part;
                (part, rest) = tail.split_at(header.length as usize);
                payload.extend_from_slice(part);
                extensions.extend(Some(header.extension).filter(|extension| *extension > 0));
            }
        }
        assert_eq!(extensions, [2], "they are in the first part only");
        payload
    }

    #[test]
    fn two_pieces_leave_one_behind_the_other() {
        let tail = (0..200_000_u32).map(|at| at.to_be_bytes()[3]);
        let expected: Vec<u8> = [b'e', b'x', 9, 8, 7].into_iter().chain(tail).collect();
        for limit in [65_536, 1 << 20] {
            assert!(in_two(&mut Outbox::default(), limit) == expected, "parts of {limit} bytes");
        }
        let mut outbox = Outbox::default();
        outbox.items(1, &mut vec![5; 9], 1, 65_536);
        let with_items = in_two(&mut outbox, 65_536);
        assert!(with_items[..9] == [5; 9] && with_items[9..] == expected, "behind the items of its call");
    }

    #[test]
    fn large_messages_take_turns() {
        let mut outbox = Outbox::default();
        for call in 1..=2 {
            outbox.message(Header::new(Kind::Reply, call, 0), &mut vec![0; 100_000], 65_536);
        }
        let calls: Vec<_> = drain(&mut outbox, 65_536).iter().map(|(header, _)| header.call).collect();
        assert_eq!(calls, [1, 2, 1, 2, 1, 2]);
    }

    #[test]
    fn calls_are_unsent_until_their_last_byte_leaves() {
        let mut outbox = Outbox::default();
        outbox.raw(&[0; 16]);
        outbox.message(Header::new(Kind::Call, 1, 0), &mut vec![0; 8], 65_536);
        outbox.message(Header::new(Kind::Call, 2, 0), &mut vec![0; 100_000], 65_536);
        outbox.poll(&mut Outgoing::default(), 65_536);
        outbox.sent(16);
        assert!(outbox.is_unsent(1) && outbox.is_unsent(2));
        outbox.sent(23);
        assert!(outbox.is_unsent(1) && outbox.is_unsent(2));
        outbox.sent(1);
        assert!(!outbox.is_unsent(1));
        assert!(outbox.is_unsent(2));
        outbox.sent(16 + 4_096 + 16 + 65_536);
        assert!(!outbox.is_unsent(1) && outbox.is_unsent(2));
        outbox.poll(&mut Outgoing::default(), 65_536);
        assert_eq!(outbox.queued(), 30_368 + 16);
        outbox.sent(30_368 + 16);
        assert!(!outbox.is_unsent(2));
    }
}
