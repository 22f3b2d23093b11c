//! The sessions of a server: how many there may be, and how they are ended.

use std::fmt::Debug;
use std::sync::{Arc, PoisonError};
use std::task::Waker;
use std::time::{Duration, Instant};

use rustc_hash::FxHashMap;

use super::report::Calls;
use super::times::Times;
use crate::net::sync::{Condvar, Mutex, MutexGuard};

/// How often a full server looks again for an idle session.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// How long a session that was told to leave may take before another is told: longer than a peer has to hear why.
const LEAVES: Duration = Duration::from_millis(1500);

/// A session, as those see it who watch over all of them.
pub(in crate::net) trait Registered: Debug + Send + Sync {
    /// When things were with it.
    fn times(&self) -> &Times;

    /// Since when it has had nothing to do; `None` while it has, or has been told to leave.
    fn idle_since(&self) -> Option<Instant>;

    /// Whether something has come in part.
    fn is_receiving(&self) -> bool;

    /// Tells the peer to make no further calls here; those that it has made are still handled.
    fn foretell(&self, reason: &str);

    /// Tells the peer to make no further calls here, and ends as soon as no handler runs.
    fn go_away(&self, reason: &str);

    /// Whether the peer was told that the connection ends, and has been sent all its answers: only its end is waited for.
    fn has_told_all(&self) -> bool;

    /// Ends the connection at once; handlers that run are told.
    fn cut(&self);

    /// What has become of the handlers that ran when the peer was told that the connection ends.
    fn drained(&self) -> Calls;
}

/// Every session that runs.
#[derive(Debug, Default)]
pub(in crate::net) struct Registry {
    state: Mutex<State>,
    left: Condvar,
}

#[derive(Debug, Default)]
struct State {
    sessions: FxHashMap<u64, Arc<dyn Registered>>,
    next: u64,
    /// Nothing more is to be accepted, but what waits already, where `takes_rest` is set.
    is_ending: bool,
    takes_rest: bool,
    /// No further session may enter.
    closed: bool,
    /// What became of the calls of sessions that have left since.
    calls: Calls,
    served: u64,
    /// Tasks that are to be woken when a session leaves.
    waiting: Vec<Waker>,
}

/// Whether another session may enter.
#[derive(Debug)]
pub(in crate::net) enum Room {
    /// It may.
    Free,
    /// Not before another leaves. It is worth to look again after so long.
    Full(Duration),
    /// The server stops.
    Ending,
}

impl State {
    /// Looks for room among `most`. The session that has been idle longest is asked to leave; that there is none is logged once.
    fn room(&self, most: usize, is_told: &mut bool) -> Room {
        if self.is_ending {
            return Room::Ending;
        }
        if self.sessions.len() < most {
            return Room::Free;
        }
        let idle = self.sessions.values().filter_map(|session| Some((session.idle_since()?, session)));
        if let Some((_, session)) = idle.min_by_key(|(since, _)| *since) {
            session.go_away(&format!(
                "the server makes room for another connection: {most} are open, and no more may be \
                 (ServerOptions::connections)"
            ));
            return Room::Full(LEAVES);
        }
        if !std::mem::replace(is_told, true) {
            log::warn!("{most} connections are open, none is idle, and others wait (ServerOptions::connections)");
        }
        Room::Full(LOOK_AGAIN)
    }

    #[cfg(feature = "tokio")]
    fn wake_later(&mut self, task: &Waker) {
        if !self.waiting.iter().any(|waiting| waiting.will_wake(task)) {
            self.waiting.push(task.clone());
        }
    }
}

impl Registry {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells all who wait that something has changed.
    fn tell(&self, mut state: MutexGuard<'_, State>) {
        self.left.notify_all();
        let waiting = std::mem::take(&mut state.waiting);
        drop(state);
        waiting.into_iter().for_each(Waker::wake);
    }

    /// Waits until there is room among `most`; the session that has been idle longest is asked to leave. False if the
    /// server stops first.
    pub(super) fn make_room(&self, most: usize) -> bool {
        let (mut state, mut is_told) = (self.lock(), false);
        loop {
            let wait = match state.room(most, &mut is_told) {
                Room::Free => return true,
                Room::Ending => return false,
                Room::Full(wait) => wait,
            };
            state = self.left.wait_timeout(state, wait).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// As [`make_room`](Self::make_room), but wakes a task instead of waiting: when somebody leaves, or the server stops.
    #[cfg(feature = "tokio")]
    pub(in crate::net) fn ask_for_room(&self, most: usize, is_told: &mut bool, task: &Waker) -> Room {
        let mut state = self.lock();
        state.wake_later(task);
        state.room(most, is_told)
    }

    /// Waits for so long, and gives the sessions that there are then; `None` if the server stops.
    pub(super) fn wait(&self, pause: Duration) -> Option<Vec<Arc<dyn Registered>>> {
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
    pub(in crate::net) fn enter(self: &Arc<Self>, session: Arc<dyn Registered>) -> Option<Entry> {
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
    pub(in crate::net) fn stop_accepting(&self, takes_rest: bool) {
        let mut state = self.lock();
        (state.is_ending, state.takes_rest) = (true, takes_rest);
        self.tell(state);
    }

    /// Whether what waits to be accepted when the server ends is to be accepted.
    pub(in crate::net) fn takes_rest(&self) -> bool {
        self.lock().takes_rest
    }

    /// Lets nobody in any more, and asks everybody to leave.
    pub(in crate::net) fn close(&self, reason: &str) {
        let mut state = self.lock();
        state.closed = true;
        for session in state.sessions.values() {
            session.go_away(reason);
        }
        self.tell(state);
    }

    /// How many are there; where there are any, wakes a task when one leaves.
    #[cfg(feature = "tokio")]
    pub(in crate::net) fn count(&self, task: &Waker) -> usize {
        let mut state = self.lock();
        state.wake_later(task);
        state.sessions.len()
    }

    /// How many are there that have something left to do.
    pub(in crate::net) fn unfinished(&self) -> usize {
        self.lock().sessions.values().filter(|session| !session.has_told_all()).count()
    }

    /// Waits until all have left, or until the time has come; says how many are still there that have something left to do.
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
        drop(state);
        self.unfinished()
    }

    /// Ends every session at once; what became of the calls that ran when the server was told to end.
    pub(in crate::net) fn cut_all(&self) -> Calls {
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
    pub(in crate::net) fn served(&self) -> u64 {
        self.lock().served
    }
}

/// A session's place; it leaves when this is dropped.
#[derive(Debug)]
pub(in crate::net) struct Entry {
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
        self.registry.tell(state);
    }
}
