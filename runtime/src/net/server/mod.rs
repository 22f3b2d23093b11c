//! Servers of many clients at once.

mod answer;
mod handle;
mod leaving;
mod life;
mod options;
mod pool;
mod reader;
mod registry;
mod report;
mod seat;
mod session;
mod streams;
#[cfg(all(test, shuttle))]
mod tests;
mod thread;
mod watch;
mod wire;

pub use options::{ServerError, ServerOptions};
pub use report::{Calls, Report};
pub(super) use seat::Seat;
pub(super) use session::Session;
pub use thread::{Running, ThreadServer};
