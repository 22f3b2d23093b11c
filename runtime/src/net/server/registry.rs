//! The sessions of a server: how many there may be, and how they are ended.

use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use rustc_hash::FxHashMap;

use super::leaving::LULL;
use super::report::Calls;
use super::session::Session;
use crate::net::sync::{Condvar, Mutex, MutexGuard};

/// How often a full server looks again for an idle session.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// How long a session that was told to leave may take before another is told: longer than a peer has to hear why.
const LEAVES: Duration = Duration::from_millis(1500);

/// Every session that runs.
#[derive(Debug, Default)]
pub(super) struct Registry {
    state: Mutex<State>,
    left: Condvar,
}

#[derive(Debug, Default)]
struct State {
    sessions: FxHashMap<u64, Arc<Session>>,
    next: u64,
    /// Nothing more is to be accepted, but what waits already, where `takes_rest` is set.
    is_ending: bool,
    takes_rest: bool,
    /// No further session may enter.
    closed: bool,
    /// What became of the calls of sessions that have left since.
    calls: Calls,
    served: u64,
}

type Guard<'a> = MutexGuard<'a, State>;

fn in_time(pause: Duration) -> Option<Instant> {
    Instant::now().checked_add(pause)
}

impl State {
    /// Whether a further session must wait until there is room.
    fn is_full(&self, most: usize) -> bool {
        self.sessions.len() >= most && !self.is_ending
    }

    /// The session that has had nothing to do for longest.
    fn idle_longest(&self) -> Option<Arc<Session>> {
        let idle = self.sessions.values().filter_map(|session| Some((session.idle_since()?, session)));
        idle.min_by_key(|(since, _)| *since).map(|(_, session)| Arc::clone(session))
    }
}

impl Registry {
    fn lock(&self) -> Guard<'_> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits while something is so, until a time at the longest.
    fn wait_while<'a>(
        &self,
        mut state: Guard<'a>,
        until: Option<Instant>,
        is_so: impl Fn(&State) -> bool,
    ) -> Guard<'a> {
        while is_so(&state) {
            let Some(until) = until else {
                state = self.left.wait(state).unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            state = self.left.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        state
    }

    /// Waits until there is room among `most`; the session that has been idle longest is asked to leave. False if the
    /// server stops first.
    pub(super) fn make_room(&self, most: usize) -> bool {
        let (mut state, mut is_told) = (self.lock(), false);
        while state.is_full(most) {
            if let Some(session) = state.idle_longest() {
                state = self.send_away(state, &session, most);
                continue;
            }
            if !std::mem::replace(&mut is_told, true) {
                log::warn!("{most} connections are open, none is idle, and others wait (ServerOptions::connections)");
            }
            state = self.wait_while(state, in_time(LOOK_AGAIN), |state| state.is_full(most));
        }
        !state.is_ending
    }

    fn send_away<'a>(&self, state: Guard<'a>, session: &Session, most: usize) -> Guard<'a> {
        session.go_away(&format!(
            "the server makes room for another connection: {most} are open, and no more may be \
             (ServerOptions::connections)"
        ));
        let state = self.wait_while(state, in_time(LULL), |state| state.is_full(most));
        session.stop_reading();
        self.wait_while(state, in_time(LEAVES), |state| state.is_full(most))
    }

    /// Waits for so long, and gives the sessions that there are then; `None` if the server stops.
    pub(super) fn wait(&self, pause: Duration) -> Option<Vec<Arc<Session>>> {
        let state = self.wait_while(self.lock(), in_time(pause), |state| !state.closed);
        (!state.closed).then(|| state.sessions.values().cloned().collect())
    }

    /// Enters a session; `None` if the server stops.
    pub(super) fn enter(self: &Arc<Self>, session: Arc<Session>) -> Option<Entry> {
        let mut state = self.lock();
        if state.closed {
            return None;
        }
        let id = state.next;
        state.next += 1;
        state.served += 1;
        state.sessions.insert(id, session);
        Some(Entry { registry: Arc::clone(self), id })
    }

    /// Ends the waiting for room.
    pub(super) fn stop_accepting(&self, takes_rest: bool) {
        let mut state = self.lock();
        (state.is_ending, state.takes_rest) = (true, takes_rest);
        self.left.notify_all();
    }

    /// Whether what waits to be accepted when the server ends is to be accepted.
    pub(super) fn takes_rest(&self) -> bool {
        self.lock().takes_rest
    }

    /// Lets nobody in any more, and asks everybody to leave.
    pub(super) fn close(&self, reason: &str) {
        let mut state = self.lock();
        state.closed = true;
        for session in state.sessions.values() {
            session.go_away(reason);
        }
        self.left.notify_all();
    }

    /// Waits until all have left, or until the time has come; says how many are still there that have something left to do.
    /// Those that were asked to leave, and whose peers just stay, leave after a lull.
    pub(super) fn wait_empty(&self, until: Option<Instant>) -> usize {
        let is_there = |state: &State| !state.sessions.is_empty();
        let lull = in_time(LULL).into_iter().chain(until).min();
        let state = self.wait_while(self.lock(), lull, is_there);
        state.sessions.values().for_each(|session| session.stop_reading());
        let state = self.wait_while(state, until, is_there);
        state.sessions.values().filter(|session| !session.has_told_all()).count()
    }

    /// Ends every session at once; what became of the calls that ran when the server was told to end.
    pub(super) fn cut_all(&self) -> Calls {
        let mut state = self.lock();
        let sessions = std::mem::take(&mut state.sessions);
        let mut calls = state.calls;
        drop(state);
        for session in sessions.values() {
            calls += session.drained();
            session.cut();
        }
        calls
    }

    /// Sessions there were, over the life of the server.
    pub(super) fn served(&self) -> u64 {
        self.lock().served
    }
}

/// A session's place; it leaves when this is dropped.
#[derive(Debug)]
pub(super) struct Entry {
    registry: Arc<Registry>,
    id: u64,
}

impl Drop for Entry {
    fn drop(&mut self) {
        let mut state = self.registry.lock();
        if let Some(session) = state.sessions.remove(&self.id)
            && state.closed
        {
            state.calls += session.drained();
        }
        self.registry.left.notify_all();
    }
}
