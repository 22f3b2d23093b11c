//! Calls with streams: their handlers run beside the reading from the beginning.

use std::sync::{Arc, MutexGuard};
use std::task::Waker;
use std::time::Instant;

use super::begin::in_thread;
use super::session::{Seat, Session, State, release};
use crate::context::CallState;
use crate::net::server::{Owed, SEND_EARLY, cancel};
use crate::pack::{PackLimits, UnpackError, UnpackLimits};
use crate::proto::{Half, IncomingCall, Streams};
use crate::service::{Route, Served};
use crate::status::Status;
use crate::stream::{Arrived, CallStreams, Carrier, park};

/// Begins the handler of a call with streams: as a task, or in a thread that may wait. There is room for it, or the call would
/// have been refused; of those that begin at the same time, some may be too many.
pub(super) fn begin_streams(
    seat: &Arc<Seat>,
    route: Route,
    mut call: IncomingCall<'static>,
    streams: Streams,
    handler: Arc<CallState>,
) {
    let place = Arc::clone(&seat.session.shared.room).try_acquire_owned().ok();
    let (seat, owed) = (Arc::clone(seat), (call.id, Owed::with_streams(streams)));
    let ends = CallStreams::new(Arc::new(StreamEnd { seat: Arc::clone(&seat), call: call.id }));
    match route.service.clone() {
        Served::Async(service) => drop(tokio::spawn(async move {
            let limits = &seat.session.shared.options.limits;
            let handling = route.make(&*service, &mut call, handler, limits, Some(ends));
            let (outcome, mut packed) = handling.await;
            drop(place);
            seat.session.has_returned(owed, outcome, &mut packed);
        })),
        Served::Blocking(service) | Served::Quick(service) => {
            in_thread(&Arc::clone(&seat.session), owed, move || {
                let (limits, mut packed) = (&seat.session.shared.options.limits, Vec::new());
                let outcome = route.run(&*service, &call, handler, limits, Some(ends), &mut packed);
                drop(place);
                seat.session.has_returned(owed, outcome, &mut packed);
            });
        }
    }
}

/// This end of a call's streams.
#[derive(Debug)]
struct StreamEnd {
    seat: Arc<Seat>,
    call: u32,
}

impl StreamEnd {
    fn session(&self) -> &Session {
        &self.seat.session
    }

    /// What was queued leaves at once where it is much; else when the connection's task runs next, with what else there is then.
    fn send_soon(&self, mut state: MutexGuard<'_, State>) {
        if state.wire.connection.queued() > SEND_EARLY {
            self.flush(&mut state);
        }
        if state.wire.connection.queued() > 0 {
            state.wake();
        }
        release(state);
    }

    /// That it fails is for the connection's task to find out.
    fn flush(&self, state: &mut State) {
        if let Err(error) = self.session().flush(state) {
            log::debug!("cannot send to {}: {error}", self.session().peer);
        }
    }
}

impl Carrier for StreamEnd {
    fn take(&self, done: usize, waker: &Waker) -> Option<Arrived> {
        let mut state = self.session().state();
        if state.wire.consumed(self.call, done) {
            self.flush(&mut state);
        }
        let arrived = state.wire.take(self.call, waker);
        release(state);
        arrived
    }

    fn put(&self, items: &mut Vec<u8>, count: u32, waker: &Waker) -> Option<Result<(), Status>> {
        let mut state = self.session().state();
        let put = state.wire.put(self.call, items, count, waker);
        self.send_soon(state);
        put
    }

    fn park(&self, _: Half, until: Option<Instant>) {
        park(until);
    }

    /// The connection's task sees to it.
    fn deadline(&self) -> Option<Instant> {
        None
    }

    fn refuse(&self, error: &UnpackError) -> Status {
        let mut state = self.session().state();
        let (status, cancelled) = state.wire.refuse_item(self.call, error);
        self.send_soon(state);
        cancel(&cancelled);
        status
    }

    fn describe(&self, status: Status) -> Status {
        status
    }

    /// A handler ends its stream by returning.
    fn end(&self) {}

    fn leave(&self, half: Half) {
        if half == Half::Incoming {
            let mut state = self.session().state();
            state.wire.connection.ignore_items(self.call);
            self.send_soon(state);
        }
    }

    fn pack_limits(&self) -> PackLimits {
        self.session().shared.options.limits.pack()
    }

    fn unpack_limits(&self) -> UnpackLimits {
        self.session().shared.options.limits.unpack()
    }
}
