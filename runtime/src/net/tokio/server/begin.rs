//! How handlers begin, and go on beside the reading of their connection.

use std::sync::Arc;

use tokio::sync::OwnedSemaphorePermit;

use super::reader::{Guard, Reader};
use super::session::Session;
use super::streams::begin_streams;
use crate::context::CallState;
use crate::net::server::{Owed, answer, call_deadline, refuse_for_room};
use crate::proto::IncomingCall;
use crate::service::{Begun, Handling, Outcome, Route};

/// Memory that is kept for the next answer, in bytes.
const KEPT: usize = 64 << 10;

impl<'a> Reader<'a> {
    /// Begins a call. One that is over at once is answered; any other goes on elsewhere.
    pub(super) fn begin(&mut self, mut state: Guard<'a>, mut call: IncomingCall<'_>) -> Guard<'a> {
        let (session, id) = (self.session, (call.id, Owed::to(&call)));
        if self.refuses(&mut state, &call) {
            return state;
        }
        call.deadline = call_deadline(call.deadline, session.shared.options.longest_call);
        let route = match session.shared.router.route(&call) {
            Ok(route) => route,
            Err(status) => return self.answer(state, id, status.into()),
        };
        if let Some(streams) = session.shared.router.streams(&call) {
            let handler = state.wire.begin_streams(&call, streams);
            self.is_timed |= call.deadline.is_some();
            begin_streams(self.seat, route.clone(), call.into_owned(), streams, handler);
            return state;
        }
        let handler = state.wire.begin(&call);
        if route.needs_thread() {
            let place = self.move_aside(&mut state);
            self.give_to_thread(route.clone(), call.into_owned(), handler, place);
            return state;
        }
        drop(state);
        self.run(route, call, handler)
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

    /// Runs a quick handler to its end, and polls one that is a future.
    fn run(&mut self, route: &Route, call: IncomingCall<'_>, handler: Arc<CallState>) -> Guard<'a> {
        let (session, id) = (self.session, (call.id, Owed::to(&call)));
        self.out.clear();
        self.out.shrink_to(KEPT);
        let outcome = match route.begin(call, handler, &session.shared.options.limits, None, &mut self.out) {
            Begun::Returned(outcome) => outcome,
            Begun::Waits(mut handling) => match handling.poll_first() {
                Some((outcome, packed)) => {
                    self.out = packed;
                    outcome
                }
                None => return self.go_on(handling, id),
            },
        };
        let mut state = session.state();
        state.wire.end();
        self.answer(state, id, outcome)
    }

    fn answer(&mut self, mut state: Guard<'a>, id: (u32, Owed), outcome: Outcome) -> Guard<'a> {
        answer(&mut state.wire.connection, id, outcome, &mut self.out, &self.session.peer.name);
        state
    }

    /// Lets the current handler count as one beside the reading. Where there is no room for it, it holds up the calls behind it.
    fn move_aside(&mut self, state: &mut Guard<'_>) -> Option<OwnedSemaphorePermit> {
        let place = Arc::clone(&self.session.shared.room).try_acquire_owned().ok();
        if let Some(call) = state.wire.detach() {
            self.is_timed |= call.deadline.is_some();
            self.behind = place.is_none().then_some(call.id);
        }
        place
    }

    /// Makes a handler that waits a task of its own.
    fn go_on(&mut self, handling: Handling, id: (u32, Owed)) -> Guard<'a> {
        let mut state = self.session.state();
        let place = self.move_aside(&mut state);
        let seat = Arc::clone(self.seat);
        tokio::spawn(async move {
            let (outcome, mut packed) = handling.await;
            drop(place);
            seat.session.has_returned(id, outcome, &mut packed);
        });
        state
    }

    /// Runs a blocking handler in a thread that may wait.
    fn give_to_thread(
        &self,
        route: Route,
        call: IncomingCall<'static>,
        handler: Arc<CallState>,
        place: Option<OwnedSemaphorePermit>,
    ) {
        let seat = Arc::clone(self.seat);
        tokio::task::spawn_blocking(move || {
            let (session, id, mut packed): (&Session, _, _) = (&seat.session, (call.id, Owed::to(&call)), Vec::new());
            let begun = route.begin(call, handler, &session.shared.options.limits, None, &mut packed);
            drop(place);
            if let Begun::Returned(outcome) = begun {
                session.has_returned(id, outcome, &mut packed);
            }
        });
    }
}
