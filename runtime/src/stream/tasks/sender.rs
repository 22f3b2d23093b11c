//! The sending ends of streams, for tasks.

use std::borrow::Borrow;
use std::fmt;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use tokio::task::coop::cooperative;

use super::timer::Timer;
use crate::proto::Half;
use crate::status::Status;
use crate::stream::carrier::Carrier;
use crate::stream::outgoing::{Outgoing, SendError};
use crate::stream::packing::{PackItems, Packed, Piece};

/// Where a handler sends the items of its result. Clones send to the same stream, and may be given to other tasks.
///
/// Items that are sent while others leave, leave together. The stream is complete when the handler returns `Ok`.
pub struct AsyncSender<T: ?Sized> {
    outgoing: Outgoing<T>,
}

impl<T: ?Sized> Clone for AsyncSender<T> {
    fn clone(&self) -> Self {
        Self { outgoing: self.outgoing.clone() }
    }
}

impl<T: ?Sized> fmt::Debug for AsyncSender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("AsyncSender").field(self.outgoing.carrier()).finish()
    }
}

impl<T: ?Sized> AsyncSender<T> {
    pub(crate) fn new(carrier: Arc<dyn Carrier>, pack: PackItems<T>) -> Self {
        Self { outgoing: Outgoing::new(carrier, pack) }
    }

    /// Sends an item. Waits while the caller takes none, and so much is on its way as it lets come
    /// ([`Limits::stream_window`](crate::Limits::stream_window) of the caller). What is dropped while it waits has sent nothing.
    ///
    /// # Errors
    ///
    /// `Internal` when the item does not pack; else when nobody waits for it: the caller gave up, its time is over, its
    /// connection has ended, or the handler has returned.
    pub fn send<'a>(&'a self, item: &T) -> impl Future<Output = Result<(), Status>> + Send + use<'a, T> {
        let sending = self.outgoing.send_in_task(item);
        async { sending.await.map_err(SendError::of_handler) }
    }

    /// Sends items, which is much faster than one after the other. They are gathered in pieces of 16 KiB: for items that come
    /// slowly, [`send`](Self::send) is the better one. Where they are small, up to 256 are taken from `items` at once.
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send). Items before one that does not pack are sent.
    pub async fn send_all<I>(&self, items: I) -> Result<(), Status>
    where
        I: IntoIterator<Item: Borrow<T>, IntoIter: Send>,
    {
        self.outgoing.send_all_in_task(items.into_iter()).await.map_err(SendError::of_handler)
    }
}

/// Where a caller sends the items of a parameter, while it receives others.
///
/// To drop it without [`finish`](Self::finish) cancels the call: a stream that an early return cut off must not look complete.
#[must_use = "a stream that is dropped before it is finished cancels its call"]
pub struct AsyncClientSender<T: ?Sized> {
    outgoing: Outgoing<T>,
    is_finished: bool,
}

impl<T: ?Sized> fmt::Debug for AsyncClientSender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("AsyncClientSender").field(self.outgoing.carrier()).finish()
    }
}

impl<T: ?Sized> AsyncClientSender<T> {
    pub(crate) fn new(carrier: Arc<dyn Carrier>, pack: PackItems<T>) -> Self {
        Self { outgoing: Outgoing::new(carrier, pack), is_finished: false }
    }

    /// Sends an item. Waits while the handler takes none, and so much is on its way as the server lets come. What is dropped
    /// while it waits has sent nothing.
    ///
    /// # Errors
    ///
    /// `InvalidArgument` when the item does not pack; else when the call is over, of which the receiver says more.
    pub fn send<'a>(&'a self, item: &T) -> impl Future<Output = Result<(), Status>> + Send + use<'a, T> {
        let sending = self.outgoing.send_in_task(item);
        async { sending.await.map_err(|error| error.of_caller(&**self.outgoing.carrier())) }
    }

    /// Sends items, which is much faster than one after the other. They are gathered in pieces of 16 KiB: for items that come
    /// slowly, [`send`](Self::send) is the better one. Where they are small, up to 256 are taken from `items` at once.
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send). Items before one that does not pack are sent.
    pub async fn send_all<I>(&self, items: I) -> Result<(), Status>
    where
        I: IntoIterator<Item: Borrow<T>, IntoIter: Send>,
    {
        let sent = self.outgoing.send_all_in_task(items.into_iter()).await;
        sent.map_err(|error| error.of_caller(&**self.outgoing.carrier()))
    }

    /// Says that the stream is complete. What the handler sends is still received.
    pub fn finish(mut self) {
        self.is_finished = true;
        self.outgoing.carrier().end();
    }
}

impl<T: ?Sized> Drop for AsyncClientSender<T> {
    fn drop(&mut self) {
        if !self.is_finished {
            self.outgoing.carrier().leave(Half::Outgoing);
        }
    }
}

impl<T: ?Sized> Outgoing<T> {
    /// Packs an item at once; sends it, and waits until there is room for it.
    pub(super) fn send_in_task<'a>(
        &'a self,
        item: &T,
    ) -> impl Future<Output = Result<(), SendError>> + Send + use<'a, T> {
        let mut piece = Piece::take();
        let packed = self.pack(item, &mut piece);
        async move {
            let sent = match packed {
                Ok(()) => self.put_in_task(|waker| self.put_piece(&mut piece, waker)).await,
                Err(error) => Err(error),
            };
            piece.give_back();
            sent
        }
    }

    /// Sends items, of which many leave together. Those before one that does not pack are sent.
    pub(super) async fn send_all_in_task<I>(&self, mut items: I) -> Result<(), SendError>
    where
        I: Iterator<Item: Borrow<T>> + Send,
    {
        let mut packed = Packed::default();
        loop {
            let gathered = self.gather(&mut items, &mut packed);
            self.put_in_task(|waker| self.put_now(&mut packed, waker)).await?;
            if !gathered.map_err(SendError::Pack)? {
                return Ok(());
            }
        }
    }

    async fn put_in_task(&self, mut put: impl FnMut(&Waker) -> Option<Result<(), SendError>>) -> Result<(), SendError> {
        let mut timer = Timer::default();
        cooperative(poll_fn(|context| self.poll_put(&mut put, &mut timer, context))).await
    }

    fn poll_put(
        &self,
        put: &mut impl FnMut(&Waker) -> Option<Result<(), SendError>>,
        timer: &mut Timer,
        context: &mut Context<'_>,
    ) -> Poll<Result<(), SendError>> {
        loop {
            if let Some(put) = put(context.waker()) {
                return Poll::Ready(put);
            }
            if timer.poll(self.carrier().deadline(), context).is_pending() {
                return Poll::Pending;
            }
        }
    }
}
