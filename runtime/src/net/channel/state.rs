//! What the threads of a channel share, and what happens to it between two looks at the socket.

use std::time::Instant;

use super::slots::{Place, Slots};
use crate::net::calls::{Answer, Ending};
use crate::net::sender::Sender;
use crate::net::sync::MutexGuard;
use crate::proto::{Broken, CallId, ClientConnection, Inbox, OpenError, Streams};
use crate::service::Method;
use crate::status::Status;

/// The connection as it stands, under one lock.
#[derive(Debug)]
pub(super) struct State {
    pub(super) machine: ClientConnection<Place>,
    pub(super) slots: Slots,
    /// `None` while a leader reads.
    pub(super) inbox: Option<Inbox>,
    /// `None` while a thread sends.
    pub(super) sender: Option<Sender>,
    /// The server takes no more bytes. What it has sent before is still read, up to the end.
    pub(super) takes_nothing: bool,
    /// Why the connection is over.
    pub(super) over: Option<Status>,
    /// Until when a call may begin without a look at what has come.
    pub(super) attended: Instant,
    /// A oneway call was made.
    pub(super) has_oneway: bool,
}

/// A call that was queued.
#[derive(Debug, Clone, Copy)]
pub(super) struct Started {
    pub(super) id: CallId,
    pub(super) place: Place,
}

impl State {
    /// Whether there is something to send and nobody about it.
    pub(super) fn may_send(&self) -> bool {
        self.sender.is_some() && self.machine.queued() > 0 && self.may_flush()
    }

    /// Whether it makes sense to send.
    pub(super) const fn may_flush(&self) -> bool {
        self.over.is_none() && !self.takes_nothing
    }

    /// Where a further call may be opened, wakes who waits for that; whoever is woken does the same when it is done.
    pub(super) fn admit(&mut self) {
        if self.slots.has_openers() && self.machine.may_open() != Err(OpenError::TooMany) {
            self.slots.wake_opener();
        }
    }

    /// A thread has sent what could be sent.
    pub(super) fn stop_sending(&mut self, sender: Sender) {
        self.sender = Some(sender);
        self.admit();
        if self.inbox.is_some() {
            // Who waits for room may have left the reading to others meanwhile.
            self.slots.wake_opener();
        }
    }

    /// Loses interest in a call.
    pub(super) fn give_up(&mut self, call: Started) {
        if self.slots.release(call.place) {
            self.machine.cancel(call.id);
        }
    }

    /// Queues a call; `None` while the server allows no further one.
    pub(super) fn open(
        &mut self,
        method: &Method,
        extension: u16,
        payload: &mut Vec<u8>,
    ) -> Result<Option<Started>, Status> {
        if let Some(status) = &self.over {
            return Err(status.clone().did_not_run());
        }
        let place = self.slots.reserve();
        let opened = self.machine.open(method.number, method.oneway, Streams::default(), extension, payload, place);
        if method.oneway || opened.is_err() {
            self.slots.release(place);
        }
        self.has_oneway |= method.oneway;
        match opened {
            Ok(id) => Ok(Some(Started { id, place })),
            Err(OpenError::TooMany) => Ok(None),
            Err(error @ OpenError::GoingAway) => Err(Status::unavailable(error.to_string()).did_not_run()),
            Err(error @ OpenError::TooLong { .. }) => Err(Status::resource_exhausted(error.to_string()).did_not_run()),
        }
    }

    /// Hands out what came: `None` if only time has passed, 0 bytes if it was the end.
    pub(super) fn take_in(&mut self, inbox: &mut Inbox, came: Option<usize>) -> Result<(), Ending> {
        match came {
            None => return Ok(self.machine.handle_timeout(Instant::now())?),
            Some(0) => return Err(Ending::Closed),
            Some(_) => self.machine.received(),
        }
        if self.machine.queued() > 0 {
            self.machine.check_writing(Instant::now())?;
        }
        while let Some(incoming) = inbox.next().map_err(Broken::from)? {
            if let Some(ended) = self.machine.handle(incoming)? {
                self.slots.answer(ended.tag, ended.into());
            }
        }
        while let Some(place) = self.machine.poll_refused() {
            let status = Status::unavailable("the server is going away").did_not_run();
            self.slots.answer(place, Answer::Lost(status));
        }
        Ok(())
    }
}

/// Before a thread stops reading: if nobody reads, somebody else who waits must.
pub(super) fn hand_on(mut state: MutexGuard<'_, State>) -> MutexGuard<'_, State> {
    state.admit();
    if state.inbox.is_some() {
        state.slots.wake_one();
    }
    state
}

/// How a call fails whose time is over.
pub(super) fn too_late() -> Status {
    Status::deadline_exceeded("the time for the call is over")
}
