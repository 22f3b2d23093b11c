//! The receiving end of a stream, for threads.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::block::block;
use super::carrier::Carrier;
use super::incoming::{Incoming, Next};
use crate::failure::CallFailure;
use crate::pack::{UnpackError, Unpacker};
use crate::proto::Half;
use crate::status::Status;

/// Items of a stream, in the order in which they were sent: an iterator that waits for each.
///
/// It ends when the stream is complete, or after the one `Err` that says why it is not. As long as nobody takes items, at most
/// a window of them comes ([`Limits::stream_window`](crate::Limits::stream_window)), and one item; what waits holds up no
/// other call.
///
/// At a caller, to drop it before its end cancels the call. In a handler it does not: what still comes is dropped.
pub struct Receiver<T, E = Status> {
    incoming: Incoming<T>,
    item_timeout: Option<Duration>,
    failure: PhantomData<fn() -> E>,
}

impl<T, E> fmt::Debug for Receiver<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Receiver").field(self.incoming.carrier()).finish()
    }
}

impl<T, E> Receiver<T, E> {
    pub(crate) fn new(
        carrier: Arc<dyn Carrier>,
        unpack: impl Fn(&mut Unpacker<'_>) -> Result<T, UnpackError> + Send + Sync + 'static,
    ) -> Self {
        Self { incoming: Incoming::new(carrier, unpack), item_timeout: None, failure: PhantomData }
    }

    /// The same, which fails with `DeadlineExceeded` when an item does not come within so long of being waited for: at a caller
    /// the call is cancelled then. Without it items may take as long as the call.
    #[must_use]
    pub fn with_item_timeout(self, timeout: Duration) -> Self {
        Self { item_timeout: Some(timeout), ..self }
    }
}

impl<T, E: CallFailure> Iterator for Receiver<T, E> {
    type Item = Result<T, E>;

    #[inline]
    fn next(&mut self) -> Option<Result<T, E>> {
        match self.incoming.next_ready() {
            Some(item) => Some(Ok(item)),
            None => self.wait(),
        }
    }
}

impl<T, E: CallFailure> Receiver<T, E> {
    /// Apart from [`next`](Self::next), which is to be small.
    #[inline(never)]
    fn wait(&mut self) -> Option<Result<T, E>> {
        let until = self.item_timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        let carrier = Arc::clone(self.incoming.carrier());
        let next = block(&*carrier, Half::Incoming, until, |waker| match self.incoming.next(waker) {
            Next::Item(item) => Some(Ok(item)),
            Next::Over(failing) => Some(Err(failing)),
            Next::Nothing => None,
        });
        let failing = match next {
            Some(Ok(item)) => return Some(Ok(item)),
            Some(Err(failing)) => failing?,
            None => self.incoming.give_up(too_slow(self.item_timeout)),
        };
        Some(Err(failing.into_failure(&*carrier)))
    }
}

/// How a stream fails whose next item did not come in time.
pub(super) fn too_slow(timeout: Option<Duration>) -> Status {
    Status::deadline_exceeded(format!("no item came for {:?}", timeout.unwrap_or_default()))
}
