//! The accepting end of a connection: calls come in, answers go out.

use std::borrow::Cow;
use std::time::{Duration, Instant};

use rustc_hash::FxHashSet;

use super::assembly::{Message, Part};
use super::inbox::{Frame, Incoming};
use super::limits::Limits;
use super::link::{Broken, Link, Transmit, put_text};
use crate::wire::extension::{ExtensionError, Extensions};
use crate::wire::header::{MAX_CALL, ONEWAY};
use crate::wire::{Code, Header, Kind};

/// The accepting end as a state machine. See [`super`] for how it is driven.
#[derive(Debug)]
pub struct ServerConnection {
    link: Link,
    /// The highest call that was opened.
    last_call: u32,
    /// Calls that were refused before all their parts had come: what still comes of them is dropped.
    refused: FxHashSet<u32>,
}

/// A call to be run. Exactly one answer is owed, unless it is oneway.
#[derive(Debug)]
pub struct IncomingCall<'a> {
    /// To be named in the answer.
    pub id: u32,
    /// The method's number.
    pub method: u32,
    /// The shape that the caller's stubs were made with.
    pub shape: u32,
    /// Whether no answer is to be given.
    pub oneway: bool,
    /// How long the caller still waits.
    pub timeout: Option<Duration>,
    payload: Cow<'a, [u8]>,
    args_at: usize,
}

impl IncomingCall<'_> {
    /// The packed arguments.
    pub fn args(&self) -> &[u8] {
        self.payload.get(self.args_at..).unwrap_or_default()
    }
}

impl ServerConnection {
    /// A connection that was just accepted.
    pub fn new(limits: Limits, now: Instant) -> Self {
        Self { link: Link::new(limits, now), last_call: 0, refused: FxHashSet::default() }
    }

    /// Takes what arrived; gives a call where one is complete.
    ///
    /// # Errors
    ///
    /// When the peer broke a rule: [`close`](Self::close) with it, transmit, and end the connection.
    pub fn handle<'a>(&mut self, incoming: Incoming<'a>) -> Result<Option<IncomingCall<'a>>, Broken> {
        self.link.received();
        match incoming {
            Incoming::Preface(preface) => {
                self.link.hear_hello(preface);
                self.link.say_hello();
                Ok(None)
            }
            Incoming::Frame(frame) => self.handle_frame(frame),
        }
    }

    fn handle_frame<'a>(&mut self, frame: Frame<'a>) -> Result<Option<IncomingCall<'a>>, Broken> {
        let call = frame.header.call;
        match frame.header.kind {
            Kind::Call => return self.handle_call(frame),
            Kind::Ping => self.link.pong(frame),
            Kind::Pong | Kind::GoAway | Kind::Skipped(_) => {}
            Kind::Cancel | Kind::Item | Kind::End | Kind::Credit if call > self.last_call => {
                return Err(Broken::rule(format!("a {:?} frame names call {call}, never opened", frame.header.kind)));
            }
            Kind::Cancel => self.cancel(call),
            Kind::Item | Kind::End => self.refuse_stream(call, frame.header.kind)?,
            Kind::Credit => {}
            Kind::Reply | Kind::Fault => {
                return Err(Broken::rule(format!("the calling side sent a {:?}", frame.header.kind)));
            }
        }
        Ok(None)
    }

    fn handle_call<'a>(&mut self, frame: Frame<'a>) -> Result<Option<IncomingCall<'a>>, Broken> {
        let header = frame.header;
        if !self.link.assembly.has(header.call) && !self.open(&header)? {
            return Ok(None);
        }
        match self.link.assembly.take(frame, &self.link.limits) {
            Part::Last(message) => Ok(self.begin(message)),
            Part::Taken => Ok(None),
            Part::Refused(why) => {
                self.refuse_part(&header, &why)?;
                Ok(None)
            }
            Part::Inconsistent => Err(Broken::rule(format!("the parts of call {} disagree", header.call))),
        }
    }

    /// Opens a call at its first part; whether it may go on.
    fn open(&mut self, header: &Header) -> Result<bool, Broken> {
        if self.link.has_said_goodbye() || self.drops(header) {
            return Ok(false);
        }
        if header.call <= self.last_call || header.call > MAX_CALL {
            let last = self.last_call;
            return Err(Broken::rule(format!("call {} may not follow call {last}", header.call)));
        }
        self.last_call = header.call;
        let most = self.link.limits.preface().calls;
        if self.link.assembly.len() < most.into() {
            return Ok(true);
        }
        let why = format!("{most} calls are open on this connection, and no more may be (Limits::open_calls)");
        self.refuse_part(header, &why)?;
        Ok(false)
    }

    /// Whether this is a further part of a call that was refused.
    fn drops(&mut self, header: &Header) -> bool {
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
    fn begin<'a>(&mut self, message: Message<'a>) -> Option<IncomingCall<'a>> {
        let Message { header, payload } = message;
        let (block, rest) = payload.split_at_checked(header.extension.into())?;
        let extensions = match Extensions::decode(block) {
            Ok(extensions) => extensions,
            Err(error) => {
                let code = match error {
                    ExtensionError::NotUnderstood { .. } => Code::Unimplemented,
                    _ => Code::InvalidArgument,
                };
                self.refuse(&header, code, &error.to_string());
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
            timeout: extensions.timeout,
            args_at: usize::from(header.extension) + 4,
            payload,
        })
    }

    /// A stream's frame on a call that has none: an unfinished call fails, and one that has ended does not care.
    fn refuse_stream(&mut self, call: u32, kind: Kind) -> Result<(), Broken> {
        if self.link.assembly.forget(call) {
            self.drop_rest(call)?;
            let why = format!("a frame of kind {kind:?} came for a call without streams");
            self.fault(call, Code::InvalidArgument, false, &why);
        }
        Ok(())
    }

    fn cancel(&mut self, call: u32) {
        self.refused.remove(&call);
        if self.link.assembly.forget(call) {
            self.fault(call, Code::Cancelled, false, "the caller gave up while sending");
        } else if self.link.outbox.give_up(call) {
            self.fault(call, Code::Cancelled, true, "the caller gave up before all of the reply was sent");
        }
    }

    /// Refuses a call that did not run; a oneway one has no answer, not even this.
    fn refuse(&mut self, header: &Header, code: Code, why: &str) {
        if header.flags & ONEWAY == 0 {
            self.fault(header.call, code, false, why);
        }
    }

    /// The caller makes no more calls: those whose parts have not all come are given up.
    pub fn end_of_calls(&mut self) {
        while let Some(call) = self.link.assembly.any() {
            self.cancel(call);
        }
    }

    /// Answers with packed results; leaves `payload` empty.
    pub fn reply(&mut self, call: u32, payload: &mut Vec<u8>) {
        self.answer(Header::new(Kind::Reply, call, 0), payload);
    }

    /// Answers with a packed declared error; leaves `payload` empty.
    pub fn declared(&mut self, call: u32, payload: &mut Vec<u8>) {
        self.answer(Header::new(Kind::Fault, call, 0), payload);
    }

    fn answer(&mut self, header: Header, payload: &mut Vec<u8>) {
        let (came, most) = (payload.len(), self.link.limits.message);
        if came > most {
            payload.clear();
            let why = format!("the reply comes to {came} bytes, and at most {most} may be sent (Limits::message)");
            return self.fault(header.call, Code::ResourceExhausted, true, &why);
        }
        self.link.send(header, payload);
    }

    /// Answers with a status. `ran` is false only if the call certainly did not run.
    pub fn fault(&mut self, call: u32, code: Code, ran: bool, message: &str) {
        let mut payload = vec![u8::from(!ran)];
        put_text(&mut payload, message);
        self.link.outbox.frame(Header::new(Kind::Fault, call, code.number()), &payload);
    }

    /// Says that no further call will be handled; open ones are finished.
    pub fn go_away(&mut self, reason: &str) {
        self.link.say_goodbye(self.last_call, 0, reason);
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
        self.link.is_quiet(is_mid_frame)
    }

    /// Until when to wait at most, if anything is expected of the peer.
    pub fn poll_timeout(&mut self, is_mid_frame: bool, now: Instant) -> Option<Instant> {
        self.link.poll_timeout(is_mid_frame, now)
    }

    /// Says what it means that time has passed.
    ///
    /// # Errors
    ///
    /// When the peer took too long: the connection is over.
    pub fn handle_timeout(&mut self, now: Instant) -> Result<(), Broken> {
        self.link.handle_timeout(now)
    }
}

impl Transmit for ServerConnection {
    fn poll_transmit(&mut self, into: &mut Vec<u8>) {
        self.link.poll_transmit(into);
    }

    fn transmitted(&mut self, count: usize) {
        self.link.transmitted(count);
    }
}
