//! Items on their way out, however room is waited for.

use std::borrow::Borrow;
use std::fmt;
use std::sync::Arc;
use std::task::Waker;

use super::block::block;
use super::carrier::Carrier;
use crate::pack::{PackError, PackLimits, Packer, give_scratch, take_scratch};
use crate::proto::Half;
use crate::status::Status;

/// Writes an item.
pub(crate) type PackItem<T> = fn(&mut Packer<'_>, &T) -> Result<(), PackError>;

/// Many items are packed together until they come to so many bytes.
const TOGETHER: usize = 16 << 10;

/// The sending end of a stream.
pub(super) struct Outgoing<T: ?Sized> {
    carrier: Arc<dyn Carrier>,
    pack: PackItem<T>,
    limits: PackLimits,
}

/// Packed items that are to be sent.
#[derive(Debug, Default)]
pub(super) struct Packed {
    pub(super) bytes: Vec<u8>,
    pub(super) count: u32,
    /// An item behind them that is long. It goes alone: together with others it might be more than a message may be.
    long: Option<Vec<u8>>,
}

impl<T: ?Sized> Clone for Outgoing<T> {
    fn clone(&self) -> Self {
        Self { carrier: Arc::clone(&self.carrier), pack: self.pack, limits: self.limits }
    }
}

impl<T: ?Sized> fmt::Debug for Outgoing<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Outgoing").field(&self.carrier).finish()
    }
}

impl<T: ?Sized> Outgoing<T> {
    pub(super) fn new(carrier: Arc<dyn Carrier>, pack: PackItem<T>) -> Self {
        let limits = carrier.pack_limits();
        Self { carrier, pack, limits }
    }

    pub(super) fn carrier(&self) -> &Arc<dyn Carrier> {
        &self.carrier
    }

    /// Packs an item behind others. Where it does not pack, those are as they were.
    pub(super) fn pack(&self, item: &T, packed: &mut Packed) -> Result<(), PackError> {
        let before = packed.bytes.len();
        (self.pack)(&mut Packer::new(&mut packed.bytes, &self.limits), item)
            .inspect_err(|_| packed.bytes.truncate(before))?;
        packed.count += 1;
        Ok(())
    }

    /// Packs further items while they come to little; whether there may be more.
    pub(super) fn gather<I: Iterator<Item: Borrow<T>>>(
        &self,
        items: &mut I,
        packed: &mut Packed,
    ) -> Result<bool, PackError> {
        let mut out = Packer::new(&mut packed.bytes, &self.limits);
        while out.len() < TOGETHER && packed.count < u32::MAX {
            let (Some(item), before) = (items.next(), out.len()) else { return Ok(false) };
            if let Err(error) = (self.pack)(&mut out, item.borrow()) {
                packed.bytes.truncate(before);
                return Err(error);
            }
            if before > 0 && out.len() - before > TOGETHER {
                packed.long = Some(packed.bytes.split_off(before));
                return Ok(true);
            }
            packed.count += 1;
        }
        Ok(true)
    }

    /// Sends an item, and waits until there is room for it.
    pub(super) fn send(&self, item: &T) -> Result<(), SendError> {
        let mut packed = Packed::take();
        let sent = self.pack(item, &mut packed).map_err(SendError::Pack).and_then(|()| self.put(&mut packed));
        packed.give_back();
        sent
    }

    /// Sends items, of which many leave together. Those before one that does not pack are sent.
    pub(super) fn send_all<I: IntoIterator<Item: Borrow<T>>>(&self, items: I) -> Result<(), SendError> {
        let (mut items, mut packed) = (items.into_iter(), Packed::take());
        let sent = loop {
            let gathered = self.gather(&mut items, &mut packed);
            match (self.put(&mut packed), gathered) {
                (Ok(()), Ok(true)) => {}
                (Ok(()), Ok(false)) => break Ok(()),
                (Ok(()), Err(error)) => break Err(SendError::Pack(error)),
                (Err(error), _) => break Err(error),
            }
        };
        packed.give_back();
        sent
    }

    fn put(&self, packed: &mut Packed) -> Result<(), SendError> {
        // Only a wait that has an end gives nothing.
        block(&*self.carrier, Half::Outgoing, None, |waker| self.put_now(packed, waker)).unwrap_or(Ok(()))
    }

    /// Sends what was packed, if there is room; leaves nothing of it then.
    pub(super) fn put_now(&self, packed: &mut Packed, waker: &Waker) -> Option<Result<(), SendError>> {
        loop {
            if packed.count > 0
                && let Err(error) = self.put_piece(packed, waker)?
            {
                return Some(Err(error));
            }
            let Some(long) = packed.long.take() else { return Some(Ok(())) };
            (packed.bytes, packed.count) = (long, 1);
        }
    }

    fn put_piece(&self, packed: &mut Packed, waker: &Waker) -> Option<Result<(), SendError>> {
        let (came, most) = (packed.bytes.len(), self.carrier.longest());
        if packed.count == 1 && came > most {
            return Some(Err(SendError::TooLong { came, most }));
        }
        let put = self.carrier.put(&mut packed.bytes, packed.count, waker)?;
        packed.count = 0;
        Some(put.map_err(SendError::Over))
    }
}

/// Why an item was not sent.
#[derive(Debug)]
pub(super) enum SendError {
    /// It does not pack.
    Pack(PackError),
    /// It is longer than a message may be, in bytes.
    TooLong { came: usize, most: usize },
    /// The call is over.
    Over(Status),
}

impl SendError {
    /// As a handler sees it: what it sends is its own fault.
    pub(super) fn of_handler(self) -> Status {
        match self {
            Self::Pack(error) => Status::internal(format!("the item cannot be sent: {error}")),
            Self::TooLong { came, most } => too_long(came, most),
            Self::Over(status) => status,
        }
    }

    /// As a caller sees it.
    pub(super) fn of_caller(self, carrier: &dyn Carrier) -> Status {
        match self {
            Self::Pack(error) => {
                carrier.describe(Status::invalid_argument(format!("the item cannot be sent: {error}")))
            }
            Self::TooLong { came, most } => carrier.describe(too_long(came, most)),
            Self::Over(status) => status,
        }
    }
}

fn too_long(came: usize, most: usize) -> Status {
    Status::resource_exhausted(format!(
        "the item comes to {came} bytes, and at most {most} may be sent (Limits::message)"
    ))
}

impl Packed {
    pub(super) fn take() -> Self {
        Self { bytes: take_scratch(), ..Self::default() }
    }

    pub(super) fn give_back(self) {
        give_scratch(self.bytes);
    }
}
