//! The client's side on tokio: an [`AsyncChannel`] to a server, and the calls that are made on it.

mod call;
mod caller;
mod connection;
mod connector;
mod driver;
mod patience;
mod state;
mod streams;
mod supply;
#[cfg(test)]
mod tests;

use std::sync::Arc;

pub use caller::AsyncCaller;

use crate::net::calls::{ChannelOptions, Target, options_in_process};
use crate::service::Router;
use crate::status::Status;
use supply::Supply;

/// A way to a server, for calls of any number of tasks at once over one connection: the [`Channel`](crate::Channel) of
/// asynchronous code.
///
/// Clones share the connection, which a task of its own drives on the runtime that it was made on. When it breaks, or that
/// runtime ends, the channel connects anew as soon as a call wants it, on the runtime of that call, and waits longer and
/// longer between attempts that fail. Calls that certainly did not run, and those of idempotent methods, are sent again;
/// the others fail with a [`Status`] that says that they may have run. The channel is usable after any error.
///
/// When the channel and all its calls are dropped, the task sends what is queued, and ends. Where the runtime ends before,
/// oneway calls may be lost.
///
/// ```no_run
/// # use rpcgen_runtime::{AsyncChannel, Status};
/// # async fn connect() -> Result<(), Status> {
/// let channel = AsyncChannel::connect("tcp://127.0.0.1:7000").await?;
/// # Ok(())
/// # }
/// ```
///
/// # Panics
///
/// Connecting panics on a runtime of tokio without `enable_io` or `enable_time`, as tokio itself does.
#[derive(Debug, Clone)]
pub struct AsyncChannel {
    supply: Arc<Supply>,
}

impl AsyncChannel {
    /// Connects to an address, or to the first of several that answers: see [`Channel::connect`](crate::Channel::connect).
    ///
    /// # Errors
    ///
    /// `InvalidArgument` when the text is no address, `Unavailable` when nobody answers there, or there is no runtime of
    /// tokio here.
    pub async fn connect(url: &str) -> Result<Self, Status> {
        Self::connect_with(url, ChannelOptions::default()).await
    }

    /// Connects, with options.
    ///
    /// # Errors
    ///
    /// As [`connect`](Self::connect), and `InvalidArgument` when an option has a value that makes no sense.
    pub async fn connect_with(url: &str, options: ChannelOptions) -> Result<Self, Status> {
        let target = Target::at(url, &options)?;
        Ok(Self { supply: Supply::new(target, options).await? })
    }

    /// A channel to services in this process, over a pair of sockets: real packing, for tests. A thread serves them, so that a
    /// slow handler holds up the calls behind it.
    ///
    /// # Errors
    ///
    /// When two methods of the router have the same number, no thread can be had, or there is no runtime of tokio here.
    pub fn in_process(router: Router) -> Result<Self, Status> {
        let options = options_in_process(&router)?;
        Ok(Self { supply: Supply::in_process(router, options)? })
    }
}
