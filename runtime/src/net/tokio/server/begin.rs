//! How handlers begin, and go on beside the reading of their connection.

use std::sync::Arc;

use tokio::sync::OwnedSemaphorePermit;

use super::reader::{Guard, Reader};
use super::session::Session;
use super::streams::begin_streams;
use crate::buffers::Packed;
use crate::context::{CallState, unless_panics};
use crate::net::server::{Owed, answer, call_deadline, refuse_for_room};
use crate::proto::IncomingCall;
use crate::service::{Handling, Outcome, Route, Served, Service};
use crate::status::Status;

/// Memory that is kept for the next answer, in bytes.
const KEPT: usize = 64 << 10;

impl<'a> Reader<'a> {
    /// Begins a call. One that is over at once is answered; any other goes on elsewhere.
    pub(super) fn begin(&mut self, mut state: Guard<'a>, mut call: IncomingCall<'_>) -> Guard<'a> {
        let (session, owed) = (self.session, (call.id, Owed::to(&call)));
        if self.refuses(&mut state, &call) {
            return state;
        }
        call.deadline = call_deadline(call.deadline, session.shared.options.longest_call);
        let route = match session.shared.router.route(&call) {
            Ok(route) => route,
            Err(status) => return self.answer(state, owed, status.into()),
        };
        if let Some(streams) = session.shared.router.streams(&call) {
            let handler = state.wire.begin_streams(&call, streams);
            self.is_timed |= call.deadline.is_some();
            drop(state);
            begin_streams(self.seat, route.clone(), call.take(), streams, handler);
            return session.state();
        }
        let handler = state.wire.begin(&call);
        match &route.service {
            Served::Quick(service) => {
                drop(state);
                let outcome = self.run(route, &**service, &call, handler);
                self.end_inline(owed, outcome)
            }
            Served::Async(service) => {
                drop(state);
                let handling = route.make(&**service, &mut call, handler, &session.shared.options.limits, None);
                self.poll(handling, owed)
            }
            Served::Blocking(service) => {
                let place = self.move_aside(state);
                self.give_to_thread((route.clone(), Arc::clone(service)), call.take(), handler, place);
                session.state()
            }
        }
    }

    /// Refuses a call where there is no room for its handler; not a oneway one, which then holds up those behind it.
    fn refuses(&self, state: &mut Guard<'_>, call: &IncomingCall<'_>) -> bool {
        let (shared, most) = (&self.session.shared, self.session.shared.options.handler_threads);
        let is_full = most > 0 && shared.room.available_permits() == 0 && !call.oneway;
        if is_full {
            refuse_for_room(&mut state.wire.connection, call.id, most);
        }
        is_full
    }

    /// Runs a quick handler.
    fn run(
        &mut self,
        route: &Route,
        service: &dyn Service,
        call: &IncomingCall<'_>,
        handler: Arc<CallState>,
    ) -> Outcome {
        self.out.empty(KEPT);
        route.run(service, call, handler, &self.session.shared.options.limits, None, &mut self.out)
    }

    /// Polls a handler that is a future, for the first time.
    fn poll(&mut self, mut handling: Handling, owed: (u32, Owed)) -> Guard<'a> {
        match handling.poll_first() {
            None => self.go_on(handling, owed),
            Some((outcome, packed)) => {
                drop(handling);
                self.out = packed;
                self.end_inline(owed, outcome)
            }
        }
    }

    /// A handler has returned where its call was read.
    fn end_inline(&mut self, owed: (u32, Owed), outcome: Outcome) -> Guard<'a> {
        let mut state = self.session.state();
        state.wire.end();
        self.answer(state, owed, outcome)
    }

    fn answer(&mut self, mut state: Guard<'a>, owed: (u32, Owed), outcome: Outcome) -> Guard<'a> {
        answer(&mut state.wire.connection, owed, outcome, &mut self.out, &self.session.peer.name);
        state
    }

    /// Lets the current handler count as one beside the reading. Where there is no room for it, it holds up the calls behind it.
    fn move_aside(&mut self, mut state: Guard<'_>) -> Option<OwnedSemaphorePermit> {
        let place = Arc::clone(&self.session.shared.room).try_acquire_owned().ok();
        if let Some(call) = state.wire.detach() {
            self.is_timed |= call.deadline.is_some();
            self.behind = place.is_none().then_some(call.id);
        }
        place
    }

    /// Makes a handler that waits a task of its own.
    fn go_on(&mut self, handling: Handling, owed: (u32, Owed)) -> Guard<'a> {
        let place = self.move_aside(self.session.state());
        let seat = Arc::clone(self.seat);
        tokio::spawn(async move {
            let (outcome, mut packed) = handling.await;
            drop(place);
            seat.session.has_returned(owed, outcome, &mut packed);
        });
        self.session.state()
    }

    /// Runs a blocking handler in a thread that may wait.
    fn give_to_thread(
        &self,
        (route, service): (Route, Arc<dyn Service>),
        call: IncomingCall<'static>,
        handler: Arc<CallState>,
        place: Option<OwnedSemaphorePermit>,
    ) {
        let (seat, owed) = (Arc::clone(self.seat), (call.id, Owed::to(&call)));
        in_thread(self.session, owed, move || {
            let (session, mut packed): (&Session, _) = (&seat.session, Packed::default());
            let outcome = route.run(&*service, &call, handler, &session.shared.options.limits, None, &mut packed);
            drop(place);
            session.has_returned(owed, outcome, &mut packed);
        });
    }
}

/// Runs a handler in a thread that may wait. Where the system has no thread for it, not even one, tokio panics, and the call fails.
pub(super) fn in_thread(session: &Session, owed: (u32, Owed), run: impl FnOnce() + Send + 'static) {
    if unless_panics(|| tokio::task::spawn_blocking(run)).is_none() {
        let refused = Status::resource_exhausted("the system has no thread for the handler").did_not_run();
        session.has_returned(owed, refused.into(), &mut Packed::default());
    }
}
