//! The sessions of a server: how many there may be, and how they are ended.

use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use rustc_hash::FxHashMap;

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

impl Registry {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until there is room among `most`; the session that has been idle longest is asked to leave. False if the
    /// server stops first.
    pub(super) fn make_room(&self, most: usize) -> bool {
        let (mut state, mut is_told) = (self.lock(), false);
        while state.sessions.len() >= most && !state.is_ending {
            let idle = state.sessions.values().filter_map(|session| Some((session.idle_since()?, session)));
            let longest = idle.min_by_key(|(since, _)| *since);
            if let Some((_, session)) = longest {
                session.go_away(&format!(
                    "the server makes room for another connection: {most} are open, and no more may be \
                     (ServerOptions::connections)"
                ));
            } else if !std::mem::replace(&mut is_told, true) {
                log::warn!("{most} connections are open, none is idle, and others wait (ServerOptions::connections)");
            }
            let wait = if longest.is_some() { LEAVES } else { LOOK_AGAIN };
            state = self.left.wait_timeout(state, wait).unwrap_or_else(PoisonError::into_inner).0;
        }
        !state.is_ending
    }

    /// Waits for so long, and gives the sessions that there are then; `None` if the server stops.
    pub(super) fn wait(&self, pause: Duration) -> Option<Vec<Arc<Session>>> {
        let until = Instant::now().checked_add(pause);
        let mut state = self.lock();
        loop {
            let left = until.map_or(pause, |until| until.saturating_duration_since(Instant::now()));
            if state.closed {
                return None;
            }
            if left.is_zero() {
                return Some(state.sessions.values().cloned().collect());
            }
            state = self.left.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
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

    /// Waits until all have left, or until the time has come; says how many are still there.
    pub(super) fn wait_empty(&self, until: Option<Instant>) -> usize {
        let mut state = self.lock();
        while !state.sessions.is_empty() {
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
        state.sessions.len()
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
