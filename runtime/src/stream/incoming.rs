//! Items as they come, however they are waited for.

use std::sync::Arc;
use std::task::Waker;
use std::vec;

use super::carrier::{Arrived, Carrier};
use crate::failure::CallFailure;
use crate::pack::{UnpackError, UnpackLimits, Unpacker};
use crate::proto::{Half, Items};
use crate::status::Status;

/// Reads items until there are so many, or they come to much. There is room for as many as were read the last time.
type UnpackItems<T> = Box<dyn Fn(&[u8], UnpackLimits, Room) -> Unpacked<T> + Send + Sync>;

/// How many items are read at most, and how many to make room for.
#[derive(Debug, Clone, Copy)]
struct Room {
    most: usize,
    likely: usize,
}

/// Items that were read.
#[derive(Debug)]
struct Unpacked<T> {
    items: Vec<T>,
    /// How many bytes they took.
    bytes: usize,
    /// Why there are no more.
    result: Result<(), UnpackError>,
}

/// Items are unpacked together while they come to so many packed bytes, and are at most so many.
const TOGETHER: usize = 4 << 10;
const MOST: usize = 512;

/// The receiving end of a stream.
pub(super) struct Incoming<T> {
    carrier: Arc<dyn Carrier>,
    unpack: UnpackItems<T>,
    limits: UnpackLimits,
    /// What was taken last, and how much of it was unpacked.
    items: Items,
    at: usize,
    /// What was unpacked.
    ready: vec::IntoIter<T>,
    /// How many items were unpacked last: mostly there are as many the next time.
    unpacked: usize,
    is_over: bool,
}

/// The loop is made for each type of item: what reads one is a part of it.
fn unpack_items<T>(
    unpack: impl Fn(&mut Unpacker<'_>) -> Result<T, UnpackError> + Send + Sync + 'static,
) -> UnpackItems<T> {
    Box::new(move |packed, limits, room| {
        let mut input = Unpacker::new(packed, &limits);
        let (mut items, mut bytes) = (Vec::with_capacity(room.likely), 0);
        while items.len() < room.most && bytes < TOGETHER {
            match unpack(&mut input) {
                Ok(item) => items.push(item),
                Err(error) => return Unpacked { items, bytes, result: Err(error) },
            }
            bytes = input.offset();
        }
        Unpacked { items, bytes, result: input.end() }
    })
}

/// No item is pinned here: they are moved out.
impl<T> Unpin for Incoming<T> {}

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
    pub(super) fn new(
        carrier: Arc<dyn Carrier>,
        unpack: impl Fn(&mut Unpacker<'_>) -> Result<T, UnpackError> + Send + Sync + 'static,
    ) -> Self {
        let (limits, unpack) = (carrier.unpack_limits(), unpack_items(unpack));
        Self {
            carrier,
            unpack,
            limits,
            items: Items::default(),
            at: 0,
            ready: Vec::new().into_iter(),
            unpacked: 0,
            is_over: false,
        }
    }

    pub(super) fn carrier(&self) -> &Arc<dyn Carrier> {
        &self.carrier
    }

    /// The next item of those that were unpacked already.
    #[inline]
    pub(super) fn next_ready(&mut self) -> Option<T> {
        self.ready.next()
    }

    /// Unpacks the next items of those that were taken.
    fn unpack_more(&mut self) -> Result<(), UnpackError> {
        let packed = self.items.bytes.get(self.at..).unwrap_or_default();
        let most = usize::try_from(self.items.count).map_or(MOST, |count| count.min(MOST));
        let unpacked = (self.unpack)(packed, self.limits, Room { most, likely: self.unpacked.min(most) });
        self.unpacked = unpacked.items.len();
        self.at += unpacked.bytes;
        self.items.count = self.items.count.saturating_sub(self.unpacked as u64);
        self.ready = unpacked.items.into_iter();
        // An item alone may have all the memory that a message may unpack to: one that fails is tried again without the others.
        if self.unpacked > 0 { Ok(()) } else { unpacked.result }
    }

    #[cold]
    fn refuse(&mut self, error: &UnpackError) -> Failing {
        self.stop();
        Failing::Status(self.carrier.refuse(error))
    }

    /// The next item, where one has come.
    pub(super) fn next(&mut self, waker: &Waker) -> Next<T> {
        loop {
            if let Some(item) = self.next_ready() {
                return Next::Item(item);
            }
            if self.is_over {
                return Next::Over(None);
            }
            if self.items.count > 0 || self.at < self.items.bytes.len() {
                if let Err(error) = self.unpack_more() {
                    return Next::Over(Some(self.refuse(&error)));
                }
                continue;
            }
            let done = std::mem::take(&mut self.items.bytes).len();
            self.at = 0;
            match self.carrier.take(done, waker) {
                Some(Arrived::Items(items)) => self.items = items,
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
        (self.items, self.at, self.is_over) = (Items::default(), 0, true);
        self.ready = Vec::new().into_iter();
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
