//! Everything that touches the system: endpoints, sockets, threads, processes.

pub mod channel;
pub mod endpoint;
mod listener;
mod memory;
pub mod process;
mod sender;
pub mod server;
mod socket;
mod unix;
