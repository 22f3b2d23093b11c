//! The leader, who reads the socket and hands out what comes, and the followers, who sleep meanwhile.

use std::io;
use std::time::Instant;

use super::connection::{Connection, Guard};
use super::state::{State, hand_on};
use crate::net::calls::{Ending, Place};
use crate::net::socket::Readiness;
use crate::net::sync::thread;
use crate::proto::Inbox;

impl Connection {
    /// Keeps the connection going until `done` has something to say, or the time has come: then `None`.
    pub(super) fn drive<'a, T>(
        &'a self,
        mut state: Guard<'a>,
        place: Option<Place>,
        until: Option<Instant>,
        mut done: impl FnMut(&mut State) -> Option<T>,
    ) -> (Guard<'a>, Option<T>) {
        loop {
            if let Some(value) = done(&mut state) {
                return (hand_on(state), Some(value));
            }
            if until.is_some_and(|until| until <= Instant::now()) {
                return (hand_on(state), None);
            }
            if state.calls.may_send() && !state.is_handing_out {
                // The lock was free meanwhile, and what is waited for may have come: look again before sleeping.
                state = self.flush(state);
                if let Some(value) = done(&mut state) {
                    return (hand_on(state), Some(value));
                }
            }
            // Who waits for room while another thread sends is told when there is some, which reading would not tell.
            let may_lead = place.is_some() || state.calls.sender.is_some();
            state = match state.inbox.take_if(|_| may_lead) {
                Some(inbox) => self.lead(state, inbox, until),
                None => self.follow(state, place, until),
            };
        }
    }

    /// Reads once, and hands out what came.
    pub(super) fn lead<'a>(&'a self, mut state: Guard<'a>, mut inbox: Box<Inbox>, until: Option<Instant>) -> Guard<'a> {
        let is_mid_frame = inbox.is_mid_frame();
        let wait = if until.is_none() && state.calls.machine.is_quiet(is_mid_frame) {
            None
        } else {
            let clock = state.calls.machine.poll_timeout(is_mid_frame, Instant::now());
            let wanted = Readiness { read: true, write: state.calls.may_send() };
            Some((wanted, clock.into_iter().chain(until).min()))
        };
        drop(state);
        let received = self.receive(&mut inbox, wait);
        let mut state = self.lock();
        if let Err(why) = received.and_then(|came| state.take_in(&mut inbox, came)) {
            self.end(&mut state, &why);
        }
        self.note_going_away(&state);
        let mut state = self.hand_out(state);
        state.inbox = Some(inbox);
        state.admit();
        state
    }

    /// Wakes those whose answers have come. The lock is free meanwhile, for which else each of them would wait.
    fn hand_out<'a>(&'a self, mut state: Guard<'a>) -> Guard<'a> {
        if !state.sleepers.has_due() {
            return state;
        }
        let mut due = state.sleepers.take_due();
        state.is_handing_out = true;
        drop(state);
        due.drain(..).for_each(|thread| thread.unpark());
        let mut state = self.lock();
        state.sleepers.keep(due);
        state.is_handing_out = false;
        state
    }

    /// Waits, if need be, and receives. `None` is neither bytes nor their end: there is room to send, or the time has come.
    fn receive(&self, inbox: &mut Inbox, wait: Option<(Readiness, Option<Instant>)>) -> Result<Option<usize>, Ending> {
        let reads_only = wait.is_none_or(|(wanted, _)| !wanted.write);
        let looked = if reads_only { self.busy_poll.receive(&self.socket, inbox.space()) } else { None };
        let received = match looked {
            Some(received) => received.map(Some),
            None => self.busy_poll.while_waiting(|| self.sleep_and_receive(inbox, wait)),
        };
        let count = received?;
        inbox.filled(count.unwrap_or_default());
        Ok(count)
    }

    fn sleep_and_receive(
        &self,
        inbox: &mut Inbox,
        wait: Option<(Readiness, Option<Instant>)>,
    ) -> io::Result<Option<usize>> {
        // Of a large frame mostly more has come already.
        if inbox.is_mid_frame()
            && let Some(count) = self.socket.receive_now(inbox.space())?
        {
            return Ok(Some(count));
        }
        if let Some((wanted, until)) = wait
            && !self.socket.wait(wanted, until)?.read
        {
            return Ok(None);
        }
        self.socket.receive(inbox.space()).map(Some)
    }

    /// Sleeps until the answer has come, or it is this thread's turn to read.
    fn follow<'a>(&'a self, mut state: Guard<'a>, place: Option<Place>, until: Option<Instant>) -> Guard<'a> {
        if !state.is_handing_out {
            self.leave(&state);
        }
        if state.inbox.is_some() {
            state.sleepers.wake_waiter();
        }
        let ticket = state.sleep(place);
        drop(state);
        match until {
            None => thread::park(),
            Some(until) => thread::park_timeout(until.saturating_duration_since(Instant::now())),
        }
        let mut state = self.lock();
        state.sleepers.awake(ticket);
        state
    }
}
