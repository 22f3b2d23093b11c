//! The connecting end of a connection: calls go out, answers come in.

use std::time::{Duration, Instant};

use rustc_hash::FxHashMap;

use super::assembly::{Content, Message, Part};
use super::inbox::{Frame, Inbox, Incoming};
use super::keepalive::Keepalive;
use super::limits::Limits;
use super::link::{Broken, Link, Transmit};
use super::outcome::{self, Outcome};
use super::outgoing::Outgoing;
use super::placed::Placed;
use super::streams::Streams;
use crate::wire::header::{MAX_CALL, ONEWAY};
use crate::wire::{Code, Header, Kind, Metadata};

/// Names a call on its connection; never used again there.
pub type CallId = u32;

/// The connecting end as a state machine. See [`super`] for how it is driven.
///
/// Whoever opens a call gives it a tag, and gets the tag back when the call has ended.
#[derive(Debug)]
pub struct ClientConnection<T> {
    pub(super) link: Link,
    next_call: CallId,
    /// Calls whose answer has not come; no tag for those whose answer nobody wants any more.
    pub(super) open: FxHashMap<CallId, Option<T>>,
    /// The peer takes no further calls, and did not run those above this one.
    last_handled: Option<CallId>,
    keepalive: Keepalive,
}

/// Why a call cannot be opened now. None of them has sent anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// As many are open as the peer allows, or too much waits to be sent: the connection must get on first.
    #[error("as many calls are open as the peer allows, or too much waits to be sent")]
    TooMany,
    /// The peer takes no further calls, or the ids are used up: another connection is needed.
    #[error("the connection takes no further calls")]
    GoingAway,
    /// The message is longer than may be sent.
    #[error("the call comes to {came} bytes, and at most {most} may be sent (Limits::message)")]
    TooLong {
        /// What was packed, in bytes.
        came: usize,
        /// What is allowed, in bytes.
        most: usize,
    },
}

/// A call has ended.
#[derive(Debug)]
pub struct Ended<'a, T> {
    /// Which.
    pub tag: T,
    /// How.
    pub outcome: Outcome<'a>,
    /// What the server said beside it.
    pub metadata: Option<Box<Metadata>>,
}

/// A call that a dead connection takes with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lost<T> {
    /// Which.
    pub tag: T,
    /// Whether it certainly did not run: not all of it was handed to the transport, or the peer said so.
    pub never_sent: bool,
}

impl<T> ClientConnection<T> {
    /// A connection that was just made. Its preface is queued; calls may follow at once.
    pub fn new(limits: Limits, now: Instant) -> Self {
        let mut link = Link::new(limits, now);
        link.say_hello();
        Self { link, next_call: 1, open: FxHashMap::default(), last_handled: None, keepalive: Keepalive::default() }
    }

    /// The same, which sends a PING when calls are open and nothing has come for `idle`, and counts the peer as gone when
    /// nothing comes for `patience` after it. An `idle` of zero: never.
    #[must_use]
    pub fn with_keepalive(mut self, idle: Duration, patience: Duration) -> Self {
        self.keepalive = Keepalive::new(idle, patience);
        self
    }

    /// Whether a call can be opened now.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open).
    pub fn may_open(&self) -> Result<(), OpenError> {
        if self.is_going_away() {
            return Err(OpenError::GoingAway);
        }
        let is_full = self.open.len() >= self.link.peer_calls() || self.link.is_congested();
        if is_full { Err(OpenError::TooMany) } else { Ok(()) }
    }

    /// Queues a call: `payload` is its extensions, of which there are `extension` bytes, its shape and its arguments.
    /// Leaves it as it was where it has at most 65,536 bytes; else it may be taken. A oneway call is over once it is sent.
    ///
    /// # Errors
    ///
    /// When it cannot be opened now; nothing is sent, and `payload` is as it was.
    pub fn open(
        &mut self,
        method: u32,
        oneway: bool,
        streams: Streams,
        extension: u16,
        payload: &mut Vec<u8>,
        tag: T,
    ) -> Result<CallId, OpenError> {
        self.may_open()?;
        let (came, most) = (payload.len().saturating_sub(extension.into()), self.link.limits.message);
        if came > most {
            return Err(OpenError::TooLong { came, most });
        }
        let call = self.next_call;
        self.next_call += 1;
        if !oneway {
            self.open.insert(call, Some(tag));
            self.link.begin_streams(call, streams);
        }
        let flags = if oneway { ONEWAY } else { 0 };
        self.link.post(Header { flags, extension, ..Header::new(Kind::Call, call, method) }, payload);
        Ok(call)
    }

    /// Loses interest in a call: its answer will not be reported.
    pub fn cancel(&mut self, call: CallId) {
        if let Some(tag) = self.open.get_mut(&call) {
            *tag = None;
            self.abandon(call);
        }
    }

    /// Tells the server that nobody waits for its answer, and drops what there is of the call.
    pub(super) fn abandon(&mut self, call: CallId) {
        self.link.forget_streams(call);
        self.link.outbox.give_up(call);
        self.link.outbox.frame(Header::new(Kind::Cancel, call, 0), &[]);
    }

    /// Notes that bytes came, though of a frame that is not complete: the peer is not stuck.
    pub fn received(&mut self) {
        self.link.received();
        self.keepalive.received();
    }

    /// Looks whether nothing has come for long, and queues a PING then; `is_read` if all that has come was read. Says when
    /// to look again; never, without a keepalive.
    ///
    /// # Errors
    ///
    /// When nothing came after a PING: the connection is over.
    pub fn look_for_silence(&mut self, is_read: bool, now: Instant) -> Result<Option<Instant>, Broken> {
        if self.keepalive.look(is_read && !self.open.is_empty(), now)? {
            self.link.ping();
        }
        Ok(self.keepalive.next_look(now))
    }

    /// Whether the peer has sent a good preface.
    pub const fn has_heard(&self) -> bool {
        self.link.has_heard()
    }

    /// Takes what arrived; gives a call where one has ended.
    ///
    /// # Errors
    ///
    /// When the peer broke a rule, or said that it breaks off: end the connection.
    pub fn handle<'a>(&mut self, incoming: Incoming<'a>) -> Result<Option<Ended<'a, T>>, Broken> {
        match incoming {
            Incoming::Preface(preface) => {
                self.link.hear_hello(preface);
                Ok(None)
            }
            Incoming::Frame(frame) => self.handle_frame(frame),
            Incoming::Placed(Placed { header, message, .. }) => self.handle_answer(header, Content::Message(message)),
        }
    }

    /// Lets the rest of a long answer in the inbox be received where it is put together: for when nothing is left there that
    /// is complete.
    pub fn place(&mut self, inbox: &mut Inbox) {
        self.link.place(inbox, &[Kind::Reply, Kind::Fault]);
    }

    fn handle_frame<'a>(&mut self, frame: Frame<'a>) -> Result<Option<Ended<'a, T>>, Broken> {
        let header = frame.header;
        match header.kind {
            Kind::Reply | Kind::Fault => return self.handle_answer(header, Content::Payload(frame.payload)),
            Kind::Ping => self.link.pong(frame),
            Kind::GoAway => return self.handle_go_away(frame),
            Kind::Pong | Kind::Skipped(_) => {}
            Kind::Item | Kind::End if header.call < self.next_call => return self.handle_stream(frame),
            Kind::Credit if header.call < self.next_call => self.link.hear_credit(&header)?,
            Kind::Item | Kind::End | Kind::Credit => return Err(self.never_opened(&header)),
            Kind::Call | Kind::Cancel => {
                return Err(Broken::rule(format!("the answering side sent a {:?}", header.kind)));
            }
        }
        Ok(None)
    }

    fn handle_answer<'a>(&mut self, header: Header, content: Content<'a>) -> Result<Option<Ended<'a, T>>, Broken> {
        if header.call >= self.next_call {
            return Err(self.never_opened(&header));
        }
        if !self.open.contains_key(&header.call) && !self.link.assembly.has(header.call) {
            return Ok(None);
        }
        self.may_answer(header.call, header.kind)?;
        if header.kind == Kind::Fault && self.link.assembly.kind(header.call) == Some(Kind::Reply) {
            self.link.assembly.forget(header.call, &mut self.link.holding);
        }
        match self.link.assembly.take((header, content), &self.link.limits, &mut self.link.holding) {
            Part::Last(message) => Ok(self.end(message)),
            Part::Taken => Ok(None),
            Part::Refused(message) => {
                let outcome = Outcome::Status { code: Code::ResourceExhausted, ran: true, message };
                Ok(self.report(header.call, outcome, None))
            }
            Part::Inconsistent => {
                Err(Broken::rule(format!("the parts of the answer to call {} disagree", header.call)))
            }
        }
    }

    fn never_opened(&self, header: &Header) -> Broken {
        let last = self.next_call - 1;
        Broken::rule(format!("a {:?} frame names call {}, and the last one opened is {last}", header.kind, header.call))
    }

    fn end<'a>(&mut self, message: Message<'a>) -> Option<Ended<'a, T>> {
        let call = message.header.call;
        let (mut outcome, metadata) = outcome::read(message);
        if matches!(outcome, Outcome::Reply(_)) && self.link.streams.has_incoming(call) {
            let message = "a REPLY ended a call whose result is a stream".to_owned();
            outcome = Outcome::Status { code: Code::Internal, ran: true, message };
        }
        self.report(call, outcome, metadata)
    }

    /// The end of a call, if anybody still wants to know.
    pub(super) fn report<'a>(
        &mut self,
        call: CallId,
        outcome: Outcome<'a>,
        metadata: Option<Box<Metadata>>,
    ) -> Option<Ended<'a, T>> {
        self.link.end_streams(call);
        if self.link.outbox.give_up(call) {
            self.link.outbox.frame(Header::new(Kind::Cancel, call, 0), &[]);
        }
        let tag = self.open.remove(&call)??;
        Some(Ended { tag, outcome, metadata })
    }

    /// Notes that no further calls are taken: see [`poll_refused`](Self::poll_refused).
    fn handle_go_away<'a>(&mut self, frame: Frame<'a>) -> Result<Option<Ended<'a, T>>, Broken> {
        let (code, reason) = Link::hear_goodbye(frame)?;
        let handled = self.last_handled.map_or(frame.header.argument, |before| before.min(frame.header.argument));
        self.last_handled = Some(handled);
        log::debug!("the server takes no further calls on this connection: {reason}");
        if code == 0 {
            return Ok(None);
        }
        let reason = format!("the server broke off the connection: {reason}");
        Err(Broken { code: Code::from_number(code), reason, tell: false })
    }

    /// Takes one call that the peer said it did not and will not run: it may be sent elsewhere.
    pub fn poll_refused(&mut self) -> Option<T> {
        let last = self.last_handled?;
        while let Some(call) = self.open.keys().copied().find(|call| *call > last) {
            self.link.end_streams(call);
            self.link.outbox.give_up(call);
            if let Some(Some(tag)) = self.open.remove(&call) {
                return Some(tag);
            }
        }
        None
    }

    /// Every open call that somebody still wants, as the connection dies. If `is_sending`, what was handed out last may
    /// have been sent.
    pub fn lose_all(&mut self, is_sending: bool) -> Vec<Lost<T>> {
        if is_sending {
            self.link.outbox.all_sent();
        }
        for call in self.link.streams.calls() {
            self.link.end_streams(call);
        }
        let last = self.last_handled.replace(0).unwrap_or(MAX_CALL);
        let open = std::mem::take(&mut self.open);
        let wanted = open.into_iter().filter_map(|(call, tag)| Some((call, tag?)));
        wanted.map(|(call, tag)| Lost { tag, never_sent: call > last || self.link.outbox.is_unsent(call) }).collect()
    }

    /// Whether no further call can ever be opened: the peer takes none, or the ids are used up.
    pub const fn is_going_away(&self) -> bool {
        self.last_handled.is_some() || self.next_call > MAX_CALL
    }

    /// Says why the connection ends, where the peer can understand it.
    pub fn close(&mut self, why: &Broken) {
        if why.tell {
            self.link.say_goodbye(0, why.code.number(), &why.reason);
        }
    }

    /// Bytes that wait to be sent.
    pub fn queued(&self) -> usize {
        self.link.outbox.queued()
    }

    /// The limits this end was made with.
    pub fn limits(&self) -> &Limits {
        &self.link.limits
    }
}

impl<T> Transmit for ClientConnection<T> {
    fn poll_transmit(&mut self, into: &mut Outgoing) {
        self.link.poll_transmit(into);
    }

    fn transmitted(&mut self, count: usize) {
        self.link.transmitted(count);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connection() -> ClientConnection<()> {
        ClientConnection::new(Limits::default(), Instant::now())
    }

    /// R12, L17: no number is used twice.
    #[test]
    fn a_connection_whose_ids_are_used_up_takes_no_further_calls() {
        let mut connection = ClientConnection { next_call: MAX_CALL, ..connection() };
        assert!(!connection.is_going_away());
        assert_eq!(connection.open(1, false, Streams::default(), 0, &mut vec![0; 4], ()), Ok(MAX_CALL));
        assert!(connection.is_going_away());
        assert_eq!(connection.open(1, false, Streams::default(), 0, &mut vec![0; 4], ()), Err(OpenError::GoingAway));
    }
}
