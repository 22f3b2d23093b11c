//! What a connection does for its calls with streams, however their clients wait.

use std::time::Instant;

use super::answer::Answer;
use super::open_calls::{OpenCalls, Started, too_late};
use crate::failure::not_readable;
use crate::pack::UnpackError;
use crate::proto::{Items, Put, Taken};
use crate::service::Method;
use crate::status::Status;
use crate::stream::Arrived;

/// A call with streams, as its client knows it.
#[derive(Debug, Clone)]
pub(in crate::net) struct Streamed {
    pub(in crate::net) method: &'static Method,
    pub(in crate::net) call: Started,
    pub(in crate::net) until: Option<Instant>,
    pub(in crate::net) peer: String,
}

/// What there is to take.
#[derive(Debug)]
pub(in crate::net) enum Came {
    Items(Items),
    Answer(Answer),
    /// The answer was taken, or the call was given up.
    Nothing,
}

impl Streamed {
    /// Whether its time is over.
    pub(in crate::net) fn is_late(&self) -> bool {
        self.until.is_some_and(|until| until <= Instant::now())
    }

    /// A status of this call.
    pub(in crate::net) fn describe(&self, status: Status) -> Status {
        status.of_method(self.method.path).at_peer(&self.peer)
    }

    pub(in crate::net) fn unreadable(&self, error: &UnpackError) -> Status {
        let what = if self.method.streams.outgoing { "an item" } else { "the results" };
        self.describe(not_readable(what, error))
    }

    pub(in crate::net) fn over(&self) -> Status {
        self.describe(Status::cancelled("the call is over"))
    }

    /// What came, to who receives.
    pub(in crate::net) fn arrived(&self, came: Came) -> Arrived {
        match came {
            Came::Items(items) => Arrived::Items(items),
            Came::Nothing => Arrived::Failed(self.over()),
            Came::Answer(answer) => self.ended(answer),
        }
    }

    fn ended(&self, answer: Answer) -> Arrived {
        match answer {
            Answer::End if self.method.streams.outgoing => Arrived::End,
            Answer::Reply(packed, said) if !self.method.streams.outgoing => Arrived::Reply(packed.into_vec(), said),
            Answer::Declared(packed, _) => Arrived::Declared(packed.into_vec()),
            Answer::Status(status) | Answer::Lost(status) => Arrived::Failed(self.describe(status)),
            Answer::End | Answer::Reply(..) => {
                let why = "the server's answer is not of the kind that the method has";
                Arrived::Failed(self.describe(Status::internal(why)))
            }
        }
    }

    /// What became of items, to who sends; `None` if there is no room.
    pub(in crate::net) fn put(&self, put: Put) -> Option<Result<(), Status>> {
        match put {
            Put::Queued => Some(Ok(())),
            Put::Over => Some(Err(self.over())),
            Put::Full => None,
        }
    }
}

impl<W: Default> OpenCalls<W> {
    /// So many bytes of items are done with; whether credit was queued for them, for which the server may wait.
    pub(in crate::net) fn consumed(&mut self, call: Started, bytes: usize) -> bool {
        let queued = self.machine.queued();
        self.machine.consumed(call.id, bytes);
        self.machine.queued() > queued
    }

    /// What has come for a call: items first, then its answer, once.
    pub(in crate::net) fn take_stream(&mut self, call: Started) -> Option<Came> {
        if let Taken::Items(items) = self.machine.take_items(call.id) {
            return Some(Came::Items(items));
        }
        if !self.streams.contains(&call.id) {
            return Some(Came::Nothing);
        }
        let answer = self.places.take(call.place)?;
        self.streams.remove(&call.id);
        Some(Came::Answer(answer))
    }

    /// Whether [`take_stream`](Self::take_stream) has something to give.
    pub(in crate::net) fn may_take(&self, call: Started) -> bool {
        !self.streams.contains(&call.id) || self.places.has_answer(call.place) || self.machine.may_take(call.id)
    }

    /// Whether items can be put, or never will be.
    pub(in crate::net) fn may_put(&mut self, call: Started) -> bool {
        self.over.is_some() || self.machine.may_put(call.id)
    }

    /// The time of a call is over: that is its answer, if it has none. Gives who is to hear it.
    pub(in crate::net) fn expire_streams(&mut self, call: Started) -> Option<W> {
        if !self.streams.contains(&call.id) || self.places.has_answer(call.place) {
            return None;
        }
        self.machine.cancel(call.id);
        self.places.answer(call.place, Answer::Status(too_late()))
    }

    /// Loses interest in a call that has not been answered; whether it was so.
    pub(in crate::net) fn give_up_streams(&mut self, call: Started) -> bool {
        let is_open = self.streams.remove(&call.id);
        if is_open {
            self.give_up(call);
        }
        is_open
    }

    /// Nobody has anything to do with a call any more.
    pub(in crate::net) fn drop_streams(&mut self, call: Started) {
        self.give_up_streams(call);
        self.machine.forget_streams(call.id);
    }
}
