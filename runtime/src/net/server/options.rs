//! What servers can be told, and how they fail to start.

use std::io;
use std::time::Duration;

use crate::net::endpoint::{Endpoint, EndpointError};
use crate::proto::Limits;
use crate::service::RouterError;

/// What a server can be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerOptions {
    /// What each connection accepts.
    pub limits: Limits,
    /// Connections at once. Beyond it the one that has been idle longest is closed; while none is idle, new ones wait.
    /// Default 10,000.
    pub connections: usize,
    /// Bytes of stack of each thread in which handlers run. Only what is used takes memory. Default 2 MiB.
    pub stack: usize,
    /// Handlers that may run for longer than about a millisecond at once, on all connections together. For each there is a
    /// thread more, which reads the connection meanwhile. While there are as many, further calls are refused. With 0 no
    /// thread takes over: a slow handler holds up the calls behind it, and none is refused. Default 512.
    pub handler_threads: usize,
    /// The longest time that a call may take, whatever its caller says. When it is over, the handler's context is cancelled
    /// and the caller is answered. Default none.
    pub longest_call: Option<Duration>,
}

impl Default for ServerOptions {
    fn default() -> Self {
        Self {
            limits: Limits::default(),
            connections: 10_000,
            stack: 2 << 20,
            handler_threads: 512,
            longest_call: None,
        }
    }
}

/// Why a server cannot start, or go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServerError {
    /// The address makes no sense.
    #[error(transparent)]
    Endpoint(#[from] EndpointError),
    /// The address cannot be listened on.
    #[error("cannot listen on {endpoint}: {reason}")]
    Bind {
        /// The address.
        endpoint: Endpoint,
        /// What the system says; told by the text, so not as a source again.
        reason: io::Error,
    },
    /// The methods cannot be told apart.
    #[error(transparent)]
    Router(#[from] RouterError),
    /// The system refuses something that every server needs.
    #[error("the server cannot go on: {0}")]
    System(io::Error),
}

impl From<io::Error> for ServerError {
    fn from(error: io::Error) -> Self {
        Self::System(error)
    }
}
