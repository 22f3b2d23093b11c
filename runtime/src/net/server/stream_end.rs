//! A handler's end of its call's streams.

use std::fmt::Debug;
use std::sync::{Arc, Weak};
use std::task::Waker;
use std::time::Instant;

use super::stream_wire::over;
use crate::pack::{PackLimits, UnpackError, UnpackLimits};
use crate::proto::{Half, Limits};
use crate::status::Status;
use crate::stream::{Arrived, Carrier};

/// What a session does for the streams of its calls; each kind of server has its own way to send and to sleep.
pub(in crate::net) trait CarriesStreams: Debug + Send + Sync + 'static {
    /// As [`Carrier::take`].
    fn take(self: &Arc<Self>, call: u32, done: usize, waker: &Waker) -> Option<Arrived>;

    /// As [`Carrier::put`].
    fn put(self: &Arc<Self>, call: u32, items: &mut Vec<u8>, count: u32, waker: &Waker) -> Option<Result<(), Status>>;

    /// As [`Carrier::park`].
    fn park(self: &Arc<Self>, half: Half, until: Option<Instant>);

    /// As [`Carrier::refuse`].
    fn refuse(self: &Arc<Self>, call: u32, error: &UnpackError) -> Status;

    /// Nobody takes the items of a call any more.
    fn ignore(self: &Arc<Self>, call: u32);
}

/// A handler's end. One that a program keeps for longer than the handler runs, as the sender of somebody who has left, keeps
/// no connection.
#[derive(Debug)]
pub(in crate::net) struct StreamEnd<S> {
    seat: Weak<S>,
    call: u32,
    longest: usize,
    pack: PackLimits,
    unpack: UnpackLimits,
}

impl<S> StreamEnd<S> {
    pub(in crate::net) fn new(seat: &Arc<S>, call: u32, limits: &Limits) -> Self {
        Self { seat: Arc::downgrade(seat), call, longest: limits.message, pack: limits.pack(), unpack: limits.unpack() }
    }
}

impl<S: CarriesStreams> Carrier for StreamEnd<S> {
    fn take(&self, done: usize, waker: &Waker) -> Option<Arrived> {
        match self.seat.upgrade() {
            Some(seat) => seat.take(self.call, done, waker),
            None => Some(Arrived::Failed(over())),
        }
    }

    fn put(&self, items: &mut Vec<u8>, count: u32, waker: &Waker) -> Option<Result<(), Status>> {
        match self.seat.upgrade() {
            Some(seat) => seat.put(self.call, items, count, waker),
            None => Some(Err(over())),
        }
    }

    fn park(&self, half: Half, until: Option<Instant>) {
        if let Some(seat) = self.seat.upgrade() {
            seat.park(half, until);
        }
    }

    /// The server sees to it.
    fn deadline(&self) -> Option<Instant> {
        None
    }

    fn refuse(&self, error: &UnpackError) -> Status {
        self.seat.upgrade().map_or_else(over, |seat| seat.refuse(self.call, error))
    }

    fn describe(&self, status: Status) -> Status {
        status
    }

    /// A handler ends its stream by returning.
    fn end(&self) {}

    fn leave(&self, half: Half) {
        if half == Half::Incoming
            && let Some(seat) = self.seat.upgrade()
        {
            seat.ignore(self.call);
        }
    }

    fn longest(&self) -> usize {
        self.longest
    }

    fn pack_limits(&self) -> PackLimits {
        self.pack
    }

    fn unpack_limits(&self) -> UnpackLimits {
        self.unpack
    }
}
