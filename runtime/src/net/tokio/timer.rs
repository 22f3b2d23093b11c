//! When a task looks at its clocks again.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Instant;

use tokio::time::{Sleep, sleep_until};

/// A timer that takes memory only while it is set.
#[derive(Debug, Default)]
pub(super) struct Timer(Option<Pin<Box<Sleep>>>);

impl Timer {
    /// Wakes a task at a time at the latest; ready when the timer has gone off. It may go off too early, as it does when it was set
    /// before: who is woken looks at the clock, and waits again.
    pub(super) fn poll(&mut self, until: Option<Instant>, task: &mut Context<'_>) -> Poll<()> {
        if let Some(until) = until.map(Into::into) {
            match &mut self.0 {
                None => self.0 = Some(Box::pin(sleep_until(until))),
                Some(sleep) if sleep.deadline() > until => sleep.as_mut().reset(until),
                Some(_) => {}
            }
        }
        let Some(sleep) = &mut self.0 else { return Poll::Pending };
        let polled = sleep.as_mut().poll(task);
        if polled.is_ready() {
            self.0 = None;
        }
        polled
    }
}
