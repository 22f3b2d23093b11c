//! What both ends of a connection have in common: prefaces, pings, the send queue, and the clocks that watch a peer.

use std::time::Instant;

use super::assembly::Assembly;
use super::holding::Holding;
use super::inbox::{BadBytes, Frame};
use super::limits::Limits;
use super::outbox::Outbox;
use super::outgoing::Outgoing;
use super::streams::Table;
use crate::buffers::Packed;
use crate::wire::header::{MAX_CALL, Malformed};
use crate::wire::preface::{MINIMUM, PrefaceError};
use crate::wire::{Code, Header, Kind, Preface};

/// The most bytes of text in a frame.
const MOST_TEXT: usize = 1024;

/// Why a connection cannot go on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct Broken {
    /// What kind of failure it is.
    pub code: Code,
    /// What happened, for people.
    pub reason: String,
    /// Whether it makes sense to tell the peer: a stranger is left without an answer.
    pub tell: bool,
}

impl Broken {
    /// The peer broke a rule of the protocol.
    pub(super) fn rule(reason: impl Into<String>) -> Self {
        Self { code: Code::InvalidArgument, reason: reason.into(), tell: true }
    }

    pub(super) fn stalled(reason: String) -> Self {
        Self { code: Code::DeadlineExceeded, reason, tell: true }
    }
}

impl From<BadBytes> for Broken {
    fn from(error: BadBytes) -> Self {
        let reason = error.to_string();
        match error {
            BadBytes::Preface(PrefaceError::Magic(_)) => Self { code: Code::InvalidArgument, reason, tell: false },
            BadBytes::Preface(PrefaceError::Version(_)) => Self { code: Code::Unimplemented, reason, tell: true },
            BadBytes::Frame(Malformed::TooLong { .. }) => Self { code: Code::ResourceExhausted, reason, tell: true },
            BadBytes::Preface(_) | BadBytes::Frame(_) => Self::rule(reason),
        }
    }
}

/// What an end of a connection has to send.
pub trait Transmit {
    /// Hands out the bytes to send next, in place of what `into` holds; none when there are none.
    fn poll_transmit(&mut self, into: &mut Outgoing);

    /// Says that so many of the bytes that were handed out were sent.
    fn transmitted(&mut self, count: usize);
}

/// The state that does not depend on which end this is.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) limits: Limits,
    pub(super) outbox: Outbox,
    pub(super) assembly: Assembly,
    pub(super) streams: Table,
    pub(super) holding: Holding,
    /// What the peer accepts; the minimum until it has said so.
    pub(super) peer: Preface,
    peer_seen: bool,
    said_hello: bool,
    said_goodbye: bool,
    clocks: Clocks,
}

/// Until when the peer must have done something; `None` while nothing is expected of it.
#[derive(Debug)]
struct Clocks {
    preface: Option<Instant>,
    frame: Option<Instant>,
    write: Option<Instant>,
}

impl Link {
    pub(super) fn new(limits: Limits, now: Instant) -> Self {
        let clocks = Clocks { preface: now.checked_add(limits.preface), frame: None, write: None };
        Self {
            limits,
            outbox: Outbox::default(),
            assembly: Assembly::default(),
            streams: Table::default(),
            holding: Holding::default(),
            peer: MINIMUM,
            peer_seen: false,
            said_hello: false,
            said_goodbye: false,
            clocks,
        }
    }

    /// Queues this side's preface, once.
    pub(super) fn say_hello(&mut self) {
        if !std::mem::replace(&mut self.said_hello, true) {
            self.outbox.raw(&self.limits.preface().encode());
        }
    }

    /// Takes the peer's preface.
    pub(super) fn hear_hello(&mut self, preface: Preface) {
        self.peer = preface;
        self.peer_seen = true;
        self.clocks.preface = None;
        self.widen_streams();
    }

    /// Queues a GOAWAY, once: calls above `handled` did not and will not run.
    pub(super) fn say_goodbye(&mut self, handled: u32, code: u32, reason: &str) {
        if std::mem::replace(&mut self.said_goodbye, true) {
            return;
        }
        self.go_away(handled, code, reason);
    }

    /// Queues a GOAWAY that leaves room for another: the peer is to open no more calls, and all that it has are handled.
    pub(super) fn foretell(&mut self, reason: &str) {
        if !self.said_goodbye {
            self.go_away(MAX_CALL, 0, reason);
        }
    }

    fn go_away(&mut self, handled: u32, code: u32, reason: &str) {
        self.say_hello();
        let mut payload = code.to_be_bytes().to_vec();
        put_text(&mut payload, reason);
        self.outbox.frame(Header::new(Kind::GoAway, 0, handled), &payload);
    }

    /// Whether a GOAWAY was queued.
    pub(super) const fn has_said_goodbye(&self) -> bool {
        self.said_goodbye
    }

    /// Calls that the peer lets this side have open at once.
    pub(super) fn peer_calls(&self) -> usize {
        self.peer.calls.into()
    }

    /// Queues a message, in parts that the peer accepts. Leaves `payload` empty.
    pub(super) fn send(&mut self, header: Header, payload: &mut Vec<u8>) {
        self.post(header, payload);
        payload.clear();
    }

    /// The same, with what was packed, of which a second piece is not copied.
    pub(super) fn send_packed(&mut self, header: Header, packed: &mut Packed) {
        if packed.tail.is_empty() {
            return self.send(header, &mut packed.head);
        }
        self.outbox.packed(header, packed, self.peer.frame);
    }

    /// As [`send`](Self::send); a payload of at most 65,536 bytes is left as it was, unless items of its call wait. Others may be taken.
    pub(super) fn post(&mut self, header: Header, payload: &mut Vec<u8>) {
        self.outbox.message(header, payload, self.peer.frame);
    }

    /// Asks the peer for a sign of life.
    pub(super) fn ping(&mut self) {
        self.outbox.frame(Header::new(Kind::Ping, 0, 0), &[]);
    }

    /// Whether the peer has sent its preface.
    pub(super) const fn has_heard(&self) -> bool {
        self.peer_seen
    }

    /// Whether so much waits to be sent that nothing should be added that can wait.
    pub(super) fn is_congested(&self) -> bool {
        self.outbox.queued() > self.limits.queued
    }

    /// Answers a ping, unless its sender reads so little that the answers would pile up.
    pub(super) fn pong(&mut self, frame: Frame<'_>) {
        if !self.is_congested() {
            self.outbox.frame(Header::new(Kind::Pong, 0, frame.header.argument), frame.payload);
        }
    }

    /// Reads a GOAWAY: code and reason.
    pub(super) fn hear_goodbye(frame: Frame<'_>) -> Result<(u32, String), Broken> {
        let parts = frame.payload.split_first_chunk().filter(|(_, text)| is_sized(text));
        let Some((code, text)) = parts else { return Err(Broken::rule("a GoAway frame is not a code and a reason")) };
        Ok((u32::from_be_bytes(*code), get_text(text)))
    }

    pub(super) fn poll_transmit(&mut self, into: &mut Outgoing) {
        self.outbox.poll(into, self.peer.frame);
    }

    pub(super) fn transmitted(&mut self, count: usize) {
        self.outbox.sent(count);
        self.clocks.write = None;
    }

    /// Bytes came: the clock of the frame that they belong to starts anew.
    pub(super) fn received(&mut self) {
        self.clocks.frame = None;
    }

    /// The next time at which [`handle_timeout`](Self::handle_timeout) has something to say, if nothing comes before.
    pub(super) fn poll_timeout(&mut self, is_mid_frame: bool, now: Instant) -> Option<Instant> {
        let Limits { frame_stall, write_stall, .. } = self.limits;
        let expect = |clock: &mut Option<Instant>, wanted: bool, wait| {
            *clock = if wanted { clock.or_else(|| now.checked_add(wait)) } else { None };
        };
        expect(&mut self.clocks.frame, is_mid_frame && self.peer_seen, frame_stall);
        expect(&mut self.clocks.write, self.outbox.queued() > 0, write_stall);
        [self.clocks.preface, self.clocks.frame, self.clocks.write].into_iter().flatten().min()
    }

    /// As [`poll_timeout`](Self::poll_timeout), for who only waits for room to send.
    pub(super) fn poll_write_timeout(&mut self, now: Instant) -> Option<Instant> {
        let clock = self.clocks.write.or_else(|| now.checked_add(self.limits.write_stall));
        self.clocks.write = clock.filter(|_| self.outbox.queued() > 0);
        self.clocks.write
    }

    /// Whether no clock runs, so that a wait needs no end.
    pub(super) fn is_quiet(&self, is_mid_frame: bool) -> bool {
        self.peer_seen && !is_mid_frame && self.outbox.queued() == 0
    }

    /// Checks the clocks.
    pub(super) fn handle_timeout(&mut self, now: Instant) -> Result<(), Broken> {
        let Limits { preface, frame_stall, .. } = self.limits;
        let is_over = |clock: Option<Instant>| clock.is_some_and(|until| until <= now);
        if is_over(self.clocks.preface) {
            return Err(Broken::stalled(format!("no preface came within {preface:?} (Limits::preface)")));
        }
        if is_over(self.clocks.frame) {
            let reason = format!("a frame was begun, and nothing of it came for {frame_stall:?} (Limits::frame_stall)");
            return Err(Broken::stalled(reason));
        }
        self.check_writing(now)
    }

    /// Checks the one clock that goes on while bytes come: a peer may send all the time, and never read.
    pub(super) fn check_writing(&self, now: Instant) -> Result<(), Broken> {
        if self.clocks.write.is_some_and(|until| until <= now) {
            let (stall, queued) = (self.limits.write_stall, self.outbox.queued());
            let reason =
                format!("the peer has read nothing for {stall:?}, while {queued} bytes wait (Limits::write_stall)");
            return Err(Broken::stalled(reason));
        }
        Ok(())
    }
}

/// Appends a `string`, cut to what a frame may carry, with control characters escaped.
pub(super) fn put_text(out: &mut Vec<u8>, text: &str) {
    let text = printable(text);
    let length = u32::try_from(text.len()).unwrap_or(u32::MAX);
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(text.as_bytes());
}

/// Reads a `string` that is all of `bytes`; anything else reads as a note that says so.
pub(super) fn get_text(bytes: &[u8]) -> String {
    let text = bytes.get(4..).filter(|_| is_sized(bytes)).map(std::str::from_utf8);
    match text {
        Some(Ok(text)) => printable(text),
        _ => "(the peer sent a message that cannot be read)".to_owned(),
    }
}

/// Whether this is a `string`.
pub(super) fn is_text(bytes: &[u8]) -> bool {
    is_sized(bytes) && std::str::from_utf8(bytes.get(4..).unwrap_or_default()).is_ok()
}

/// Whether this is a length, and as many bytes.
fn is_sized(bytes: &[u8]) -> bool {
    bytes.split_first_chunk().is_some_and(|(length, rest)| u32::from_be_bytes(*length) as usize == rest.len())
}

/// Escapes control characters, and cuts at the last whole character that fits.
fn printable(text: &str) -> String {
    let mut out = String::new();
    for char in text.chars() {
        let before = out.len();
        if char.is_control() {
            out.extend(char.escape_default());
        } else {
            out.push(char);
        }
        if out.len() > MOST_TEXT {
            out.truncate(before);
            break;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// R16, L18: the same is done to what is sent and what arrives.
    #[test]
    fn text_is_cut_at_a_character_and_control_characters_are_escaped() {
        let mut out = Vec::new();
        put_text(&mut out, "a\nb\u{1b}[31m");
        assert_eq!(get_text(&out), "a\\nb\\u{1b}[31m");
        let long = "é".repeat(600);
        let mut out = Vec::new();
        put_text(&mut out, &long);
        assert_eq!(get_text(&out), "é".repeat(512));
        assert_eq!(get_text(b"\0\0\0\x05abc"), "(the peer sent a message that cannot be read)");
    }

    #[test]
    fn a_limit_that_the_clock_cannot_express_is_none() {
        let limits = Limits { preface: Duration::MAX, write_stall: Duration::MAX, ..Limits::default() };
        let mut link = Link::new(limits, Instant::now());
        link.say_hello();
        assert_eq!(link.poll_timeout(false, Instant::now()), None);
    }

    /// L6, L7, L15: each has a clock of its own.
    #[test]
    fn each_clock_has_its_limit() {
        let now = Instant::now();
        let mut link = Link::new(Limits::default(), now);
        assert_eq!(link.poll_timeout(true, now), Some(now + Duration::from_secs(10)));
        assert_eq!(link.handle_timeout(now + Duration::from_secs(9)), Ok(()));
        assert!(link.handle_timeout(now + Duration::from_secs(10)).is_err());
        link.hear_hello(MINIMUM);
        assert_eq!(link.poll_timeout(false, now), None);
        assert_eq!(link.poll_timeout(true, now), Some(now + Duration::from_secs(30)));
        let later = now + Duration::from_secs(20);
        assert_eq!(link.poll_timeout(true, later), Some(now + Duration::from_secs(30)));
        link.received();
        assert_eq!(link.poll_timeout(true, later), Some(later + Duration::from_secs(30)));
    }
}
