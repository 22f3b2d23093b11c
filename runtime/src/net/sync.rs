//! What threads share and wait with: the standard library's, or those of a scheduler that tries one order of their steps
//! after the other (`CONTRIBUTING.md` says how).

#[cfg(not(shuttle))]
pub(super) use std::{
    sync::{Condvar, Mutex, MutexGuard, atomic, mpsc},
    thread,
};

#[cfg(shuttle)]
pub(super) use shuttle::sync::{Condvar, Mutex, MutexGuard, atomic, mpsc};

#[cfg(shuttle)]
pub(super) mod thread {
    pub(crate) use shuttle::thread::*;

    /// Lets all others go first. No time passes for the scheduler.
    pub(crate) fn sleep(_: std::time::Duration) {
        yield_now();
    }
}
