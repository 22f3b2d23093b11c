//! What the callers and the driver of a connection share under its lock.

use std::task::Waker;
use std::time::Instant;

use crate::net::calls::{Answer, OpenCalls, Place, Started, too_late};
use crate::net::wakers::Wakers;
use crate::proto::CallId;

/// The connection as it stands.
#[derive(Debug)]
pub(super) struct State {
    pub(super) calls: OpenCalls<Waiter>,
    /// Those whose streams wait.
    pub(super) wakers: Wakers,
    /// No open call's time is over before.
    pub(super) next_deadline: Option<Instant>,
    /// A caller waits, or is about to, until a further call can be opened, and was not woken for it.
    pub(super) is_awaited: bool,
    /// Nobody makes calls any more.
    pub(super) is_left: bool,
    /// The driver is to look again.
    pub(super) is_called: bool,
    /// The driver, while it rests.
    driver: Option<Waker>,
}

/// Who waits for an answer, and until when.
#[derive(Debug, Default)]
pub(super) struct Waiter {
    pub(super) waker: Option<Waker>,
    call: CallId,
    until: Option<Instant>,
}

impl AsMut<OpenCalls<Waiter>> for State {
    fn as_mut(&mut self) -> &mut OpenCalls<Waiter> {
        &mut self.calls
    }
}

impl State {
    pub(super) fn new(calls: OpenCalls<Waiter>) -> Self {
        let (wakers, next_deadline, driver) = (Wakers::default(), None, None);
        Self { calls, wakers, next_deadline, is_awaited: false, is_left: false, is_called: false, driver }
    }

    /// Calls the driver; gives who is to be woken for that, once the lock is free.
    #[must_use]
    pub(super) fn call_driver(&mut self) -> Option<Waker> {
        self.is_called = true;
        self.driver.take()
    }

    /// The driver rests until it is called; false if it was called already.
    pub(super) fn rest(&mut self, driver: &Waker) -> bool {
        if self.driver.as_ref().is_none_or(|known| !known.will_wake(driver)) {
            self.driver = Some(driver.clone());
        }
        !std::mem::take(&mut self.is_called)
    }

    /// Notes until when a call waits; whether no other's time is over so soon.
    pub(super) fn note_deadline(&mut self, call: Started, until: Instant) -> bool {
        if let Some(waiter) = self.calls.places.waiter(call.place) {
            (waiter.call, waiter.until) = (call.id, Some(until));
        }
        let is_first = self.next_deadline.is_none_or(|next| until < next);
        if is_first {
            self.next_deadline = Some(until);
        }
        is_first
    }

    /// The answer to a call, if it is there; else its waker is noted. The one in whose place it is comes back: it may be the
    /// last of its task, with which a future may go that needs the lock.
    pub(super) fn take(&mut self, call: Started, waker: &Waker) -> Result<Answer, Option<Waker>> {
        if let Some(answer) = self.calls.places.take(call.place) {
            return Ok(answer);
        }
        let known = self.calls.places.waiter(call.place).map(|waiter| &mut waiter.waker);
        Err(known
            .filter(|known| !known.as_ref().is_some_and(|known| known.will_wake(waker)))
            .and_then(|known| known.replace(waker.clone())))
    }

    /// Loses interest in a call; gives who waited for it.
    pub(super) fn give_up(&mut self, call: Started) -> Option<Waker> {
        let waker = self.calls.places.waiter(call.place).and_then(|waiter| waiter.waker.take());
        self.calls.give_up(call);
        waker
    }

    /// Takes those whose streams can go on. They are woken without the lock.
    #[must_use]
    pub(super) fn take_woken(&mut self) -> Vec<Waker> {
        self.wakers.take(|| self.calls.machine.poll_news())
    }

    /// Ends the calls whose time is over. `wake` gets those who wait for them.
    pub(super) fn expire(&mut self, now: Instant, mut wake: impl FnMut(Waiter)) {
        if self.next_deadline.is_none_or(|next| now < next) {
            return;
        }
        let Self { calls, next_deadline, .. } = self;
        let waiting = |(place, waiter): (Place, &Waiter)| Some((place, waiter.call, waiter.until?));
        let (due, later): (Vec<_>, Vec<_>) =
            calls.places.waiters().filter_map(waiting).partition(|(_, _, until)| *until <= now);
        for (place, call, _) in due {
            calls.machine.cancel(call);
            calls.places.answer(place, Answer::Status(too_late())).into_iter().for_each(&mut wake);
        }
        *next_deadline = later.into_iter().map(|(_, _, until)| until).min();
    }
}
