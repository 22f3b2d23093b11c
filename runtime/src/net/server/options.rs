//! What servers can be told, and how they fail to start.

use std::io;

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
    /// Bytes of stack of the thread of each connection, in which its handlers run. Only what is used takes memory.
    /// Default 2 MiB.
    pub stack: usize,
}

impl Default for ServerOptions {
    fn default() -> Self {
        Self { limits: Limits::default(), connections: 10_000, stack: 2 << 20 }
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
