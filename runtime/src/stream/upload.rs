//! A call whose parameter is a stream and whose results are not, for threads.

use std::borrow::Borrow;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use super::answer::{Answered, UnpackResults};
use super::block::block;
use super::carrier::Carrier;
use super::outgoing::{Outgoing, SendError};
use super::packing::PackItems;
use crate::failure::CallFailure;
use crate::proto::Half;
use crate::wire::Metadata;

/// A call under way that is sent items, and gives its results when it has had all of them.
///
/// To drop it without [`finish`](Self::finish) cancels the call: a stream that an early return cut off must not look complete.
#[must_use = "a call that is dropped is cancelled"]
pub struct ClientStream<T: ?Sized, R, E> {
    outgoing: Outgoing<T>,
    answered: Answered<R>,
    failure: PhantomData<fn() -> E>,
}

impl<T: ?Sized, R, E> fmt::Debug for ClientStream<T, R, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ClientStream").field(self.outgoing.carrier()).finish()
    }
}

impl<T: ?Sized, R, E> ClientStream<T, R, E> {
    pub(crate) fn new(carrier: Arc<dyn Carrier>, pack: PackItems<T>, unpack: UnpackResults<R>) -> Self {
        let answered = Answered::new(Arc::clone(&carrier), unpack);
        Self { outgoing: Outgoing::new(carrier, pack), answered, failure: PhantomData }
    }
}

impl<T: ?Sized, R, E: CallFailure> ClientStream<T, R, E> {
    /// Sends an item. Waits while the handler takes none, and so much is on its way as the server lets come. Where the handler
    /// has given its results already, the item is dropped: [`finish`](Self::finish) gives them.
    ///
    /// # Errors
    ///
    /// `InvalidArgument` when the item does not pack; else why the call has failed.
    pub fn send(&mut self, item: &T) -> Result<(), E> {
        let sent = if self.answered.has_come() { Ok(()) } else { self.outgoing.send(item) };
        self.note(sent)
    }

    /// Sends items, which is much faster than one after the other. They are gathered in pieces of 16 KiB: for items that come
    /// slowly, [`send`](Self::send) is the better one. Where they are small, up to 256 are taken from `items` at once.
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send). Items before one that does not pack are sent.
    pub fn send_all<I: IntoIterator<Item: Borrow<T>>>(&mut self, items: I) -> Result<(), E> {
        let sent = if self.answered.has_come() { Ok(()) } else { self.outgoing.send_all(items) };
        self.note(sent)
    }

    fn note(&mut self, sent: Result<(), SendError>) -> Result<(), E> {
        match sent {
            Ok(()) => Ok(()),
            Err(error @ (SendError::Pack(_) | SendError::TooLong { .. })) => {
                Err(error.of_caller(&**self.outgoing.carrier()).into())
            }
            Err(SendError::Over(_)) => {
                self.wait();
                self.answered.failure()
            }
        }
    }

    fn wait(&mut self) {
        let carrier = Arc::clone(self.outgoing.carrier());
        block(&*carrier, Half::Incoming, None, |waker| self.answered.ask(waker));
    }

    /// Says that the stream is complete, and waits for the results.
    ///
    /// # Errors
    ///
    /// When the method failed, the connection broke, or the time was over.
    pub fn finish(self) -> Result<R, E> {
        self.finish_with_metadata().0
    }

    /// The same, and gives what the handler said beside the results, or beside its failure. Empty if it said nothing.
    pub fn finish_with_metadata(mut self) -> (Result<R, E>, Metadata) {
        self.outgoing.carrier().end();
        self.wait();
        self.answered.results()
    }
}
