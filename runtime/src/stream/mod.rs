//! Streams of calls: items that are sent and received while the call goes on.
//!
//! A method may have a stream as its last parameter, as its result, or both. In a handler the parameter is a [`Receiver`] and
//! the result a [`Sender`]. A caller gets a [`Receiver`] for the result; for the parameter a [`ClientStream`], or, where the
//! result is a stream as well, a [`ClientSender`].
//!
//! Each direction has its own credit (R37 of `docs/wire.md`): who receives slowly holds up who sends to it, and nothing else.

mod answer;
mod block;
mod calls;
mod carrier;
mod incoming;
mod outgoing;
mod packing;
mod receiver;
mod sender;
#[cfg(feature = "tokio")]
mod tasks;
mod upload;

pub use calls::CallStreams;
pub use receiver::Receiver;
pub use sender::{ClientSender, Sender};
#[cfg(feature = "tokio")]
pub use tasks::{AsyncClientSender, AsyncClientStream, AsyncReceiver, AsyncSender};
pub use upload::ClientStream;

pub(crate) use block::park;
pub(crate) use carrier::{Arrived, Carrier};
pub(crate) use packing::pack_items;
