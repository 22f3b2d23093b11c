//! A call whose parameter is a stream and whose results are not, for tasks.

use std::borrow::Borrow;
use std::fmt;
use std::future::poll_fn;
use std::marker::PhantomData;
use std::sync::Arc;
use std::task::{Context, Poll};

use super::timer::Timer;
use crate::failure::CallFailure;
use crate::stream::answer::{Answered, UnpackResults};
use crate::stream::carrier::Carrier;
use crate::stream::outgoing::{Outgoing, SendError};
use crate::stream::packing::PackItems;
use crate::wire::Metadata;

/// A call under way that is sent items, and gives its results when it has had all of them.
///
/// To drop it without [`finish`](Self::finish) cancels the call: a stream that an early return cut off must not look complete.
#[must_use = "a call that is dropped is cancelled"]
pub struct AsyncClientStream<T: ?Sized, R, E> {
    outgoing: Outgoing<T>,
    answered: Answered<R>,
    failure: PhantomData<fn() -> E>,
}

impl<T: ?Sized, R, E> fmt::Debug for AsyncClientStream<T, R, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("AsyncClientStream").field(self.outgoing.carrier()).finish()
    }
}

impl<T: ?Sized, R, E> AsyncClientStream<T, R, E> {
    pub(crate) fn new(carrier: Arc<dyn Carrier>, pack: PackItems<T>, unpack: UnpackResults<R>) -> Self {
        let answered = Answered::new(Arc::clone(&carrier), unpack);
        Self { outgoing: Outgoing::new(carrier, pack), answered, failure: PhantomData }
    }
}

impl<T: ?Sized, R, E: CallFailure> AsyncClientStream<T, R, E> {
    /// Sends an item. Waits while the handler takes none, and so much is on its way as the server lets come. What is dropped
    /// while it waits has sent nothing. Where the handler has given its results already, the item is dropped:
    /// [`finish`](Self::finish) gives them.
    ///
    /// # Errors
    ///
    /// `InvalidArgument` when the item does not pack; else why the call has failed.
    pub fn send<'a>(&'a mut self, item: &T) -> impl Future<Output = Result<(), E>> + Send + use<'a, T, R, E> {
        let Self { outgoing, answered, .. } = self;
        let sending = outgoing.send_in_task(item);
        async {
            let sent = if answered.has_come() { Ok(()) } else { sending.await };
            note(outgoing, answered, sent).await
        }
    }

    /// Sends items, which is much faster than one after the other. They are gathered in pieces of 16 KiB: for items that come
    /// slowly, [`send`](Self::send) is the better one. Where they are small, up to 256 are taken from `items` at once.
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send). Items before one that does not pack are sent.
    pub async fn send_all<I>(&mut self, items: I) -> Result<(), E>
    where
        I: IntoIterator<Item: Borrow<T>, IntoIter: Send>,
    {
        let Self { outgoing, answered, .. } = self;
        let sent = if answered.has_come() { Ok(()) } else { outgoing.send_all_in_task(items.into_iter()).await };
        note(outgoing, answered, sent).await
    }

    /// Says that the stream is complete, and waits for the results.
    ///
    /// # Errors
    ///
    /// When the method failed, the connection broke, or the time was over.
    pub async fn finish(self) -> Result<R, E> {
        self.finish_with_metadata().await.0
    }

    /// The same, and gives what the handler said beside the results, or beside its failure. Empty if it said nothing.
    pub async fn finish_with_metadata(mut self) -> (Result<R, E>, Metadata) {
        self.outgoing.carrier().end();
        wait(&self.outgoing, &mut self.answered).await;
        self.answered.results()
    }
}

async fn note<T: ?Sized, R, E: CallFailure>(
    outgoing: &Outgoing<T>,
    answered: &mut Answered<R>,
    sent: Result<(), SendError>,
) -> Result<(), E> {
    match sent {
        Ok(()) => Ok(()),
        Err(error @ (SendError::Pack(_) | SendError::TooLong { .. })) => {
            Err(error.of_caller(&**outgoing.carrier()).into())
        }
        Err(SendError::Over(_)) => {
            wait(outgoing, answered).await;
            answered.failure()
        }
    }
}

/// Waits until the answer has come.
async fn wait<T: ?Sized, R>(outgoing: &Outgoing<T>, answered: &mut Answered<R>) {
    let mut timer = Timer::default();
    poll_fn(|context| poll_answer(&**outgoing.carrier(), answered, &mut timer, context)).await;
}

fn poll_answer<R>(
    carrier: &dyn Carrier,
    answered: &mut Answered<R>,
    timer: &mut Timer,
    context: &mut Context<'_>,
) -> Poll<()> {
    loop {
        if answered.ask(context.waker()).is_some() {
            return Poll::Ready(());
        }
        if timer.poll(carrier.deadline(), context).is_pending() {
            return Poll::Pending;
        }
    }
}
