//! Items as they come, however they are waited for.

use std::sync::Arc;
use std::task::Waker;

use super::carrier::{Arrived, Carrier};
use crate::failure::CallFailure;
use crate::pack::{UnpackError, UnpackLimits, Unpacker};
use crate::proto::{Half, Items};
use crate::status::Status;

/// Reads an item.
pub(crate) type UnpackItem<T> = fn(&mut Unpacker<'_>) -> Result<T, UnpackError>;

/// The receiving end of a stream.
#[derive(Debug)]
pub(super) struct Incoming<T> {
    carrier: Arc<dyn Carrier>,
    unpack: UnpackItem<T>,
    limits: UnpackLimits,
    /// What was taken last, and how much of it was read.
    items: Items,
    at: usize,
    is_over: bool,
}

/// What there is to say about the next item.
pub(super) enum Next<T> {
    Item(T),
    /// There is none: the stream is complete, or has failed.
    Over(Option<Failing>),
    /// Nothing has come yet.
    Nothing,
}

/// How a stream fails.
pub(super) enum Failing {
    Declared(Vec<u8>),
    Status(Status),
}

impl<T> Incoming<T> {
    pub(super) fn new(carrier: Arc<dyn Carrier>, unpack: UnpackItem<T>) -> Self {
        let limits = carrier.unpack_limits();
        Self { carrier, unpack, limits, items: Items::default(), at: 0, is_over: false }
    }

    pub(super) fn carrier(&self) -> &Arc<dyn Carrier> {
        &self.carrier
    }

    /// The next item of those that were taken already.
    #[inline]
    pub(super) fn next_here(&mut self) -> Option<Result<T, Failing>> {
        if self.items.count == 0 {
            return None;
        }
        let mut input = Unpacker::new(self.items.bytes.get(self.at..).unwrap_or_default(), &self.limits);
        let item = (self.unpack)(&mut input);
        self.at += input.offset();
        self.items.count -= 1;
        let is_last = self.items.count == 0;
        let whole = item.and_then(|item| if is_last { input.end().map(|()| item) } else { Ok(item) });
        Some(whole.map_err(|error| self.refuse(&error)))
    }

    #[cold]
    fn refuse(&mut self, error: &UnpackError) -> Failing {
        self.stop();
        Failing::Status(self.carrier.refuse(error))
    }

    /// The next item, where one has come.
    pub(super) fn next(&mut self, waker: &Waker) -> Next<T> {
        loop {
            match self.next_here() {
                Some(Ok(item)) => return Next::Item(item),
                Some(Err(failing)) => return Next::Over(Some(failing)),
                None if self.is_over => return Next::Over(None),
                None => {}
            }
            let done = std::mem::take(&mut self.items.bytes).len();
            match self.carrier.take(done, waker) {
                Some(Arrived::Items(items)) => (self.items, self.at) = (items, 0),
                Some(arrived) => return Next::Over(self.end(arrived)),
                None => return Next::Nothing,
            }
        }
    }

    fn end(&mut self, arrived: Arrived) -> Option<Failing> {
        self.stop();
        match arrived {
            Arrived::Declared(packed) => Some(Failing::Declared(packed)),
            Arrived::Failed(status) => Some(Failing::Status(status)),
            Arrived::End | Arrived::Items(_) | Arrived::Reply(..) => None,
        }
    }

    /// No item came in time.
    pub(super) fn give_up(&mut self, status: Status) -> Failing {
        self.stop();
        self.carrier.leave(Half::Incoming);
        Failing::Status(self.carrier.describe(status))
    }

    fn stop(&mut self) {
        (self.items, self.is_over) = (Items::default(), true);
    }
}

impl<T> Drop for Incoming<T> {
    fn drop(&mut self) {
        if !self.is_over {
            self.carrier.leave(Half::Incoming);
        }
    }
}

impl Failing {
    /// As the receiver of a call sees it that may declare an error.
    pub(super) fn into_failure<E: CallFailure>(self, carrier: &dyn Carrier) -> E {
        match self {
            Self::Status(status) => status.into(),
            Self::Declared(packed) => {
                let read = E::declared(&mut Unpacker::new(&packed, &carrier.unpack_limits()));
                read.unwrap_or_else(|status| carrier.describe(status).into())
            }
        }
    }
}
