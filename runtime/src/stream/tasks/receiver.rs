//! The receiving end of a stream, for tasks.

use std::fmt;
use std::future::poll_fn;
use std::marker::PhantomData;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use futures_core::Stream;
use tokio::task::coop::cooperative;

use super::timer::Timer;
use crate::failure::CallFailure;
use crate::pack::{UnpackError, Unpacker};
use crate::status::Status;
use crate::stream::carrier::Carrier;
use crate::stream::incoming::{Incoming, Next};
use crate::stream::receiver::too_slow;

/// Items of a stream, in the order in which they were sent: a [`Stream`], and [`next`](Self::next) without its traits.
///
/// It ends when the stream is complete, or after the one `Err` that says why it is not. As long as nobody takes items, at most
/// a window of them comes ([`Limits::stream_window`](crate::Limits::stream_window)), and one item; what waits holds up no
/// other call.
///
/// At a caller, to drop it before its end cancels the call. In a handler it does not: what still comes is dropped.
pub struct AsyncReceiver<T, E = Status> {
    incoming: Incoming<T>,
    item_timeout: Option<Duration>,
    /// Until when the item must have come that is waited for.
    item_until: Option<Instant>,
    timer: Timer,
    failure: PhantomData<fn() -> E>,
}

impl<T, E> fmt::Debug for AsyncReceiver<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("AsyncReceiver").field(self.incoming.carrier()).finish()
    }
}

impl<T, E> AsyncReceiver<T, E> {
    pub(crate) fn new(
        carrier: Arc<dyn Carrier>,
        unpack: impl Fn(&mut Unpacker<'_>) -> Result<T, UnpackError> + Send + Sync + 'static,
    ) -> Self {
        let (incoming, timer) = (Incoming::new(carrier, unpack), Timer::default());
        Self { incoming, item_timeout: None, item_until: None, timer, failure: PhantomData }
    }

    /// The same, which fails with `DeadlineExceeded` when an item does not come within so long of being waited for: at a caller
    /// the call is cancelled then. Without it items may take as long as the call.
    #[must_use]
    pub fn with_item_timeout(self, timeout: Duration) -> Self {
        Self { item_timeout: Some(timeout), ..self }
    }
}

impl<T, E: CallFailure> AsyncReceiver<T, E> {
    /// The next item; `None` at the end. What is dropped while it waits has taken nothing.
    pub async fn next(&mut self) -> Option<Result<T, E>> {
        match self.incoming.next_ready() {
            Some(item) => Some(Ok(item)),
            None => poll_fn(|context| self.poll_more(context)).await,
        }
    }

    /// Takes turns with the other tasks of its thread, as what is always ready must. Items that were unpacked together are one
    /// turn. Apart from [`next`](Self::next), which is to be small.
    #[inline(never)]
    fn poll_more(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<T, E>>> {
        pin!(cooperative(poll_fn(|context| self.poll_at_once(context)))).poll(context)
    }

    fn poll_at_once(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<T, E>>> {
        loop {
            let failing = match self.incoming.next(context.waker()) {
                Next::Item(item) => {
                    self.item_until = None;
                    return Poll::Ready(Some(Ok(item)));
                }
                Next::Over(failing) => failing,
                Next::Nothing if self.poll_time(context).is_pending() => return Poll::Pending,
                Next::Nothing if self.is_too_slow() => Some(self.incoming.give_up(too_slow(self.item_timeout))),
                Next::Nothing => continue,
            };
            return Poll::Ready(failing.map(|failing| Err(failing.into_failure(&**self.incoming.carrier()))));
        }
    }

    fn poll_time(&mut self, context: &mut Context<'_>) -> Poll<()> {
        if self.item_until.is_none() {
            self.item_until = self.item_timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        }
        let until = self.item_until.into_iter().chain(self.incoming.carrier().deadline()).min();
        self.timer.poll(until, context)
    }

    fn is_too_slow(&self) -> bool {
        self.item_until.is_some_and(|until| until <= Instant::now())
    }
}

impl<T, E: CallFailure> Stream for AsyncReceiver<T, E> {
    type Item = Result<T, E>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<T, E>>> {
        let this = self.get_mut();
        match this.incoming.next_ready() {
            Some(item) => Poll::Ready(Some(Ok(item))),
            None => this.poll_more(context),
        }
    }
}
