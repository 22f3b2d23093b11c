//! The client's side: a [`Channel`] to a server, the calls that are made on it, and who reads their answers.

mod caller;
mod connection;
mod connector;
mod ending;
mod flusher;
mod pending;
mod slots;
mod state;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

pub use caller::Caller;
pub use pending::{CallFailure, DeclaredError, PendingCall};

use super::endpoint::Endpoint;
use crate::proto::Limits;
use crate::service::Router;
use crate::status::Status;
use connection::Connection;
use connector::Connector;
use state::Started;

/// A way to a server, for calls of any number of threads at once over one connection.
///
/// Clones share the connection. When it breaks, the calls that were open on it fail, each with a [`Status`] that says
/// whether it may have run, and the next call connects anew.
///
/// ```no_run
/// # use rpcgen_runtime::Channel;
/// let channel = Channel::connect("tcp://127.0.0.1:7000")?;
/// # Ok::<(), rpcgen_runtime::Status>(())
/// ```
#[derive(Debug, Clone)]
pub struct Channel {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    connector: Connector,
    options: ChannelOptions,
    connection: Mutex<Arc<Connection>>,
}

/// What a channel can be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelOptions {
    /// What is accepted from the server.
    pub limits: Limits,
    /// How long each address of a server, or its Unix socket, may take to accept a connection. More than zero. Default 10 s.
    pub connect_timeout: Duration,
}

impl Default for ChannelOptions {
    fn default() -> Self {
        Self { limits: Limits::default(), connect_timeout: Duration::from_secs(10) }
    }
}

impl Channel {
    /// Connects to an address such as `tcp://127.0.0.1:7000` or `unix:///run/calc.sock`.
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
    /// As [`connect`](Self::connect).
    pub fn connect_with(url: &str, options: ChannelOptions) -> Result<Self, Status> {
        let endpoint: Endpoint =
            url.parse().map_err(|error| Status::invalid_argument(format!("{error}")).did_not_run())?;
        Self::over(Connector::Endpoint(endpoint), options)
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
        router.check().map_err(|error| Status::failed_precondition(error.to_string()).did_not_run())?;
        Self::over(Connector::InProcess(router), ChannelOptions::default())
    }

    fn over(connector: Connector, options: ChannelOptions) -> Result<Self, Status> {
        let connection = Mutex::new(connector.connect(&options)?);
        Ok(Self { shared: Arc::new(Shared { connector, options, connection }) })
    }

    /// The connection for the next call: a new one, where the last cannot take any more.
    fn connection(&self) -> Result<Arc<Connection>, Status> {
        let Shared { connector, options, connection } = &*self.shared;
        let mut current = connection.lock().unwrap_or_else(PoisonError::into_inner);
        if !current.is_open() {
            *current = connector.connect(options)?;
        }
        Ok(Arc::clone(&current))
    }
}
