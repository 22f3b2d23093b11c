//! What the threads of a channel share.

use std::time::Instant;

use rustc_hash::FxHashMap;

use super::sleepers::{Sleepers, Ticket};
use crate::net::calls::{Ending, OpenCalls, Place};
use crate::net::sync::MutexGuard;
use crate::proto::{CallId, Inbox};

/// The connection as it stands, under one lock.
#[derive(Debug)]
pub(super) struct State {
    pub(super) calls: OpenCalls<Option<Ticket>>,
    pub(super) sleepers: Sleepers,
    /// `None` while a leader reads. In a box, since it goes back and forth with each call.
    pub(super) inbox: Option<Box<Inbox>>,
    /// A leader wakes those whose answers have come. What they queue meanwhile, who reads next sends together.
    pub(super) is_handing_out: bool,
    /// Until when a call may begin without a look at what has come.
    pub(super) attended: Instant,
    /// Calls with streams that are not over: where those wait who receive, and those who send.
    pub(super) streams: FxHashMap<CallId, (Place, Option<Place>)>,
}

impl AsMut<OpenCalls<Option<Ticket>>> for State {
    fn as_mut(&mut self) -> &mut OpenCalls<Option<Ticket>> {
        &mut self.calls
    }
}

impl State {
    /// Where a further call may be opened, wakes who waits for that; whoever is woken does the same when it is done.
    pub(super) fn admit(&mut self) {
        if self.sleepers.has_openers() && self.calls.has_room() {
            self.sleepers.wake_opener();
        }
    }

    /// A thread has sent what could be sent.
    pub(super) fn stop_sending(&mut self) {
        self.tell_streams();
        self.admit();
        if self.inbox.is_some() {
            // Who waits for room may have left the reading to others meanwhile.
            self.sleepers.wake_opener();
        }
    }

    /// Notes that this thread goes to sleep, until the call of this place is answered or, without one, until a call may be
    /// opened.
    pub(super) fn sleep(&mut self, place: Option<Place>) -> Ticket {
        let ticket = self.sleepers.sleep(place.is_some());
        if let Some(waiter) = place.and_then(|place| self.calls.places.waiter(place)) {
            *waiter = Some(ticket);
        }
        ticket
    }

    /// Hands out what came: `None` if only time has passed, 0 bytes if it was the end.
    pub(super) fn take_in(&mut self, inbox: &mut Inbox, came: Option<usize>) -> Result<(), Ending> {
        let Self { calls, sleepers, .. } = self;
        calls.take_in(inbox, came, |waiter| sleepers.wake_later(waiter))?;
        self.tell_streams();
        Ok(())
    }
}

/// Before a thread stops reading: if nobody reads, somebody else who waits must.
pub(super) fn hand_on(mut state: MutexGuard<'_, State>) -> MutexGuard<'_, State> {
    state.admit();
    if state.inbox.is_some() {
        state.sleepers.wake_one();
    }
    state
}
