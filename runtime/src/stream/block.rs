//! Waiting for a stream in a thread.

use std::sync::Arc;
use std::task::{Wake, Waker};
use std::thread::{self, Thread};
use std::time::Instant;

use super::carrier::Carrier;
use crate::proto::Half;

thread_local! {
    /// Wakes this thread.
    static WAKER: Waker = Waker::from(Arc::new(Unpark(thread::current())));
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.0.unpark();
    }
}

/// Asks again and again, and sleeps between; `None` if there is nothing to say when the time has come.
pub(super) fn block<T>(
    carrier: &dyn Carrier,
    half: Half,
    until: Option<Instant>,
    mut ask: impl FnMut(&Waker) -> Option<T>,
) -> Option<T> {
    WAKER.with(|waker| {
        loop {
            if let Some(answer) = ask(waker) {
                return Some(answer);
            }
            if until.is_some_and(|until| until <= Instant::now()) {
                return None;
            }
            carrier.park(half, until.into_iter().chain(carrier.deadline()).min());
        }
    })
}

/// Sleeps until the thread's waker is woken.
pub(crate) fn park(until: Option<Instant>) {
    match until {
        None => thread::park(),
        Some(until) => thread::park_timeout(until.saturating_duration_since(Instant::now())),
    }
}
