//! Calls with streams: their handlers run beside the reading from the beginning.

use std::sync::{Arc, MutexGuard};
use std::task::Waker;
use std::time::Instant;

use super::begin::in_thread;
use super::session::{Seat, Session, State, release};
use crate::buffers::Packed;
use crate::context::CallState;
use crate::net::server::{CarriesStreams, Owed, SEND_EARLY, StreamEnd, cancel};
use crate::pack::UnpackError;
use crate::proto::{Half, IncomingCall, Streams};
use crate::service::{Route, Served};
use crate::status::Status;
use crate::stream::{Arrived, CallStreams, park};

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
    let ends = CallStreams::new(Arc::new(StreamEnd::new(&seat.session, call.id, &seat.session.shared.options.limits)));
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
                let (limits, mut packed) = (&seat.session.shared.options.limits, Packed::default());
                let outcome = route.run(&*service, &call, handler, limits, Some(ends), &mut packed);
                drop(place);
                seat.session.has_returned(owed, outcome, &mut packed);
            });
        }
    }
}

impl Session {
    /// What was queued leaves at once where it is much; else when the connection's task runs next, with what else there is then.
    fn send_soon(&self, mut state: MutexGuard<'_, State>) {
        if state.wire.connection.queued() > SEND_EARLY {
            self.try_flush(&mut state);
        }
        if state.wire.connection.queued() > 0 {
            state.wake();
        }
        release(state);
    }

    /// That it fails is for the connection's task to find out.
    fn try_flush(&self, state: &mut State) {
        if let Err(error) = self.flush(state) {
            log::debug!("cannot send to {}: {error}", self.peer);
        }
    }
}

impl CarriesStreams for Session {
    fn take(self: &Arc<Self>, call: u32, done: usize, waker: &Waker) -> Option<Arrived> {
        let mut state = self.state();
        if state.wire.consumed(call, done) {
            self.try_flush(&mut state);
        }
        let arrived = state.wire.take(call, waker);
        release(state);
        arrived
    }

    fn put(self: &Arc<Self>, call: u32, items: &mut Vec<u8>, count: u32, waker: &Waker) -> Option<Result<(), Status>> {
        let mut state = self.state();
        let put = state.wire.put(call, items, count, waker);
        self.send_soon(state);
        put
    }

    fn park(self: &Arc<Self>, _: Half, until: Option<Instant>) {
        park(until);
    }

    fn refuse(self: &Arc<Self>, call: u32, error: &UnpackError) -> Status {
        let mut state = self.state();
        let (status, cancelled) = state.wire.refuse_item(call, error);
        self.send_soon(state);
        cancel(&cancelled);
        status
    }

    fn ignore(self: &Arc<Self>, call: u32) {
        let mut state = self.state();
        state.wire.connection.ignore_items(call);
        self.send_soon(state);
    }
}
