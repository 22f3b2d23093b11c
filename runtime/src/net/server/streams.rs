//! A call with streams: its handler has a thread from the beginning, and its place on its session.

use std::sync::Arc;
use std::task::Waker;
use std::time::Instant;

use super::answer::answer_stream;
use super::handle::handle;
use super::seat::Seat;
use super::session::{End, Guard, Session};
use crate::context::CallState;
use crate::net::socket::Readiness;
use crate::net::wakers::wake;
use crate::pack::{PackLimits, UnpackError, UnpackLimits};
use crate::proto::{Half, IncomingCall, Put, Streams, Taken};
use crate::status::Status;
use crate::stream::{Arrived, CallStreams, Carrier, park};
use crate::wire::Code;

/// What is ready is sent at once when it is so many bytes.
const SEND_EARLY: usize = 16 << 10;

/// A call with streams that is to be handled.
#[derive(Debug)]
pub(super) struct StreamCall {
    pub(super) seat: Arc<Seat>,
    pub(super) call: IncomingCall<'static>,
    pub(super) streams: Streams,
    pub(super) state: Arc<CallState>,
}

impl StreamCall {
    /// Runs the handler, and sends its answer.
    pub(super) fn run(self) {
        let Self { seat, call, streams, state } = self;
        let (session, id, mut out) = (seat.session(), call.id, Vec::new());
        let carrier = Arc::new(StreamEnd { seat: Arc::clone(&seat), call: id });
        let ends = Some(CallStreams::new(carrier));
        let outcome = handle(session.router(), call, state, session.limits(), ends, &mut out);
        let mut wire = session.wire();
        if session.has_returned(&mut wire, id) {
            answer_stream(&mut wire.connection, (id, streams), outcome, &mut out, session.peer());
        }
        session.release_streams(wire);
        session.end(End::Replaced);
    }
}

/// This end of a call's streams.
#[derive(Debug)]
struct StreamEnd {
    seat: Arc<Seat>,
    call: u32,
}

impl StreamEnd {
    fn session(&self) -> &Session {
        self.seat.session()
    }

    /// What was queued leaves now, if nothing has left since the last tick of the watch, or if it is much; else with that
    /// tick. Where there is no watch, nobody else would send what the peer does not take now.
    fn send_soon(&self, mut wire: Guard<'_>) {
        let queued = wire.connection.queued();
        let Some(watch) = self.seat.watch() else {
            self.session().release_streams(wire);
            return self.session().send_late();
        };
        if queued > SEND_EARLY || (queued > 0 && !wire.is_late) {
            self.session().try_flush(&mut wire);
            if !std::mem::replace(&mut wire.is_late, true) {
                watch.add_late(&self.seat);
            }
        }
        self.session().release_streams(wire);
    }

    /// While the peer takes nothing, one thread of those that have something to send waits until it does.
    fn wait_for_room<'a>(&'a self, mut wire: Guard<'a>, until: Option<Instant>) {
        wire.has_writer = true;
        let stall = wire.connection.poll_write_timeout(Instant::now());
        drop(wire);
        let ready = self.session().socket().wait(Readiness::WRITE, until.into_iter().chain(stall).min());
        let mut wire = self.session().wire();
        wire.has_writer = false;
        match ready {
            Ok(ready) if ready.write => self.session().try_flush(&mut wire),
            // The reader finds out by itself what else is wrong.
            Ok(_) | Err(_) => {}
        }
        self.session().release_streams(wire);
    }
}

impl Carrier for StreamEnd {
    fn take(&self, done: usize, waker: &Waker) -> Option<Arrived> {
        let mut wire = self.session().wire();
        let queued = wire.connection.queued();
        wire.connection.consumed(self.call, done);
        if wire.connection.queued() > queued {
            // Credit is sent at once: the caller may wait for it.
            self.session().try_flush(&mut wire);
        }
        let arrived = match wire.connection.take_items(self.call) {
            Taken::Items(items) => Some(Arrived::Items(items)),
            Taken::End => Some(Arrived::End),
            Taken::Over => Some(Arrived::Failed(over())),
            Taken::Nothing => {
                wire.wakers.add(self.call, Half::Incoming, waker);
                None
            }
        };
        self.session().release_streams(wire);
        arrived
    }

    fn put(&self, items: &mut Vec<u8>, count: u32, waker: &Waker) -> Option<Result<(), Status>> {
        let mut wire = self.session().wire();
        match wire.connection.put_items(self.call, items, count) {
            Put::Queued => {
                self.send_soon(wire);
                Some(Ok(()))
            }
            Put::Over => Some(Err(over())),
            Put::Full => {
                wire.wakers.add(self.call, Half::Outgoing, waker);
                None
            }
        }
    }

    fn park(&self, half: Half, until: Option<Instant>) {
        let mut wire = self.session().wire();
        self.session().try_flush(&mut wire);
        if half == Half::Outgoing && wire.connection.queued() > 0 && !wire.has_writer {
            return self.wait_for_room(wire, until);
        }
        self.session().release_streams(wire);
        park(until);
    }

    /// The watch sees to it.
    fn deadline(&self) -> Option<Instant> {
        None
    }

    fn refuse(&self, error: &UnpackError) -> Status {
        let code = if error.is_memory_limit() { Code::ResourceExhausted } else { Code::InvalidArgument };
        let message = format!("an item cannot be read: {error}");
        self.session().fail_stream(self.call, code, &message);
        Status::new(code, message)
    }

    fn describe(&self, status: Status) -> Status {
        status
    }

    /// A handler ends its stream by returning.
    fn end(&self) {}

    fn leave(&self, half: Half) {
        if half == Half::Incoming {
            let mut wire = self.session().wire();
            wire.connection.ignore_items(self.call);
            self.send_soon(wire);
        }
    }

    fn pack_limits(&self) -> PackLimits {
        self.session().limits().pack()
    }

    fn unpack_limits(&self) -> UnpackLimits {
        self.session().limits().unpack()
    }
}

/// What a handler hears whose call is over.
fn over() -> Status {
    Status::cancelled("the call is over: nobody waits for what its handler does")
}

impl Session {
    /// Sends what the socket takes now. That it fails is for the reader to find out.
    fn try_flush(&self, wire: &mut Guard<'_>) {
        if let Err(error) = self.flush(wire) {
            log::debug!("cannot send to {}: {error}", self.peer());
        }
    }

    /// Sends what is late; whether something is left.
    pub(super) fn send_queued(&self) -> bool {
        let mut wire = self.wire();
        self.try_flush(&mut wire);
        wire.is_late = wire.connection.queued() > 0;
        let is_late = wire.is_late;
        self.release_streams(wire);
        is_late
    }

    /// Gives the lock back, and wakes those whose streams can go on.
    pub(super) fn release_streams(&self, mut wire: Guard<'_>) {
        let woken = wire.take_woken();
        drop(wire);
        wake(woken);
    }

    /// What came for a call cannot be used: it fails, and its handler is told.
    fn fail_stream(&self, call: u32, code: Code, message: &str) {
        let mut wire = self.wire();
        wire.connection.fail_stream(call, code, message);
        self.try_flush(&mut wire);
        let cancelled = wire.take_cancelled();
        self.release_streams(wire);
        super::session::cancel(&cancelled);
    }
}
