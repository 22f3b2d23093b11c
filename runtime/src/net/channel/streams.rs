//! A call with streams, and its place on its connection.

use std::sync::{Arc, PoisonError};
use std::task::Waker;
use std::time::Instant;

use super::connection::{Connection, Guard};
use super::state::State;
use super::supply::Supply;
use crate::net::calls::{Place, Started, Streamed, Usable as _, too_late};
use crate::net::sync::Mutex;
use crate::pack::{PackLimits, UnpackError, UnpackLimits};
use crate::proto::{Half, Put};
use crate::service::Method;
use crate::status::Status;
use crate::stream::{Arrived, Carrier};

/// This end of a call's streams. When the last of its handles is dropped, so is the call.
#[derive(Debug)]
pub(super) struct StreamEnd {
    connection: Arc<Connection>,
    /// So that a channel lives as long as its calls.
    _supply: Arc<Supply>,
    streamed: Streamed,
    /// Where those wait who have something to send.
    sending: Option<Place>,
    /// One of them at a time.
    turn: Mutex<()>,
}

impl StreamEnd {
    /// Of a call that was just queued.
    pub(super) fn new(
        (connection, supply): (Arc<Connection>, Arc<Supply>),
        method: &'static Method,
        call: Started,
        until: Option<Instant>,
    ) -> Self {
        let sending = connection.lock().begin_streams(call, method.streams.incoming);
        let streamed = Streamed { method, call, until, peer: connection.peer().to_owned() };
        Self { connection, _supply: supply, streamed, sending, turn: Mutex::default() }
    }

    /// Cancels the call, unless it is over.
    fn cancel(&self, mut state: Guard<'_>) {
        state.give_up_streams(self.streamed.call);
        self.connection.leave(&state);
    }

    /// The time is over: whichever end of the call asks next hears that.
    fn expire(&self, state: &mut Guard<'_>) {
        state.expire_streams(self.streamed.call);
        self.connection.leave(state);
    }
}

impl Carrier for StreamEnd {
    /// Who finds nothing parks, and so keeps the connection going: no waker is needed.
    fn take(&self, done: usize, _: &Waker) -> Option<Arrived> {
        let mut state = self.connection.lock();
        if state.calls.consumed(self.streamed.call, done) {
            state = self.connection.flush(state);
        }
        let mut came = state.calls.take_stream(self.streamed.call);
        if came.is_none() && self.streamed.is_late() {
            self.expire(&mut state);
            came = state.calls.take_stream(self.streamed.call);
        }
        came.map(|came| self.streamed.arrived(came))
    }

    fn put(&self, items: &mut Vec<u8>, count: u32, _: &Waker) -> Option<Result<(), Status>> {
        let mut state = self.connection.lock();
        match state.calls.machine.put_items(self.streamed.call.id, items, count) {
            Put::Full if self.streamed.is_late() => {
                self.expire(&mut state);
                Some(Err(self.streamed.describe(too_late())))
            }
            put => {
                self.connection.send_soon(state);
                self.streamed.put(put)
            }
        }
    }

    fn park(&self, half: Half, until: Option<Instant>) {
        let call = self.streamed.call;
        match (half, self.sending) {
            (Half::Outgoing, Some(place)) => {
                let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
                self.connection.wait_for(place, until, |state| state.calls.may_put(call));
            }
            _ => self.connection.wait_for(call.place, until, |state| state.calls.may_take(call)),
        }
    }

    fn deadline(&self) -> Option<Instant> {
        self.streamed.until
    }

    fn refuse(&self, error: &UnpackError) -> Status {
        self.cancel(self.connection.lock());
        self.streamed.unreadable(error)
    }

    fn describe(&self, status: Status) -> Status {
        self.streamed.describe(status)
    }

    fn end(&self) {
        let mut state = self.connection.lock();
        state.calls.machine.end_items(self.streamed.call.id);
        self.connection.leave(&state);
    }

    fn leave(&self, _: Half) {
        self.cancel(self.connection.lock());
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
        let mut state = self.connection.lock();
        state.give_up_streams(self.streamed.call);
        state.calls.drop_streams(self.streamed.call);
        if let Some(place) = self.sending {
            state.calls.places.release(place);
        }
        self.connection.leave(&state);
    }
}

impl State {
    /// Makes room for who sends, and notes where those wait whose streams have news.
    fn begin_streams(&mut self, call: Started, is_sending: bool) -> Option<Place> {
        let sending = is_sending.then(|| self.calls.places.reserve());
        self.streams.insert(call.id, (call.place, sending));
        sending
    }

    /// Wakes those whose streams have news.
    pub(super) fn tell_streams(&mut self) {
        if self.streams.is_empty() {
            return;
        }
        while let Some((call, half)) = self.calls.machine.poll_news() {
            let Some((receiving, sending)) = self.streams.get(&call) else { continue };
            self.wake(if half == Half::Outgoing { sending.unwrap_or(*receiving) } else { *receiving });
        }
    }

    /// The time of a call is over. If it has not been answered, that is its answer.
    fn expire_streams(&mut self, call: Started) {
        if let Some(waiter) = self.calls.expire_streams(call) {
            self.sleepers.wake(waiter);
            self.tell_streams();
        }
    }

    /// Loses interest in a call that has not been answered.
    fn give_up_streams(&mut self, call: Started) {
        self.calls.give_up_streams(call);
        if let Some((_, Some(sending))) = self.streams.remove(&call.id) {
            self.wake(sending);
        }
    }

    /// Wakes who waits at a place.
    fn wake(&mut self, place: Place) {
        if let Some(waiter) = self.calls.places.waiter(place) {
            self.sleepers.wake(*waiter);
        }
    }
}
