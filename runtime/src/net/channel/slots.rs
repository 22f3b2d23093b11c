//! Where answers wait for those who asked, and who sleeps until theirs has come.

use std::collections::{BTreeMap, BTreeSet};

use crate::net::calls::Answer;
use crate::net::sync::thread::{self, Thread};

/// Names the place where an answer is kept.
pub(super) type Place = u32;

/// Names a sleeper.
pub(super) type Ticket = u64;

/// The open calls of a connection and the threads that sleep on it.
#[derive(Debug, Default)]
pub(super) struct Slots {
    places: Vec<Slot>,
    /// Places that no call has.
    free: Vec<Place>,
    /// In the order in which they went to sleep: the first is woken first.
    sleepers: BTreeMap<Ticket, Sleeper>,
    /// Those that sleep until a further call may be opened, and were not woken for it.
    openers: BTreeSet<Ticket>,
    next_ticket: Ticket,
}

#[derive(Debug)]
struct Sleeper {
    thread: Thread,
    /// It waits for an answer, not until it may open a call.
    has_call: bool,
}

#[derive(Debug, Default)]
struct Slot {
    answer: Option<Answer>,
    waiter: Option<Ticket>,
}

impl Slots {
    /// A place for the answer of a call.
    pub(super) fn reserve(&mut self) -> Place {
        self.free.pop().unwrap_or_else(|| {
            self.places.push(Slot::default());
            u32::try_from(self.places.len() - 1).unwrap_or(u32::MAX)
        })
    }

    /// Gives a place back; whether no answer had come.
    pub(super) fn release(&mut self, place: Place) -> bool {
        let slot = self.places.get_mut(place as usize).map(std::mem::take);
        self.free.push(place);
        slot.is_none_or(|slot| slot.answer.is_none())
    }

    /// How many calls have a place.
    pub(super) fn len(&self) -> usize {
        self.places.len() - self.free.len()
    }

    /// Keeps an answer, and wakes who waits for it.
    pub(super) fn answer(&mut self, place: Place, answer: Answer) {
        let Some(slot) = self.places.get_mut(place as usize) else { return };
        slot.answer = Some(answer);
        if let Some(sleeper) = slot.waiter.take().and_then(|ticket| self.sleepers.get(&ticket)) {
            sleeper.thread.unpark();
        }
    }

    /// Wakes who waits at a place.
    pub(super) fn wake(&self, place: Place) {
        let waiter = self.places.get(place as usize).and_then(|slot| slot.waiter);
        if let Some(sleeper) = waiter.and_then(|ticket| self.sleepers.get(&ticket)) {
            sleeper.thread.unpark();
        }
    }

    pub(super) fn has_answer(&self, place: Place) -> bool {
        self.places.get(place as usize).is_some_and(|slot| slot.answer.is_some())
    }

    /// Takes an answer that has come, and gives its place back.
    pub(super) fn take(&mut self, place: Place) -> Option<Answer> {
        let answer = self.places.get_mut(place as usize)?.answer.take()?;
        self.release(place);
        Some(answer)
    }

    /// Notes that this thread goes to sleep, until a call is answered or, without a place, until one may be opened.
    pub(super) fn sleep(&mut self, place: Option<Place>) -> Ticket {
        let ticket = self.next_ticket;
        self.next_ticket += 1;
        self.sleepers.insert(ticket, Sleeper { thread: thread::current(), has_call: place.is_some() });
        match place.map(|place| self.places.get_mut(place as usize)) {
            Some(slot) => slot.into_iter().for_each(|slot| slot.waiter = Some(ticket)),
            None => {
                self.openers.insert(ticket);
            }
        }
        ticket
    }

    /// Notes that a thread is awake.
    pub(super) fn awake(&mut self, ticket: Ticket) {
        self.sleepers.remove(&ticket);
        self.openers.remove(&ticket);
    }

    /// Whether any thread sleeps until a call may be opened.
    pub(super) fn has_openers(&self) -> bool {
        !self.openers.is_empty()
    }

    /// Wakes the thread that has waited longest to open a call.
    pub(super) fn wake_opener(&mut self) {
        if let Some(sleeper) = self.openers.pop_first().and_then(|ticket| self.sleepers.get(&ticket)) {
            sleeper.thread.unpark();
        }
    }

    /// Wakes the thread that has waited longest for an answer, so that it takes over.
    pub(super) fn wake_waiter(&self) {
        if let Some(sleeper) = self.sleepers.values().find(|sleeper| sleeper.has_call) {
            sleeper.thread.unpark();
        }
    }

    /// Wakes the thread that has slept longest, so that it takes over.
    pub(super) fn wake_one(&self) {
        if let Some((_, sleeper)) = self.sleepers.first_key_value() {
            sleeper.thread.unpark();
        }
    }

    /// Wakes all.
    pub(super) fn wake_all(&self) {
        for sleeper in self.sleepers.values() {
            sleeper.thread.unpark();
        }
    }
}
