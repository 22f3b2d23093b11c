//! What a session's connection does for streams, however their handlers wait.

use std::sync::Arc;
use std::task::Waker;

use super::wire::Wire;
use crate::context::CallState;
use crate::pack::UnpackError;
use crate::proto::{Half, IncomingCall, Put, RunningCall, Streams, Taken};
use crate::status::Status;
use crate::stream::Arrived;
use crate::wire::Code;

impl Wire {
    /// A call with streams begins: its handler runs beside the reading.
    pub(in crate::net) fn begin_streams(&mut self, call: &IncomingCall<'_>, streams: Streams) -> Arc<CallState> {
        let IncomingCall { id, oneway, deadline, .. } = *call;
        let state = self.state.replace();
        self.detached.insert(id, Arc::clone(&state));
        self.connection.detach(RunningCall { id, oneway, deadline, streams });
        state
    }

    /// Takes those whose streams can go on. They are woken without the lock.
    pub(in crate::net) fn take_woken(&mut self) -> Vec<Waker> {
        self.wakers.take(|| self.connection.poll_news())
    }

    /// So many bytes of items are done with; whether credit was queued for them, for which the caller may wait.
    pub(in crate::net) fn consumed(&mut self, call: u32, bytes: usize) -> bool {
        let queued = self.connection.queued();
        self.connection.consumed(call, bytes);
        self.connection.queued() > queued
    }

    /// What has come for a call; if nothing has, the waker is kept.
    pub(in crate::net) fn take(&mut self, call: u32, waker: &Waker) -> Option<Arrived> {
        match self.connection.take_items(call) {
            Taken::Items(items) => Some(Arrived::Items(items)),
            Taken::End => Some(Arrived::End),
            Taken::Over => Some(Arrived::Failed(over())),
            Taken::Nothing => {
                self.wakers.add(call, Half::Incoming, waker);
                None
            }
        }
    }

    /// Queues items; if there is no room, the waker is kept.
    pub(in crate::net) fn put(
        &mut self,
        call: u32,
        items: &mut Vec<u8>,
        count: u32,
        waker: &Waker,
    ) -> Option<Result<(), Status>> {
        match self.connection.put_items(call, items, count) {
            Put::Queued => Some(Ok(())),
            Put::Over => Some(Err(over())),
            Put::Full => {
                self.wakers.add(call, Half::Outgoing, waker);
                None
            }
        }
    }

    /// What came for a call cannot be used: it fails. Gives the status, and the handlers that are to be told.
    pub(in crate::net) fn refuse_item(&mut self, call: u32, error: &UnpackError) -> (Status, Vec<Arc<CallState>>) {
        let code = if error.is_memory_limit() { Code::ResourceExhausted } else { Code::InvalidArgument };
        let message = format!("an item cannot be read: {error}");
        self.connection.fail_stream(call, code, &message);
        (Status::new(code, message), self.take_cancelled())
    }
}

/// What a handler hears whose call is over.
pub(super) fn over() -> Status {
    Status::cancelled("the call is over: nobody waits for what its handler does")
}
