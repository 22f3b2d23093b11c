//! Items on their way out, however room is waited for.

use std::borrow::Borrow;
use std::fmt;
use std::sync::Arc;
use std::task::Waker;

use super::block::block;
use super::carrier::Carrier;
use super::packing::{PackItems, Packed, Piece};
use crate::pack::{PackError, PackLimits};
use crate::proto::Half;
use crate::status::Status;

/// The sending end of a stream.
pub(super) struct Outgoing<T: ?Sized> {
    carrier: Arc<dyn Carrier>,
    pack: PackItems<T>,
    limits: PackLimits,
}

impl<T: ?Sized> Clone for Outgoing<T> {
    fn clone(&self) -> Self {
        Self { carrier: Arc::clone(&self.carrier), pack: Arc::clone(&self.pack), limits: self.limits }
    }
}

impl<T: ?Sized> fmt::Debug for Outgoing<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Outgoing").field(&self.carrier).finish()
    }
}

impl<T: ?Sized> Outgoing<T> {
    pub(super) fn new(carrier: Arc<dyn Carrier>, pack: PackItems<T>) -> Self {
        let limits = carrier.pack_limits();
        Self { carrier, pack, limits }
    }

    pub(super) fn carrier(&self) -> &Arc<dyn Carrier> {
        &self.carrier
    }

    /// Packs an item that is to be sent by itself.
    pub(super) fn pack(&self, item: &T, piece: &mut Piece) -> Result<(), SendError> {
        piece.set(&self.pack, self.limits, item).map_err(SendError::Pack)
    }

    /// Packs further items while they come to little; whether there may be more.
    pub(super) fn gather<I: Iterator<Item: Borrow<T>>>(
        &self,
        items: &mut I,
        packed: &mut Packed,
    ) -> Result<bool, PackError> {
        let mut taken = Vec::new();
        while !packed.is_full() {
            let most = packed.group();
            taken.clear();
            taken.extend(items.take(most));
            let group: Vec<&T> = taken.iter().map(Borrow::borrow).collect();
            packed.add(&self.pack, self.limits, &group)?;
            if group.len() < most {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Sends an item, and waits until there is room for it.
    pub(super) fn send(&self, item: &T) -> Result<(), SendError> {
        let mut piece = Piece::take();
        let packed = self.pack(item, &mut piece);
        let sent = packed.and_then(|()| self.put(|waker| self.put_piece(&mut piece, waker)));
        piece.give_back();
        sent
    }

    /// Sends items, of which many leave together. Those before one that does not pack are sent.
    pub(super) fn send_all<I: IntoIterator<Item: Borrow<T>>>(&self, items: I) -> Result<(), SendError> {
        let (mut items, mut packed) = (items.into_iter(), Packed::take());
        let sent = loop {
            let gathered = self.gather(&mut items, &mut packed);
            match (self.put(|waker| self.put_now(&mut packed, waker)), gathered) {
                (Ok(()), Ok(true)) => {}
                (Ok(()), Ok(false)) => break Ok(()),
                (Ok(()), Err(error)) => break Err(SendError::Pack(error)),
                (Err(error), _) => break Err(error),
            }
        };
        packed.give_back();
        sent
    }

    fn put(&self, put: impl FnMut(&Waker) -> Option<Result<(), SendError>>) -> Result<(), SendError> {
        // Only a wait that has an end gives nothing.
        block(&*self.carrier, Half::Outgoing, None, put).unwrap_or(Ok(()))
    }

    /// Sends what was packed, if there is room; leaves nothing of it then.
    pub(super) fn put_now(&self, packed: &mut Packed, waker: &Waker) -> Option<Result<(), SendError>> {
        while packed.piece.count > 0 {
            let put = self.put_piece(&mut packed.piece, waker)?;
            packed.next();
            if put.is_err() {
                return Some(put);
            }
        }
        Some(Ok(()))
    }

    /// Sends one piece, if there is room; leaves nothing of it then.
    pub(super) fn put_piece(&self, piece: &mut Piece, waker: &Waker) -> Option<Result<(), SendError>> {
        let (came, most) = (piece.bytes.len(), self.carrier.longest());
        if piece.count == 1 && came > most {
            return Some(Err(SendError::TooLong { came, most }));
        }
        Some(self.carrier.put(&mut piece.bytes, piece.count, waker)?.map_err(SendError::Over))
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
