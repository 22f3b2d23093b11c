//! The sending ends of streams, for threads.

use std::borrow::Borrow;
use std::fmt;
use std::sync::Arc;

use super::carrier::Carrier;
use super::outgoing::Outgoing;
use super::packing::PackItems;
use crate::proto::Half;
use crate::status::Status;

/// Where a handler sends the items of its result. Clones send to the same stream, and may be given to other threads.
///
/// What is sent leaves within about a millisecond; items that are sent together leave together. The stream is complete when the
/// handler returns `Ok`.
pub struct Sender<T: ?Sized> {
    outgoing: Outgoing<T>,
}

impl<T: ?Sized> Clone for Sender<T> {
    fn clone(&self) -> Self {
        Self { outgoing: self.outgoing.clone() }
    }
}

impl<T: ?Sized> fmt::Debug for Sender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Sender").field(self.outgoing.carrier()).finish()
    }
}

impl<T: ?Sized> Sender<T> {
    pub(crate) fn new(carrier: Arc<dyn Carrier>, pack: PackItems<T>) -> Self {
        Self { outgoing: Outgoing::new(carrier, pack) }
    }

    /// Sends an item. Waits while the caller takes none, and so much is on its way as it lets come
    /// ([`Limits::stream_window`](crate::Limits::stream_window) of the caller).
    ///
    /// # Errors
    ///
    /// `Internal` when the item does not pack; else when nobody waits for it: the caller gave up, its time is over, its
    /// connection has ended, or the handler has returned.
    pub fn send(&self, item: &T) -> Result<(), Status> {
        self.outgoing.send(item).map_err(super::outgoing::SendError::of_handler)
    }

    /// Sends items, which is much faster than one after the other. They are gathered in pieces of 16 KiB: for items that come
    /// slowly, [`send`](Self::send) is the better one. Where they are small, up to 256 are taken from `items` at once.
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send). Items before one that does not pack are sent.
    pub fn send_all<I: IntoIterator<Item: Borrow<T>>>(&self, items: I) -> Result<(), Status> {
        self.outgoing.send_all(items).map_err(super::outgoing::SendError::of_handler)
    }
}

/// Where a caller sends the items of a parameter, while it receives others.
///
/// To drop it without [`finish`](Self::finish) cancels the call: a stream that an early return cut off must not look complete.
#[must_use = "a stream that is dropped before it is finished cancels its call"]
pub struct ClientSender<T: ?Sized> {
    outgoing: Outgoing<T>,
    is_finished: bool,
}

impl<T: ?Sized> fmt::Debug for ClientSender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ClientSender").field(self.outgoing.carrier()).finish()
    }
}

impl<T: ?Sized> ClientSender<T> {
    pub(crate) fn new(carrier: Arc<dyn Carrier>, pack: PackItems<T>) -> Self {
        Self { outgoing: Outgoing::new(carrier, pack), is_finished: false }
    }

    /// Sends an item. Waits while the handler takes none, and so much is on its way as the server lets come.
    ///
    /// # Errors
    ///
    /// `InvalidArgument` when the item does not pack; else when the call is over, of which the receiver says more.
    pub fn send(&self, item: &T) -> Result<(), Status> {
        self.outgoing.send(item).map_err(|error| error.of_caller(&**self.outgoing.carrier()))
    }

    /// Sends items, which is much faster than one after the other. They are gathered in pieces of 16 KiB: for items that come
    /// slowly, [`send`](Self::send) is the better one. Where they are small, up to 256 are taken from `items` at once.
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send). Items before one that does not pack are sent.
    pub fn send_all<I: IntoIterator<Item: Borrow<T>>>(&self, items: I) -> Result<(), Status> {
        self.outgoing.send_all(items).map_err(|error| error.of_caller(&**self.outgoing.carrier()))
    }

    /// Says that the stream is complete. What the handler sends is still received.
    pub fn finish(mut self) {
        self.is_finished = true;
        self.outgoing.carrier().end();
    }
}

impl<T: ?Sized> Drop for ClientSender<T> {
    fn drop(&mut self) {
        if !self.is_finished {
            self.outgoing.carrier().leave(Half::Outgoing);
        }
    }
}
