//! When things were with a session.

use std::sync::PoisonError;
use std::time::Instant;

use crate::net::sync::{Mutex, MutexGuard};

/// When things were with a session, for who watches over how long it lasts.
#[derive(Debug)]
pub(in crate::net) struct Times {
    /// When it began.
    pub(super) since: Instant,
    /// From 0 to 1, by chance.
    luck: f64,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// When it last had something to do.
    active: Instant,
    /// Of a frame only a part has come.
    is_mid_frame: bool,
    /// When its client was told to leave it.
    leaving: Option<Instant>,
}

impl Times {
    /// Of one that begins.
    pub(in crate::net) fn new(since: Instant) -> Self {
        let state = State { active: since, is_mid_frame: false, leaving: None };
        Self { since, luck: fastrand::f64(), state: Mutex::new(state) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A factor that is 1, more or less by a part: the same for the session each time, and for each another.
    pub(super) fn luck(&self, part: f64) -> f64 {
        1.0 + part * (2.0 * self.luck - 1.0)
    }

    /// Notes that there is nothing to do from now on, but for what is to come of a frame.
    pub(in crate::net) fn note_active(&self, is_mid_frame: bool) {
        let mut state = self.state();
        (state.active, state.is_mid_frame) = (Instant::now(), is_mid_frame);
    }

    /// Whether of a frame only a part has come.
    pub(in crate::net) fn is_mid_frame(&self) -> bool {
        self.state().is_mid_frame
    }

    /// Since when there is nothing to do; `None` while something is to come of a frame.
    pub(in crate::net) fn quiet_since(&self) -> Option<Instant> {
        let state = self.state();
        (!state.is_mid_frame).then_some(state.active)
    }

    /// Notes that its client is told to leave it.
    pub(super) fn leave(&self, now: Instant) {
        self.state().leaving = Some(now);
    }

    /// Since when its client knows that it is to leave.
    pub(super) fn leaving_since(&self) -> Option<Instant> {
        self.state().leaving
    }
}
