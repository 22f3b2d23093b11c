//! Where answers wait for those who asked, and who sleeps until theirs has come.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use smallvec::SmallVec;

use crate::net::sync::thread::{self, Thread};
use crate::proto::{Ended, Outcome};
use crate::status::Status;
use crate::wire::Metadata;

/// Bytes of an answer that is kept without an allocation.
pub(super) const SMALL: usize = 64;

/// What was packed into an answer.
pub(super) type Body = SmallVec<[u8; SMALL]>;

/// How a call ended, kept until its caller comes for it.
#[derive(Debug)]
pub(super) enum Answer {
    /// Packed results, and what was said beside them.
    Reply(Body, Option<Box<Metadata>>),
    /// A packed declared error, and what was said beside it.
    Declared(Body, Option<Box<Metadata>>),
    /// What else the server says, or that the time is over.
    Status(Status),
    /// No answer: the connection ended, or takes the call no more.
    Lost(Status),
}

impl<T> From<Ended<'_, T>> for Answer {
    fn from(ended: Ended<'_, T>) -> Self {
        let metadata = ended.metadata;
        match ended.outcome {
            Outcome::Reply(packed) => Self::Reply(body(packed), metadata),
            Outcome::Declared(packed) => Self::Declared(body(packed), metadata),
            Outcome::End => Self::Reply(Body::new(), metadata),
            Outcome::Status { code, ran, message } => {
                let status =
                    Status::new(code, message).with_metadata(metadata.map_or_else(Metadata::new, |said| *said));
                Self::Status(if ran { status } else { status.did_not_run() })
            }
        }
    }
}

fn body(packed: Cow<'_, [u8]>) -> Body {
    match packed {
        Cow::Borrowed(bytes) => Body::from_slice(bytes),
        Cow::Owned(bytes) => Body::from_vec(bytes),
    }
}

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
