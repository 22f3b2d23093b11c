//! The accepting end of a connection: calls come in, answers go out.

use std::sync::Arc;
use std::time::Instant;

use rustc_hash::{FxHashMap, FxHashSet};

use super::assembly::{Content, Message, Part};
use super::inbox::{Frame, Inbox, Incoming};
use super::incoming_call::IncomingCall;
use super::limits::Limits;
use super::link::{Broken, Link, Transmit};
use super::outgoing::Outgoing;
use super::placed::Placed;
use super::running::Running;
use crate::wire::header::{MAX_CALL, ONEWAY};
use crate::wire::{Code, Extensions, Header, Kind};

/// The accepting end as a state machine. See [`super`] for how it is driven.
#[derive(Debug)]
pub struct ServerConnection {
    pub(super) link: Link,
    /// The highest call that was opened; once GOAWAY was said, the highest that came.
    last_call: u32,
    /// Calls that were refused before all their parts had come: what still comes of them is dropped.
    pub(super) refused: FxHashSet<u32>,
    /// Until when calls must be over whose parts have not all come.
    pub(super) deadlines: FxHashMap<u32, Instant>,
    pub(super) running: Running,
}

impl ServerConnection {
    /// A connection that was just accepted.
    pub fn new(limits: Limits, now: Instant) -> Self {
        Self {
            link: Link::new(limits, now),
            last_call: 0,
            refused: FxHashSet::default(),
            deadlines: FxHashMap::default(),
            running: Running::default(),
        }
    }

    /// Notes that bytes came, though of a frame that is not complete: the peer is not stuck.
    pub fn received(&mut self) {
        self.link.received();
    }

    /// Takes what arrived at this time; gives a call where one is complete.
    ///
    /// # Errors
    ///
    /// When the peer broke a rule: [`close`](Self::close) with it, transmit, and end the connection.
    pub fn handle<'a>(&mut self, incoming: Incoming<'a>, now: Instant) -> Result<Option<IncomingCall<'a>>, Broken> {
        match incoming {
            Incoming::Preface(preface) => {
                self.link.hear_hello(preface);
                self.link.say_hello();
                Ok(None)
            }
            Incoming::Frame(frame) => self.handle_frame(frame, now),
            Incoming::Placed(Placed { header, message, .. }) => {
                self.handle_call(header, Content::Message(message), now)
            }
        }
    }

    /// Lets the rest of a long call in the inbox be received where it is put together: for when nothing is left there that is
    /// complete.
    pub fn place(&mut self, inbox: &mut Inbox) {
        self.link.place(inbox, &[Kind::Call]);
    }

    fn handle_frame<'a>(&mut self, frame: Frame<'a>, now: Instant) -> Result<Option<IncomingCall<'a>>, Broken> {
        let call = frame.header.call;
        match frame.header.kind {
            Kind::Call => return self.handle_call(frame.header, Content::Payload(frame.payload), now),
            Kind::GoAway => return Self::handle_go_away(frame),
            Kind::Ping => self.link.pong(frame),
            Kind::Cancel | Kind::Item | Kind::End | Kind::Credit if call > self.last_call => {
                return Err(Broken::rule(format!("a {:?} frame names call {call}, never opened", frame.header.kind)));
            }
            Kind::Cancel => self.cancel(call),
            Kind::Item | Kind::End => self.handle_stream(frame)?,
            Kind::Credit => self.link.hear_credit(&frame.header)?,
            Kind::Pong | Kind::Skipped(_) => {}
            Kind::Reply | Kind::Fault => {
                return Err(Broken::rule(format!("the calling side sent a {:?}", frame.header.kind)));
            }
        }
        Ok(None)
    }

    /// The caller says that it makes no more calls, which changes nothing, or that it breaks off.
    fn handle_go_away<'a>(frame: Frame<'_>) -> Result<Option<IncomingCall<'a>>, Broken> {
        match Link::hear_goodbye(frame)? {
            (0, _) => Ok(None),
            (code, reason) => {
                let reason = format!("the caller broke off the connection: {reason}");
                Err(Broken { code: Code::from_number(code), reason, tell: false })
            }
        }
    }

    fn handle_call<'a>(
        &mut self,
        header: Header,
        content: Content<'a>,
        now: Instant,
    ) -> Result<Option<IncomingCall<'a>>, Broken> {
        if !self.link.assembly.has(header.call) {
            if !self.open(&header)? {
                return Ok(None);
            }
            self.note_deadline(&header, content.bytes(), now);
        }
        match self.link.assembly.take((header, content), &self.link.limits, &mut self.link.holding) {
            Part::Last(message) => Ok(self.begin(message, now)),
            Part::Taken => Ok(None),
            Part::Refused(why) => {
                self.deadlines.remove(&header.call);
                self.refuse_part(&header, &why)?;
                Ok(None)
            }
            Part::Inconsistent => Err(Broken::rule(format!("the parts of call {} disagree", header.call))),
        }
    }

    /// Opens a call at its first part; whether it may go on.
    fn open(&mut self, header: &Header) -> Result<bool, Broken> {
        if self.drops(header) {
            return Ok(false);
        }
        if self.link.has_said_goodbye() {
            // Its caller may not know yet, and cancel it.
            self.last_call = self.last_call.max(header.call);
            return Ok(false);
        }
        if header.call <= self.last_call || header.call > MAX_CALL {
            let last = self.last_call;
            return Err(Broken::rule(format!("call {} may not follow call {last}", header.call)));
        }
        self.last_call = header.call;
        let most = self.link.limits.preface().calls;
        if self.link.assembly.len() + self.running.open() < most.into() {
            return Ok(true);
        }
        let why = format!("{most} calls are open on this connection, and no more may be (Limits::open_calls)");
        self.refuse_part(header, &why)?;
        Ok(false)
    }

    /// The time of a call in parts runs from the first, which has the extensions; if they are wrong, the last part tells.
    fn note_deadline(&mut self, header: &Header, payload: &[u8], now: Instant) {
        if header.has_more()
            && let Some(block) = payload.get(..header.extension.into())
            && let Ok(Extensions { timeout: Some(timeout), .. }) = Extensions::decode(header.kind, block)
            && let Some(deadline) = now.checked_add(timeout)
        {
            self.deadlines.insert(header.call, deadline);
        }
    }

    /// Whether this is a further part of a call that was refused.
    fn drops(&mut self, header: &Header) -> bool {
        if self.refused.is_empty() {
            return false;
        }
        if header.has_more() { self.refused.contains(&header.call) } else { self.refused.remove(&header.call) }
    }

    /// Refuses a call that passes a limit.
    fn refuse_part(&mut self, header: &Header, why: &str) -> Result<(), Broken> {
        if header.has_more() {
            self.drop_rest(header.call)?;
        }
        self.refuse(header, Code::ResourceExhausted, why);
        Ok(())
    }

    /// What still comes of a call will be dropped. A caller that goes on and on with calls that have ended is cut off.
    fn drop_rest(&mut self, call: u32) -> Result<(), Broken> {
        let most = self.link.limits.preface().calls;
        if self.refused.len() >= most.into() {
            return Err(Broken::rule(format!("{most} calls go on though they have ended")));
        }
        self.refused.insert(call);
        Ok(())
    }

    /// Reads what stands before the arguments.
    fn begin<'a>(&mut self, message: Message<'a>, now: Instant) -> Option<IncomingCall<'a>> {
        let noted = if self.deadlines.is_empty() { None } else { self.deadlines.remove(&message.header.call) };
        let Message { header, payload } = message;
        let (block, rest) = payload.split_at_checked(header.extension.into())?;
        let extensions = match Extensions::decode(header.kind, block) {
            Ok(extensions) => extensions,
            Err(error) => {
                self.refuse(&header, error.code(), &error.to_string());
                return None;
            }
        };
        let Some((shape, _)) = rest.split_first_chunk::<4>() else {
            self.refuse(&header, Code::InvalidArgument, "the call ends before its shape");
            return None;
        };
        Some(IncomingCall {
            id: header.call,
            method: header.argument,
            shape: u32::from_be_bytes(*shape),
            oneway: header.is_oneway(),
            deadline: noted.or_else(|| now.checked_add(extensions.timeout?)),
            metadata: extensions.metadata().map(Arc::new),
            trace: extensions.trace,
            args_at: usize::from(header.extension) + 4,
            payload,
        })
    }

    /// A stream's frame on a call that has none: an unfinished call fails, and one that has ended does not care.
    pub(super) fn refuse_stream(&mut self, call: u32, kind: Kind) -> Result<(), Broken> {
        let why = format!("a frame of kind {kind:?} came for a call without streams");
        if self.running.cancel(call) {
            self.fault(call, Code::InvalidArgument, true, &why);
        }
        if !self.link.assembly.has(call) {
            return Ok(());
        }
        self.drop_rest(call)?;
        self.give_up(call, Code::InvalidArgument, &why);
        Ok(())
    }

    /// Ends a call whose parts have not all come; whether there was one.
    fn give_up(&mut self, call: u32, code: Code, why: &str) -> bool {
        self.deadlines.remove(&call);
        let unfinished = self.link.assembly.forget(call, &mut self.link.holding);
        if let Some(header) = &unfinished {
            self.refuse(header, code, why);
        }
        unfinished.is_some()
    }

    fn cancel(&mut self, call: u32) {
        self.refused.remove(&call);
        let was_unfinished = self.give_up(call, Code::Cancelled, "the caller gave up while sending");
        if self.running.cancel(call) {
            self.stop(call);
            return self.fault(call, Code::Cancelled, true, "the caller gave up before the call was answered");
        }
        if !was_unfinished && self.link.outbox.give_up(call) {
            self.fault(call, Code::Cancelled, true, "the caller gave up before all of the answer was sent");
        }
    }

    /// Refuses a call that did not run; a oneway one has no answer, not even this.
    fn refuse(&mut self, header: &Header, code: Code, why: &str) {
        if header.flags & ONEWAY == 0 {
            self.fault(header.call, code, false, why);
        }
    }

    /// The caller sends nothing more: calls whose parts or items have not all come are given up.
    pub fn end_of_calls(&mut self) {
        for call in self.link.streams.awaited() {
            self.cancel(call);
        }
        while let Some(call) = self.link.assembly.any() {
            self.cancel(call);
        }
    }

    /// Says that the peer is to open no more calls here; all that it has opened meanwhile are still handled.
    pub fn foretell(&mut self, reason: &str) {
        self.link.foretell(reason);
    }

    /// Says that no further call will be handled; open ones are finished, and those that have not all come are refused.
    pub fn go_away(&mut self, reason: &str) {
        self.link.say_goodbye(self.last_call, 0, reason);
        while let Some(call) = self.link.assembly.any() {
            self.give_up(call, Code::Unavailable, reason);
        }
    }

    /// Says why the connection ends, where the peer can understand it.
    pub fn close(&mut self, why: &Broken) {
        if why.tell {
            self.link.say_goodbye(self.last_call, why.code.number(), &why.reason);
        }
    }

    /// Whether so many replies wait to be sent that no further call should be taken.
    pub fn is_congested(&self) -> bool {
        self.link.is_congested()
    }

    /// Whether no call has come in part, nothing waits to be sent, and the peer was not told that the connection ends.
    pub fn is_idle(&self) -> bool {
        self.queued() == 0 && !self.has_unfinished() && !self.has_said_goodbye()
    }

    /// Whether of some call only a part has come.
    pub fn has_unfinished(&self) -> bool {
        self.link.assembly.len() > 0
    }

    /// Bytes that wait to be sent.
    pub fn queued(&self) -> usize {
        self.link.outbox.queued()
    }

    /// Whether the peer was told that the connection ends.
    pub fn has_said_goodbye(&self) -> bool {
        self.link.has_said_goodbye()
    }

    /// The limits this end was made with.
    pub fn limits(&self) -> &Limits {
        &self.link.limits
    }

    /// Whether a wait needs no end: nothing is expected of the peer.
    pub fn is_quiet(&self, is_mid_frame: bool) -> bool {
        self.link.is_quiet(is_mid_frame) && self.deadlines.is_empty()
    }

    /// Until when to wait at most, if anything is expected of the peer.
    pub fn poll_timeout(&mut self, is_mid_frame: bool, now: Instant) -> Option<Instant> {
        let of_link = self.link.poll_timeout(is_mid_frame, now);
        of_link.into_iter().chain(self.deadlines.values().copied()).min()
    }

    /// Until when to wait for room to send, at most.
    pub fn poll_write_timeout(&mut self, now: Instant) -> Option<Instant> {
        self.link.poll_write_timeout(now)
    }

    /// Says what it means that time has passed.
    ///
    /// # Errors
    ///
    /// When the peer took too long: the connection is over.
    pub fn handle_timeout(&mut self, now: Instant) -> Result<(), Broken> {
        self.link.handle_timeout(now)?;
        let over = self.deadlines.iter().filter(|(_, deadline)| **deadline <= now);
        for call in over.map(|(call, _)| *call).collect::<Vec<_>>() {
            self.drop_rest(call)?;
            self.give_up(call, Code::DeadlineExceeded, "the time for the call was over before all of it had come");
        }
        Ok(())
    }
}

impl Transmit for ServerConnection {
    fn poll_transmit(&mut self, into: &mut Outgoing) {
        self.link.poll_transmit(into);
    }

    fn transmitted(&mut self, count: usize) {
        self.link.transmitted(count);
    }
}
