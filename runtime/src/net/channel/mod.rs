//! The client's side: a [`Channel`] to a server, the calls that are made on it, and who reads their answers.

mod caller;
mod connection;
mod connector;
mod flusher;
mod leading;
mod pending;
mod silence;
mod sleepers;
mod state;
mod streams;
mod supply;
#[cfg(all(test, shuttle))]
mod tests;

use std::sync::Arc;

pub use super::calls::ChannelOptions;
use super::calls::{Target, options_in_process};
pub use caller::Caller;
pub use pending::PendingCall;

use crate::service::Router;
use crate::status::Status;
use connection::Connection;
use supply::Supply;

/// A way to a server, for calls of any number of threads at once over one connection.
///
/// Clones share the connection. When it breaks, the channel connects anew as soon as a call wants it, and waits longer and
/// longer between attempts that fail. Calls that certainly did not run, and those of idempotent methods, are sent again;
/// the others fail with a [`Status`] that says that they may have run. The channel is usable after any error.
///
/// ```no_run
/// # use rpcgen_runtime::Channel;
/// let channel = Channel::connect("tcp://127.0.0.1:7000")?;
/// # Ok::<(), rpcgen_runtime::Status>(())
/// ```
#[derive(Debug, Clone)]
pub struct Channel {
    supply: Arc<Supply>,
}

impl Channel {
    /// Connects to an address such as `tcp://127.0.0.1:7000` or `unix:///run/calc.sock`. Several with commas between, as in
    /// `tcp://a:7000,tcp://b:7000`, are tried in their order, now and whenever the channel connects again: the first that
    /// answers is taken. Behind one that accepts, and closes before it has said a word, the next one is tried first.
    ///
    /// # Errors
    ///
    /// `InvalidArgument` when the text is no address, `Unavailable` when nobody answers there.
    pub fn connect(url: &str) -> Result<Self, Status> {
        Self::connect_with(url, ChannelOptions::default())
    }

    /// Connects, with options.
    ///
    /// # Errors
    ///
    /// As [`connect`](Self::connect), and `InvalidArgument` when an option has a value that makes no sense.
    pub fn connect_with(url: &str, options: ChannelOptions) -> Result<Self, Status> {
        let target = Target::at(url, &options)?;
        Self::over(target, options)
    }

    /// A channel to services in this process, with no socket between: real packing, for tests.
    ///
    /// ```
    /// # use rpcgen_runtime::{Channel, Router};
    /// let channel = Channel::in_process(Router::new())?;
    /// # Ok::<(), rpcgen_runtime::Status>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When two methods of the router have the same number, or no thread can be had.
    pub fn in_process(router: Router) -> Result<Self, Status> {
        let options = options_in_process(&router)?;
        Self::over(Target::InProcess(router), options)
    }

    fn over(target: Target, options: ChannelOptions) -> Result<Self, Status> {
        Ok(Self { supply: Supply::new(target, options)? })
    }
}
