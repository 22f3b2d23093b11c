//! A call with streams: its handler has a thread from the beginning, and its place on its session.

use std::sync::Arc;
use std::task::Waker;
use std::time::Instant;

use super::answer::{Owed, answer};
use super::early::SEND_EARLY;
use super::handle::handle;
use super::seat::Seat;
use super::session::{End, Guard, Session, cancel};
use super::stream_end::{CarriesStreams, StreamEnd};
use crate::buffers::Packed;
use crate::context::CallState;
use crate::net::socket::Readiness;
use crate::net::wakers::wake;
use crate::pack::UnpackError;
use crate::proto::{Half, IncomingCall, Streams};
use crate::status::Status;
use crate::stream::{Arrived, CallStreams, park};

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
        let Self { seat, mut call, streams, state } = self;
        let (session, id, mut out) = (seat.session(), call.id, Packed::default());
        let carrier = Arc::new(StreamEnd::new(&seat, id, session.limits()));
        let ends = Some(CallStreams::new(carrier));
        let outcome = handle(session.router(), &mut call, state, session.limits(), ends, &mut out);
        let mut wire = session.wire();
        if session.has_returned(&mut wire, id) {
            answer(&mut wire.connection, (id, Owed::with_streams(streams)), outcome, &mut out, session.peer());
        }
        release(wire);
        session.end(End::Replaced);
    }
}

impl Seat {
    /// What was queued leaves now, if nothing has left since the last tick of the watch, or if it is much; else with that
    /// tick. Where there is no watch, nobody else would send what the peer does not take now.
    fn send_soon(self: &Arc<Self>, mut wire: Guard<'_>) {
        let queued = wire.connection.queued();
        let Some(watch) = self.watch() else {
            release(wire);
            return self.session().send_late();
        };
        if queued > SEND_EARLY || (queued > 0 && !wire.is_late) {
            self.session().try_flush(&mut wire);
            if !std::mem::replace(&mut wire.is_late, true) {
                watch.add_late(self);
            }
        }
        release(wire);
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
        release(wire);
    }
}

impl CarriesStreams for Seat {
    fn take(self: &Arc<Self>, call: u32, done: usize, waker: &Waker) -> Option<Arrived> {
        let mut wire = self.session().wire();
        if wire.consumed(call, done) {
            self.session().try_flush(&mut wire);
        }
        let arrived = wire.take(call, waker);
        release(wire);
        arrived
    }

    fn put(self: &Arc<Self>, call: u32, items: &mut Vec<u8>, count: u32, waker: &Waker) -> Option<Result<(), Status>> {
        let mut wire = self.session().wire();
        let put = wire.put(call, items, count, waker);
        match put {
            Some(_) => self.send_soon(wire),
            None => release(wire),
        }
        put
    }

    fn park(self: &Arc<Self>, half: Half, until: Option<Instant>) {
        let mut wire = self.session().wire();
        self.session().try_flush(&mut wire);
        if half == Half::Outgoing && wire.connection.queued() > 0 && !wire.has_writer {
            return self.wait_for_room(wire, until);
        }
        release(wire);
        park(until);
    }

    fn refuse(self: &Arc<Self>, call: u32, error: &UnpackError) -> Status {
        let mut wire = self.session().wire();
        let (status, cancelled) = wire.refuse_item(call, error);
        self.send_soon(wire);
        cancel(&cancelled);
        status
    }

    fn ignore(self: &Arc<Self>, call: u32) {
        let mut wire = self.session().wire();
        wire.connection.ignore_items(call);
        self.send_soon(wire);
    }
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
        release(wire);
        is_late
    }
}

/// Gives the lock back, and wakes those whose streams can go on.
pub(super) fn release(mut wire: Guard<'_>) {
    let woken = wire.take_woken();
    drop(wire);
    wake(woken);
}
