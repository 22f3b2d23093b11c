//! The receive buffer: bytes in, prefaces and frames out.

use std::sync::Arc;

use super::placed::Placed;
use crate::buffers::Filling;
use crate::wire::header::Malformed;
use crate::wire::preface::PrefaceError;
use crate::wire::{Header, Kind, Preface};

/// Room asked for at first; a quiet connection never needs more.
const FIRST: usize = 4 << 10;

/// The most room ahead of what has arrived, whatever length a header announces.
const AHEAD: usize = 64 << 10;

/// What has arrived and was not yet taken.
#[derive(Debug)]
pub struct Inbox {
    /// Shared only while a call that was taken from it still runs and others are read: see [`share`](Self::share).
    buffer: Arc<Vec<u8>>,
    cursor: Cursor,
    /// A frame that is received elsewhere. What comes when it is complete is behind it.
    placed: Option<Placed>,
    /// The last frame was received elsewhere, and the next one may be so as well: its header comes by itself.
    may_place: bool,
}

/// How far a buffer has been filled and taken.
#[derive(Debug)]
struct Cursor {
    /// The first byte not yet taken.
    start: usize,
    /// One past the last byte that arrived.
    end: usize,
    /// The last read brought all there was room for: more is likely waiting.
    was_full: bool,
    seen_preface: bool,
    /// The largest payload accepted.
    limit: u32,
}

/// One thing that arrived.
#[derive(Debug)]
pub enum Incoming<'a> {
    /// The first bytes of the peer.
    Preface(Preface),
    /// Everything after.
    Frame(Frame<'a>),
    /// A frame whose payload was received where its message is put together.
    Placed(Placed),
}

/// A frame whose header was checked.
#[derive(Debug, Clone, Copy)]
pub struct Frame<'a> {
    /// Its header.
    pub header: Header,
    /// Its payload, extensions included: as many bytes as the header says.
    pub payload: &'a [u8],
}

/// Why nothing more can be taken from an inbox.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadBytes {
    /// The first bytes are wrong.
    #[error(transparent)]
    Preface(#[from] PrefaceError),
    /// A frame is wrong.
    #[error(transparent)]
    Frame(#[from] Malformed),
}

impl Inbox {
    /// An empty one that accepts payloads of at most `limit` bytes.
    pub fn new(limit: u32) -> Self {
        let cursor = Cursor { start: 0, end: 0, was_full: false, seen_preface: false, limit };
        Self { buffer: Arc::default(), cursor, placed: None, may_place: false }
    }

    /// Room for what arrives next: never empty, at most 64 KiB or, of a frame that is received elsewhere, what is left of it.
    pub fn space(&mut self) -> &mut [u8] {
        let Self { buffer, cursor, placed, may_place } = self;
        match placed {
            Some(placed) if !placed.is_complete() => placed.space(),
            _ => cursor.space(buffer, if *may_place { Header::SIZE } else { AHEAD }),
        }
    }

    /// Says that so many bytes were put into [`space`](Self::space).
    pub fn filled(&mut self, count: usize) {
        if let Some(placed) = self.placed.as_mut().filter(|placed| !placed.is_complete()) {
            return placed.filled(count);
        }
        self.may_place = false;
        let cursor = &mut self.cursor;
        cursor.end = self.buffer.len().min(cursor.end + count);
        cursor.was_full = cursor.end == self.buffer.len();
    }

    /// Gives back the memory of what was large while nothing is in it: for who waits before it asks for room.
    pub fn rest(&mut self) {
        if self.cursor.start == self.cursor.end && self.buffer.len() > FIRST {
            self.buffer = Arc::default();
            (self.cursor.start, self.cursor.end) = (0, 0);
        }
    }

    /// Whether a frame, or the preface, has begun and is not complete.
    pub fn is_mid_frame(&self) -> bool {
        self.placed.is_some() || self.cursor.start < self.cursor.end
    }

    /// How many bytes have arrived and were not taken.
    pub const fn waiting(&self) -> usize {
        self.cursor.end - self.cursor.start
    }

    /// Whether the next thing to take is a call.
    pub fn holds_call(&self) -> bool {
        if let Some(placed) = &self.placed {
            return placed.header.kind == Kind::Call;
        }
        let Cursor { start, end, seen_preface, .. } = self.cursor;
        seen_preface && start + 4 < end && self.buffer.get(start + 4) == Some(&Kind::Call.number())
    }

    /// Takes the next preface or frame; `None` while it is not complete.
    ///
    /// # Errors
    ///
    /// When the bytes break the rules; the connection cannot go on.
    #[expect(clippy::should_implement_trait, reason = "it lends, as an iterator cannot")]
    pub fn next(&mut self) -> Result<Option<Incoming<'_>>, BadBytes> {
        match self.next_placed() {
            Some(placed) => Ok(Some(Incoming::Placed(placed))),
            None => self.cursor.next(&self.buffer),
        }
    }

    fn next_placed(&mut self) -> Option<Placed> {
        let placed = self.placed.take_if(|placed| placed.is_complete());
        self.may_place |= placed.as_ref().is_some_and(|placed| placed.header.has_more());
        placed
    }

    /// The header of the frame that is next, where it has come, but not all of the payload.
    pub(super) fn incomplete(&self) -> Option<Header> {
        if self.placed.is_some() || !self.cursor.seen_preface {
            return None;
        }
        let (head, rest) = self.buffer.get(self.cursor.start..self.cursor.end)?.split_first_chunk()?;
        Header::decode(head, self.cursor.limit).ok().filter(|header| rest.len() < header.length as usize)
    }

    /// Lets the frame that is next, with this header, be received behind what has come of its message.
    pub(super) fn place(&mut self, header: Header, message: Filling) {
        let Cursor { start, end, .. } = &mut self.cursor;
        let came = self.buffer.get(*start + Header::SIZE..*end).unwrap_or_default();
        self.placed = Some(Placed::new(header, came, message));
        *start = *end;
    }

    /// The bytes that have arrived, for [`next_of`](Self::next_of). While they are held, what arrives goes elsewhere.
    pub fn share(&self) -> Arc<Vec<u8>> {
        Arc::clone(&self.buffer)
    }

    /// As [`next`](Self::next), from the bytes that [`share`](Self::share) gave since the inbox was last filled: what was
    /// taken outlives the inbox's being handed to another thread.
    ///
    /// # Errors
    ///
    /// As [`next`](Self::next).
    pub fn next_of<'a>(&mut self, shared: &'a [u8]) -> Result<Option<Incoming<'a>>, BadBytes> {
        match self.next_placed() {
            Some(placed) => Ok(Some(Incoming::Placed(placed))),
            None => self.cursor.next(shared),
        }
    }
}

impl Cursor {
    /// Room for at most so many bytes.
    fn space<'a>(&mut self, buffer: &'a mut Arc<Vec<u8>>, most: usize) -> &'a mut [u8] {
        if Arc::strong_count(buffer) > 1 {
            // Leaves the buffer to who holds it too, and takes along what was not yet taken.
            *buffer = Arc::new(buffer[self.start..self.end].to_vec());
            (self.start, self.end) = (0, self.end - self.start);
        }
        let buffer = Arc::make_mut(buffer);
        self.make_room(buffer);
        let most = buffer.len().min(self.end + most);
        &mut buffer[self.end..most]
    }

    fn next<'a>(&mut self, buffer: &'a [u8]) -> Result<Option<Incoming<'a>>, BadBytes> {
        let arrived = buffer.get(self.start..self.end).unwrap_or_default();
        if self.seen_preface {
            return Ok(self.next_frame(arrived)?.map(Incoming::Frame));
        }
        let Some(preface) = Preface::decode(arrived)? else { return Ok(None) };
        self.seen_preface = true;
        self.start += Preface::SIZE;
        Ok(Some(Incoming::Preface(preface)))
    }

    fn next_frame<'a>(&mut self, arrived: &'a [u8]) -> Result<Option<Frame<'a>>, Malformed> {
        let Some((head, rest)) = arrived.split_first_chunk() else { return Ok(None) };
        let header = Header::decode(head, self.limit)?;
        let Some(payload) = rest.get(..header.length as usize) else { return Ok(None) };
        self.start += Header::SIZE + payload.len();
        Ok(Some(Frame { header, payload }))
    }

    /// Moves what is left to the front when room gets short, and adds room where that is not enough.
    fn make_room(&mut self, buffer: &mut Vec<u8>) {
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
            give_back(buffer);
        }
        if buffer.len() - self.end < FIRST {
            buffer.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, self.end - self.start);
        }
        if buffer.len() - self.end < FIRST || (self.was_full && buffer.len() < AHEAD) {
            let size = (2 * buffer.len()).clamp(FIRST, self.end + AHEAD);
            buffer.resize(size, 0);
            self.was_full = false;
        }
    }
}

/// Gives back what a large frame needed.
fn give_back(buffer: &mut Vec<u8>) {
    if buffer.len() > 2 * AHEAD {
        *buffer = Vec::new();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn feed(inbox: &mut Inbox, bytes: &[u8]) {
        let mut rest = bytes;
        while !rest.is_empty() {
            let space = inbox.space();
            let count = space.len().min(rest.len());
            space[..count].copy_from_slice(&rest[..count]);
            inbox.filled(count);
            rest = &rest[count..];
        }
    }

    fn message(length: u32) -> Vec<u8> {
        let header = Header { length, ..Header::new(Kind::Reply, 1, 0) };
        let payload = (0..length).map(|at| at.to_be_bytes()[3]);
        header.encode().into_iter().chain(payload).collect()
    }

    /// R1: how the bytes are cut into reads makes no difference.
    #[test]
    fn frames_come_out_whole_however_they_are_split() {
        let preface = Preface { calls: 64, frame: 65_536, window: 16_384 }.encode();
        let bytes: Vec<u8> = [&preface[..], &message(0), &message(9), &message(3000)].concat();
        for step in [1, 2, 3, 15, 16, 17, 1000, bytes.len()] {
            let mut inbox = Inbox::new(65_536);
            let mut lengths = Vec::new();
            for part in bytes.chunks(step) {
                feed(&mut inbox, part);
                while let Some(incoming) = inbox.next().expect("good bytes") {
                    if let Incoming::Frame(frame) = incoming {
                        assert_eq!(frame.payload, &message(frame.header.length)[16..]);
                        lengths.push(frame.header.length);
                    }
                }
            }
            assert_eq!(lengths, [0, 9, 3000], "in steps of {step}");
            assert!(!inbox.is_mid_frame());
        }
    }

    /// L13: what is announced is not what is reserved.
    #[test]
    fn a_huge_announced_length_reserves_no_more_than_arrives() {
        let mut inbox = Inbox::new(u32::MAX);
        feed(&mut inbox, &Preface { calls: 64, frame: 65_536, window: 16_384 }.encode());
        assert!(matches!(inbox.next(), Ok(Some(Incoming::Preface(_)))));
        feed(&mut inbox, &Header { length: 4_000_000_000, ..Header::new(Kind::Reply, 1, 0) }.encode());
        for _ in 0..100 {
            assert!(matches!(inbox.next(), Ok(None)));
            feed(&mut inbox, &[0; 1000]);
            assert!(inbox.buffer.len() <= inbox.cursor.end + AHEAD);
        }
    }

    #[test]
    fn room_is_given_back_after_a_large_frame() {
        let mut inbox = Inbox::new(1 << 20);
        feed(&mut inbox, &Preface { calls: 64, frame: 65_536, window: 16_384 }.encode());
        assert!(matches!(inbox.next(), Ok(Some(Incoming::Preface(_)))));
        feed(&mut inbox, &message(1 << 20));
        assert!(matches!(inbox.next(), Ok(Some(Incoming::Frame(_)))));
        assert!(inbox.space().len() <= AHEAD);
        assert!(inbox.buffer.len() <= 2 * AHEAD);
    }

    #[test]
    fn what_was_taken_stays_though_more_arrives() {
        let mut inbox = Inbox::new(65_536);
        feed(&mut inbox, &Preface { calls: 64, frame: 65_536, window: 16_384 }.encode());
        feed(&mut inbox, &[message(9), message(20)[..30].to_vec()].concat());
        let shared = inbox.share();
        assert!(matches!(inbox.next_of(&shared), Ok(Some(Incoming::Preface(_)))));
        let Ok(Some(Incoming::Frame(first))) = inbox.next_of(&shared) else { panic!("the first frame") };
        feed(&mut inbox, &message(20)[30..]);
        let Ok(Some(Incoming::Frame(second))) = inbox.next() else { panic!("the second frame") };
        assert_eq!((first.payload, second.payload), (&message(9)[16..], &message(20)[16..]));
    }
}
