//! Servers whose connections are tasks, and whose handlers may be futures.

mod acceptor;
mod begin;
mod binding;
mod end;
mod listener;
mod reader;
mod running;
mod session;
mod streams;
mod wait;

pub use binding::TokioServer;
pub use running::Running;
