//! Everything that touches the system: endpoints, sockets, threads, processes.

mod busy_poll;
mod calls;
pub mod channel;
pub mod endpoint;
mod listener;
mod memory;
pub mod process;
#[cfg(all(test, shuttle))]
mod schedules;
mod sender;
pub mod server;
mod socket;
mod sync;
#[cfg(feature = "tokio")]
pub mod tokio;
mod unix;
mod wakers;
