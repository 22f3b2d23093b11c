//! The threads that sleep on a connection, and who of them is woken.

use std::collections::{BTreeMap, BTreeSet};

use crate::net::sync::thread::{self, Thread};

/// Names a sleeper.
pub(super) type Ticket = u64;

/// The threads that sleep on a connection.
#[derive(Debug, Default)]
pub(super) struct Sleepers {
    /// In the order in which they went to sleep: the first is woken first.
    asleep: BTreeMap<Ticket, Sleeper>,
    /// Those that sleep until a further call may be opened, and were not woken for it.
    openers: BTreeSet<Ticket>,
    /// Those whose answers have come, who are woken without the lock.
    due: Vec<Thread>,
    next_ticket: Ticket,
}

#[derive(Debug)]
struct Sleeper {
    thread: Thread,
    /// It waits for an answer, not until it may open a call.
    has_call: bool,
}

impl Sleepers {
    /// Notes that this thread goes to sleep, until a call is answered or, where it has none, until one may be opened.
    pub(super) fn sleep(&mut self, has_call: bool) -> Ticket {
        let ticket = self.next_ticket;
        self.next_ticket += 1;
        self.asleep.insert(ticket, Sleeper { thread: thread::current(), has_call });
        if !has_call {
            self.openers.insert(ticket);
        }
        ticket
    }

    /// Wakes a thread whose answer has come, if it sleeps.
    pub(super) fn wake(&self, ticket: Option<Ticket>) {
        if let Some(sleeper) = ticket.and_then(|ticket| self.asleep.get(&ticket)) {
            sleeper.thread.unpark();
        }
    }

    /// Notes that a thread is to be woken whose answer has come, if it sleeps.
    pub(super) fn wake_later(&mut self, ticket: Option<Ticket>) {
        let sleeper = ticket.and_then(|ticket| self.asleep.get(&ticket));
        self.due.extend(sleeper.map(|sleeper| sleeper.thread.clone()));
    }

    /// Whether some are to be woken.
    pub(super) fn has_due(&self) -> bool {
        !self.due.is_empty()
    }

    /// Takes those who are to be woken.
    pub(super) fn take_due(&mut self) -> Vec<Thread> {
        std::mem::take(&mut self.due)
    }

    /// Takes back their memory.
    pub(super) fn keep(&mut self, due: Vec<Thread>) {
        if self.due.is_empty() {
            self.due = due;
        }
    }

    /// Notes that a thread is awake.
    pub(super) fn awake(&mut self, ticket: Ticket) {
        self.asleep.remove(&ticket);
        self.openers.remove(&ticket);
    }

    /// Whether any thread sleeps until a call may be opened.
    pub(super) fn has_openers(&self) -> bool {
        !self.openers.is_empty()
    }

    /// Wakes the thread that has waited longest to open a call.
    pub(super) fn wake_opener(&mut self) {
        if let Some(sleeper) = self.openers.pop_first().and_then(|ticket| self.asleep.get(&ticket)) {
            sleeper.thread.unpark();
        }
    }

    /// Wakes the thread that has waited longest for an answer, so that it takes over.
    pub(super) fn wake_waiter(&self) {
        if let Some(sleeper) = self.asleep.values().find(|sleeper| sleeper.has_call) {
            sleeper.thread.unpark();
        }
    }

    /// Wakes the thread that has slept longest, so that it takes over.
    pub(super) fn wake_one(&self) {
        if let Some((_, sleeper)) = self.asleep.first_key_value() {
            sleeper.thread.unpark();
        }
    }

    /// Wakes all.
    pub(super) fn wake_all(&self) {
        for sleeper in self.asleep.values() {
            sleeper.thread.unpark();
        }
    }
}
