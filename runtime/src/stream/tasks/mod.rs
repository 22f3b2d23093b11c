//! Streams for tasks: what the ends for threads do, without a thread that waits.

mod receiver;
mod sender;
mod timer;
mod upload;

pub use receiver::AsyncReceiver;
pub use sender::{AsyncClientSender, AsyncSender};
pub use upload::AsyncClientStream;
