//! Servers of many clients at once.

mod options;
mod registry;
mod session;
mod thread;

pub use options::{ServerError, ServerOptions};
pub(super) use session::Session;
pub use thread::{Report, Running, ThreadServer};
