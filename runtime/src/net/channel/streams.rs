//! A call with streams, and its place on its connection.

use std::collections::hash_map::Entry;
use std::sync::{Arc, PoisonError};
use std::task::Waker;
use std::time::Instant;

use super::connection::{Connection, Guard};
use super::state::State;
use super::supply::Supply;
use crate::failure::not_readable;
use crate::net::calls::{Answer, Place, Started, Usable as _, too_late};
use crate::net::sync::Mutex;
use crate::pack::{PackLimits, UnpackError, UnpackLimits};
use crate::proto::{Half, Put, Taken};
use crate::service::Method;
use crate::status::Status;
use crate::stream::{Arrived, Carrier};

/// This end of a call's streams. When the last of its handles is dropped, so is the call.
#[derive(Debug)]
pub(super) struct StreamEnd {
    connection: Arc<Connection>,
    /// So that a channel lives as long as its calls.
    _supply: Arc<Supply>,
    method: &'static Method,
    call: Started,
    /// Where those wait who have something to send.
    sending: Option<Place>,
    /// One of them at a time.
    turn: Mutex<()>,
    until: Option<Instant>,
}

impl StreamEnd {
    /// Of a call that was just queued.
    pub(super) fn new(
        (connection, supply): (Arc<Connection>, Arc<Supply>),
        method: &'static Method,
        call: Started,
        until: Option<Instant>,
    ) -> Self {
        let sending = connection.lock().begin_streams(call, method.client_stream);
        Self { connection, _supply: supply, method, call, sending, turn: Mutex::default(), until }
    }

    fn is_late(&self) -> bool {
        self.until.is_some_and(|until| until <= Instant::now())
    }

    /// Cancels the call, unless it is over.
    fn cancel(&self, mut state: Guard<'_>) {
        state.give_up_streams(self.call);
        self.connection.leave(&state);
    }

    fn fail_late(&self, state: Guard<'_>) -> Status {
        self.cancel(state);
        self.describe(too_late())
    }

    fn arrived(&self, answer: Answer) -> Arrived {
        match answer {
            Answer::End if self.method.server_stream => Arrived::End,
            Answer::Reply(packed, said) if !self.method.server_stream => Arrived::Reply(packed.into_vec(), said),
            Answer::Declared(packed, _) => Arrived::Declared(packed.into_vec()),
            Answer::Status(status) | Answer::Lost(status) => Arrived::Failed(self.describe(status)),
            Answer::End | Answer::Reply(..) => {
                let why = "the server's answer is not of the kind that the method has";
                Arrived::Failed(self.describe(Status::internal(why)))
            }
        }
    }
}

impl Carrier for StreamEnd {
    /// Who finds nothing parks, and so keeps the connection going: no waker is needed.
    fn take(&self, done: usize, _: &Waker) -> Option<Arrived> {
        let mut state = self.connection.consumed(self.connection.lock(), self.call.id, done);
        if let Taken::Items(items) = state.calls.machine.take_items(self.call.id) {
            self.connection.leave(&state);
            return Some(Arrived::Items(items));
        }
        match state.take_answer(self.call) {
            Some(Ok(answer)) => Some(self.arrived(answer)),
            Some(Err(over)) => Some(Arrived::Failed(self.describe(over))),
            None if self.is_late() => Some(Arrived::Failed(self.fail_late(state))),
            None => None,
        }
    }

    fn put(&self, items: &mut Vec<u8>, count: u32, _: &Waker) -> Option<Result<(), Status>> {
        let mut state = self.connection.lock();
        match state.calls.machine.put_items(self.call.id, items, count) {
            Put::Queued => {
                self.connection.send_soon(state);
                Some(Ok(()))
            }
            Put::Over => Some(Err(self.describe(over()))),
            Put::Full if self.is_late() => Some(Err(self.fail_late(state))),
            Put::Full => None,
        }
    }

    fn park(&self, half: Half, until: Option<Instant>) {
        let call = self.call;
        match (half, self.sending) {
            (Half::Outgoing, Some(place)) => {
                let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
                self.connection.wait_for(place, until, |state| state.may_put(call));
            }
            _ => self.connection.wait_for(call.place, until, |state| state.may_take(call)),
        }
    }

    fn deadline(&self) -> Option<Instant> {
        self.until
    }

    fn refuse(&self, error: &UnpackError) -> Status {
        let what = if self.method.server_stream { "an item" } else { "the results" };
        self.cancel(self.connection.lock());
        self.describe(not_readable(what, error))
    }

    fn describe(&self, status: Status) -> Status {
        status.of_method(self.method.path).at_peer(self.connection.peer())
    }

    fn end(&self) {
        let mut state = self.connection.lock();
        state.calls.machine.end_items(self.call.id);
        self.connection.leave(&state);
    }

    fn leave(&self, _: Half) {
        self.cancel(self.connection.lock());
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
        state.give_up_streams(self.call);
        state.calls.machine.forget_streams(self.call.id);
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

    /// The answer to a call, or why there will be none; given once.
    fn take_answer(&mut self, call: Started) -> Option<Result<Answer, Status>> {
        let Entry::Occupied(entry) = self.streams.entry(call.id) else { return Some(Err(over())) };
        let answer = self.calls.places.take(call.place)?;
        entry.remove();
        Some(Ok(answer))
    }

    fn may_take(&self, call: Started) -> bool {
        !self.streams.contains_key(&call.id)
            || self.calls.places.has_answer(call.place)
            || self.calls.machine.may_take(call.id)
    }

    fn may_put(&mut self, call: Started) -> bool {
        self.calls.over.is_some() || self.calls.machine.may_put(call.id)
    }

    /// Loses interest in a call that has not been answered.
    fn give_up_streams(&mut self, call: Started) {
        let Some((_, sending)) = self.streams.remove(&call.id) else { return };
        self.calls.give_up(call);
        if let Some(place) = sending {
            self.wake(place);
        }
    }

    /// Wakes who waits at a place.
    fn wake(&mut self, place: Place) {
        if let Some(waiter) = self.calls.places.waiter(place) {
            self.sleepers.wake(*waiter);
        }
    }
}

fn over() -> Status {
    Status::cancelled("the call is over")
}
