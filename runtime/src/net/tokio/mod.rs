//! Channels and servers whose calls and handlers are futures, on tokio.

mod blocking;
pub mod client;
pub mod server;
mod stream;
mod timer;

pub(super) use blocking::block_on;
