//! An asynchronous handler at work, as a server sees it.

use std::pin::Pin;
use std::task::{Poll, Waker};

use super::{AsyncAnswer, AsyncFailure, Failure, Outcome, panicked};
use crate::context::{Context, unless_panics};
use crate::pack::Packed;
use crate::status::Status;

/// A handler that is polled until it has an answer, or until nobody wants one: then it is dropped, wherever it waits. Calls that
/// it makes inherit from the one that it answers, and where it panics, that call fails.
pub(crate) struct Handling {
    /// None once it is over.
    answer: Option<AsyncAnswer>,
    context: Context,
    /// Who is woken when the call is cancelled.
    woken: Option<Waker>,
}

impl Handling {
    /// One that has not begun, or where there is none, has panicked while it was made.
    pub(super) fn new(answer: Option<AsyncAnswer>, context: Context) -> Self {
        Self { answer, context, woken: None }
    }

    fn step(&mut self, task: &mut std::task::Context<'_>) -> Poll<Result<Packed, AsyncFailure>> {
        if self.context.is_cancelled() {
            return Poll::Ready(Err(Status::cancelled("nobody wants the answer any more").into()));
        }
        let Self { answer: Some(answer), context, .. } = self else { return Poll::Ready(Err(self.panicked())) };
        let polled = context.scope(|| unless_panics(|| answer.as_mut().poll(task)));
        polled.unwrap_or_else(|| Poll::Ready(Err(self.panicked())))
    }

    /// Polls it where nobody waits for it yet: who goes on with it polls it again.
    pub(crate) fn poll_first(&mut self) -> Option<(Outcome, Packed)> {
        match self.step(&mut std::task::Context::from_waker(Waker::noop())) {
            Poll::Ready(result) => Some(self.end(result)),
            Poll::Pending => None,
        }
    }

    fn panicked(&self) -> AsyncFailure {
        panicked(self.context.method()).into()
    }

    /// Has a task woken when the call is cancelled.
    fn wake_when_cancelled(&mut self, waker: &Waker) {
        if !self.woken.as_ref().is_some_and(|woken| woken.will_wake(waker)) {
            self.woken = Some(waker.clone());
            let waker = waker.clone();
            self.context.on_cancel(move || waker.wake());
        }
    }

    /// What became of it, and what it has packed.
    fn end(&mut self, result: Result<Packed, AsyncFailure>) -> (Outcome, Packed) {
        self.drop_rest();
        let (result, packed) = match result {
            Ok(packed) => (Ok(()), packed),
            Err(AsyncFailure::Declared(packed)) => (Err(Failure::Declared), packed),
            Err(AsyncFailure::Status(status)) => (Err(Failure::Status(status)), Packed::default()),
        };
        (Outcome { result, metadata: self.context.take_reply() }, packed)
    }

    /// Drops what is left of the handler, as a part of it.
    fn drop_rest(&mut self) {
        let Self { answer, context, .. } = self;
        if context.scope(|| unless_panics(|| drop(answer.take()))).is_none() {
            log::error!("{} panicked when it was dropped", context.method());
        }
    }
}

impl Future for Handling {
    /// What became of it, and what it has packed.
    type Output = (Outcome, Packed);

    fn poll(self: Pin<&mut Self>, task: &mut std::task::Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        let Poll::Ready(result) = this.step(task) else {
            this.wake_when_cancelled(task.waker());
            return Poll::Pending;
        };
        Poll::Ready(this.end(result))
    }
}

/// It may be dropped before it is over, together with the runtime in which it waits.
impl Drop for Handling {
    fn drop(&mut self) {
        self.drop_rest();
    }
}

impl std::fmt::Debug for Handling {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Handling").field("context", &self.context).finish_non_exhaustive()
    }
}
