//! What the program sees of its workers.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The workers that serve, as the supervisor knew them last.
#[derive(Debug)]
pub(super) struct State {
    count: usize,
    serving: Mutex<Serving>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Serving {
    /// Process ids, and whether they are ready.
    workers: Vec<(u32, bool)>,
    is_ending: bool,
}

impl State {
    /// Of a server that is to have so many workers.
    pub(super) fn new(count: usize) -> Self {
        Self { count, serving: Mutex::default(), changed: Condvar::new() }
    }

    fn lock(&self) -> MutexGuard<'_, Serving> {
        self.serving.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn set(&self, workers: impl Iterator<Item = (u32, bool)>, is_ending: bool) {
        let mut serving = self.lock();
        serving.workers.clear();
        serving.workers.extend(workers);
        serving.is_ending = is_ending;
        self.changed.notify_all();
    }

    /// The process ids of the workers that live now.
    pub(super) fn ids(&self) -> Vec<u32> {
        self.lock().workers.iter().map(|(process, _)| *process).collect()
    }

    /// Waits until all are ready; whether they are.
    pub(super) fn wait_ready(&self, patience: Duration) -> bool {
        let until = Instant::now().checked_add(patience);
        let mut serving = self.lock();
        while serving.workers.iter().filter(|(_, is_ready)| *is_ready).count() < self.count {
            let left = until.map_or(Duration::MAX, |until| until.saturating_duration_since(Instant::now()));
            if left.is_zero() || serving.is_ending {
                return false;
            }
            serving = self.changed.wait_timeout(serving, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        !serving.is_ending
    }
}
