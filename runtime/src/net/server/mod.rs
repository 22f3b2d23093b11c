//! Servers of many clients at once.

mod leaving;
mod life;
mod options;
mod pool;
mod reader;
mod registry;
mod report;
mod seat;
mod session;
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
