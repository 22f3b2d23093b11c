//! A call with streams, and its place on its connection.

use std::sync::Arc;
use std::task::Waker;
use std::time::Instant;

use super::call::Packed;
use super::connection::{Connection, Guard, InFlight, SEND_EARLY, leave};
use super::supply::Supply;
use crate::net::calls::{Streamed, Usable as _};
use crate::pack::{PackLimits, UnpackError, UnpackLimits};
use crate::proto::Half;
use crate::status::Status;
use crate::stream::{Arrived, Carrier, park};

/// This end of a call's streams. When the last of its handles is dropped, so is the call.
#[derive(Debug)]
pub(super) struct StreamEnd {
    connection: Arc<Connection>,
    /// So that a channel lives as long as its calls.
    _supply: Arc<Supply>,
    streamed: Streamed,
}

impl StreamEnd {
    /// Of a call that was just queued.
    pub(super) fn new(supply: Arc<Supply>, in_flight: InFlight, packed: &Packed) -> Self {
        let (connection, call) = in_flight.into_parts();
        let streamed =
            Streamed { method: packed.method, call, until: packed.until, peer: connection.peer().to_owned() };
        Self { connection, _supply: supply, streamed }
    }

    fn lock(&self) -> Guard<'_> {
        self.connection.line().lock()
    }
}

impl Carrier for StreamEnd {
    fn take(&self, done: usize, waker: &Waker) -> Option<Arrived> {
        let (mut state, call) = (self.lock(), self.streamed.call);
        if state.calls.consumed(call, done) {
            state = self.connection.line().flush(state);
        }
        let came = state.calls.take_stream(call);
        if came.is_none() {
            state.wakers.add(call.id, Half::Incoming, waker);
        }
        leave(state, false);
        came.map(|came| self.streamed.arrived(came))
    }

    fn put(&self, items: &mut Vec<u8>, count: u32, waker: &Waker) -> Option<Result<(), Status>> {
        let (mut state, call) = (self.lock(), self.streamed.call);
        let put = self.streamed.put(state.calls.machine.put_items(call.id, items, count));
        if put.is_none() {
            state.wakers.add(call.id, Half::Outgoing, waker);
        }
        if state.calls.machine.queued() > SEND_EARLY {
            state = self.connection.line().flush(state);
        }
        leave(state, false);
        put
    }

    fn park(&self, _: Half, until: Option<Instant>) {
        park(until);
    }

    /// The driver sees to it.
    fn deadline(&self) -> Option<Instant> {
        None
    }

    fn refuse(&self, error: &UnpackError) -> Status {
        self.leave(Half::Incoming);
        self.streamed.unreadable(error)
    }

    fn describe(&self, status: Status) -> Status {
        self.streamed.describe(status)
    }

    fn end(&self) {
        let mut state = self.lock();
        state.calls.machine.end_items(self.streamed.call.id);
        leave(state, false);
    }

    fn leave(&self, _: Half) {
        let mut state = self.lock();
        state.calls.give_up_streams(self.streamed.call);
        leave(state, false);
    }

    fn longest(&self) -> usize {
        self.connection.limits().message
    }

    fn pack_limits(&self) -> PackLimits {
        self.connection.limits().pack()
    }

    fn unpack_limits(&self) -> UnpackLimits {
        self.connection.limits().unpack()
    }
}

impl Drop for StreamEnd {
    fn drop(&mut self) {
        let mut state = self.lock();
        state.calls.drop_streams(self.streamed.call);
        state.wakers.forget(self.streamed.call.id);
        leave(state, false);
    }
}
