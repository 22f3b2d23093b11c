//! Why a connection ends.

use std::io;

use crate::proto::Broken;

/// Why a connection is over.
#[derive(Debug, thiserror::Error)]
pub(in crate::net) enum Ending {
    /// The server has ended its side.
    #[error("the server has closed the connection")]
    Closed,
    /// The system says so.
    #[error("the connection failed: {0}")]
    Failed(#[from] io::Error),
    /// The server broke a rule, or broke off.
    #[error("{0}")]
    Broken(#[from] Broken),
    /// The task that drove it was dropped.
    #[cfg(feature = "tokio")]
    #[error("the connection has ended with the runtime that it was made on")]
    Abandoned,
}
