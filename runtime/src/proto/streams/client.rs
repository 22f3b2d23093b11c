//! Streams at the connecting end.

use super::{Half, Put, Taken};
use crate::proto::client::{CallId, ClientConnection, Ended};
use crate::proto::inbox::Frame;
use crate::proto::link::Broken;
use crate::proto::outcome::Outcome;
use crate::wire::{Code, Kind};

impl<T> ClientConnection<T> {
    /// Takes the next items that came for a call. They stay there when the call ends, until
    /// [`forget_streams`](Self::forget_streams).
    pub fn take_items(&mut self, call: CallId) -> Taken {
        self.link.take_items(call)
    }

    /// Says that the application has done with so many bytes of items that it took: the server may send as many more.
    pub fn consumed(&mut self, call: CallId, bytes: usize) {
        self.link.consumed(call, bytes);
    }

    /// Queues `count` items, packed one after the other, and leaves `items` empty; where they are not taken, as it was. A
    /// single item may have [`Limits::message`](super::super::Limits::message) bytes: its sender sees to that.
    pub fn put_items(&mut self, call: CallId, items: &mut Vec<u8>, count: u32) -> Put {
        self.link.put_items(call, items, count)
    }

    /// Whether items have come for a call, or no more will.
    pub fn may_take(&self, call: CallId) -> bool {
        self.link.may_take(call)
    }

    /// Whether [`put_items`](Self::put_items) has room now, or never will have; if neither, news will come.
    pub fn may_put(&mut self, call: CallId) -> bool {
        self.link.may_put(call)
    }

    /// Says that no more items will go; the call goes on. Once is enough.
    pub fn end_items(&mut self, call: CallId) {
        self.link.end_items(call);
    }

    /// Takes news of a stream: there is something new to take, or items may be put now, or the call is over. To be asked until
    /// there is none, whenever anything was done that lets time pass, takes bytes or sends them, or ends a call.
    pub fn poll_news(&mut self) -> Option<(CallId, Half)> {
        self.link.poll_news()
    }

    /// The tag of a call that has not ended, and was not cancelled.
    pub fn tag(&self, call: CallId) -> Option<&T> {
        self.open.get(&call)?.as_ref()
    }

    /// Forgets what came of a call's items, which has ended. Of each call whose items come, whoever opened it says this once.
    pub fn forget_streams(&mut self, call: CallId) {
        if !self.link.streams.is_live(call) {
            self.link.forget_streams(call);
        }
    }

    /// Takes an ITEM or END; gives the call if it has ended with that.
    pub(in crate::proto) fn handle_stream<'a>(&mut self, frame: Frame<'_>) -> Result<Option<Ended<'a, T>>, Broken> {
        let (call, kind) = (frame.header.call, frame.header.kind);
        if !self.link.streams.is_live(call) {
            // Of a call that was cancelled an END may be the end: its streams are no longer known.
            if kind == Kind::End && self.open.get(&call).is_some_and(Option::is_none) {
                return Ok(self.report(call, Outcome::End, None));
            }
            let why = format!("a frame of kind {kind:?} came for a call without streams");
            return Ok(self.fail(call, Code::Internal, why));
        }
        if self.link.assembly.has(call) {
            return Err(Broken::rule(format!("a {kind:?} frame came within the answer to call {call}")));
        }
        match self.link.hear_stream(frame) {
            Ok(()) if kind == Kind::End => Ok(self.report(call, Outcome::End, None)),
            Ok(()) => Ok(None),
            Err(misfit) => {
                let (code, why) = misfit.status(Code::Internal)?;
                Ok(self.fail(call, code, why))
            }
        }
    }

    /// Before an answer, which ends a call with streams too: a FAULT may take the place of an item in parts, a REPLY not.
    pub(in crate::proto) fn may_answer(&mut self, call: CallId, kind: Kind) -> Result<(), Broken> {
        if self.link.streams.is_empty() || !self.link.streams.has_parts(call) {
            return Ok(());
        }
        if kind == Kind::Reply {
            return Err(Broken::rule(format!("a {kind:?} frame came within an item of call {call}")));
        }
        self.link.forget_parts(call);
        Ok(())
    }

    /// A call fails at this end, and the server hears that nobody waits for its answer.
    fn fail<'a>(&mut self, call: CallId, code: Code, message: String) -> Option<Ended<'a, T>> {
        let tag = self.open.get_mut(&call)?.take()?;
        self.abandon(call);
        Some(Ended { tag, outcome: Outcome::Status { code, ran: true, message }, metadata: None })
    }
}
