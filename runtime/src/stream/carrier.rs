//! What a stream needs of the connection that carries it.

use std::fmt::Debug;
use std::task::Waker;
use std::time::Instant;

use crate::pack::{PackLimits, UnpackError, UnpackLimits};
use crate::proto::{Half, Items};
use crate::status::Status;
use crate::wire::Metadata;

/// What has come for a call that has streams.
#[derive(Debug)]
pub(crate) enum Arrived {
    /// Items, at least one.
    Items(Items),
    /// The stream is complete.
    End,
    /// Packed results, and what was said beside them: only to a caller.
    Reply(Vec<u8>, Option<Box<Metadata>>),
    /// A packed declared error: only to a caller.
    Declared(Vec<u8>),
    /// The call has failed, or nobody waits for it any more.
    Failed(Status),
}

/// A call's place on its connection. Whoever finds nothing to take, or no room, leaves a waker, which is woken when that may
/// have changed.
pub(crate) trait Carrier: Debug + Send + Sync {
    /// What has come. So many bytes of items that were taken before are done with.
    fn take(&self, done: usize, waker: &Waker) -> Option<Arrived>;

    /// Queues packed items, of which there are `count`, and leaves `items` empty.
    ///
    /// # Errors
    ///
    /// When the call is over.
    fn put(&self, items: &mut Vec<u8>, count: u32, waker: &Waker) -> Option<Result<(), Status>>;

    /// Lets this thread sleep until its waker is woken, or until the time has come, or without a reason. What is queued leaves
    /// before.
    fn park(&self, half: Half, until: Option<Instant>);

    /// When the call is over at the latest; whoever sleeps asks again then.
    fn deadline(&self) -> Option<Instant>;

    /// An item, or what else came, does not unpack: the call fails with what this gives.
    fn refuse(&self, error: &UnpackError) -> Status;

    /// A status of this call, with what is known about the call.
    fn describe(&self, status: Status) -> Status;

    /// This side's stream is complete.
    fn end(&self);

    /// Nobody takes any more what comes, or nobody puts any more though the stream is not complete.
    fn leave(&self, half: Half);

    /// The longest item that may be sent, in bytes.
    fn longest(&self) -> usize;

    /// What may be packed.
    fn pack_limits(&self) -> PackLimits;

    /// What may be unpacked.
    fn unpack_limits(&self) -> UnpackLimits;
}
