//! Where answers wait for those who asked, and who sleeps until theirs has come.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::thread::Thread;

use rustc_hash::FxHashMap;

use crate::proto::{CallId, Ended, Outcome};
use crate::status::Status;

/// How a call ended, kept until its caller comes for it.
#[derive(Debug)]
pub(super) enum Answer {
    /// Packed results.
    Reply(Vec<u8>),
    /// A packed declared error.
    Declared(Vec<u8>),
    /// Anything else.
    Status(Status),
}

impl From<Outcome<'_>> for Answer {
    fn from(outcome: Outcome<'_>) -> Self {
        match outcome {
            Outcome::Reply(body) => Self::Reply(Cow::into_owned(body)),
            Outcome::Declared(body) => Self::Declared(Cow::into_owned(body)),
            Outcome::Status { code, ran, message } => {
                let status = Status::new(code, message);
                Self::Status(if ran { status } else { status.did_not_run() })
            }
        }
    }
}

/// Names a sleeper.
pub(super) type Ticket = u64;

/// The open calls of a connection and the threads that sleep on it.
#[derive(Debug, Default)]
pub(super) struct Slots {
    calls: FxHashMap<CallId, Slot>,
    /// In the order in which they went to sleep: the first is woken first.
    sleepers: BTreeMap<Ticket, Thread>,
    next_ticket: Ticket,
}

#[derive(Debug, Default)]
struct Slot {
    answer: Option<Answer>,
    waiter: Option<Ticket>,
}

impl Slots {
    pub(super) fn open(&mut self, call: CallId) {
        self.calls.insert(call, Slot::default());
    }

    /// Whether no call is open.
    pub(super) fn is_empty(&self) -> bool {
        self.calls.is_empty()
    }

    /// Keeps an answer, and wakes who waits for it.
    pub(super) fn end(&mut self, ended: Ended<'_>) {
        self.answer(ended.call, ended.outcome.into());
    }

    /// Keeps an answer, and wakes who waits for it.
    pub(super) fn answer(&mut self, call: CallId, answer: Answer) {
        let Some(slot) = self.calls.get_mut(&call) else { return };
        slot.answer = Some(answer);
        if let Some(thread) = slot.waiter.take().and_then(|ticket| self.sleepers.get(&ticket)) {
            thread.unpark();
        }
    }

    /// Takes an answer that has come.
    pub(super) fn take(&mut self, call: CallId) -> Option<Answer> {
        let slot = self.calls.get_mut(&call)?;
        let answer = slot.answer.take()?;
        self.calls.remove(&call);
        Some(answer)
    }

    /// Forgets a call; whether its answer had not come.
    pub(super) fn forget(&mut self, call: CallId) -> bool {
        self.calls.remove(&call).is_some_and(|slot| slot.answer.is_none())
    }

    /// Notes that this thread goes to sleep, perhaps until a call is answered.
    pub(super) fn sleep(&mut self, call: Option<CallId>) -> Ticket {
        let ticket = self.next_ticket;
        self.next_ticket += 1;
        self.sleepers.insert(ticket, std::thread::current());
        if let Some(slot) = call.and_then(|call| self.calls.get_mut(&call)) {
            slot.waiter = Some(ticket);
        }
        ticket
    }

    /// Notes that a thread is awake.
    pub(super) fn awake(&mut self, ticket: Ticket) {
        self.sleepers.remove(&ticket);
    }

    /// Wakes the thread that has slept longest, so that it takes over.
    pub(super) fn wake_one(&self) {
        if let Some((_, thread)) = self.sleepers.first_key_value() {
            thread.unpark();
        }
    }

    /// Wakes all.
    pub(super) fn wake_all(&self) {
        for thread in self.sleepers.values() {
            thread.unpark();
        }
    }
}
