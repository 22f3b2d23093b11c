//! What servers can be told, and how they fail to start.

use std::io;
use std::time::{Duration, Instant};

use crate::net::busy_poll::LONGEST;
use crate::net::endpoint::{Endpoint, EndpointError};
use crate::proto::Limits;
use crate::proto::options::{OptionError, at_least, at_most, not_longer, some_time};
use crate::service::RouterError;

/// The least stack that a thread of the runtime can do with, in bytes.
const LEAST_STACK: usize = 64 << 10;

/// The most that is asked of the system, in bytes.
const MOST_STACK: usize = 1 << 30;

/// What a server can be told. A value that makes no sense is refused when the server starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerOptions {
    /// What each connection accepts.
    pub limits: Limits,
    /// Connections at once. Beyond it the one that has been idle longest is closed; while none is idle, new ones wait.
    /// Default 10,000, at least 1.
    pub connections: usize,
    /// Bytes of stack of each thread in which handlers run. Only what is used takes memory. Default 2 MiB,
    /// from 64 KiB to 1 GiB.
    pub stack: usize,
    /// Handlers that may run for longer than about a millisecond at once, on all connections together; those of calls with
    /// streams count from their beginning. For each there is a thread more, which reads the connection meanwhile. While there
    /// are as many, further calls are refused. With 0 no thread takes over: a slow handler holds up the calls behind it, and
    /// none is refused but those with streams. On a tokio server those count that wait as tasks of their own, and those of
    /// blocking services. Default 512.
    pub handler_threads: usize,
    /// The longest time that a call may take, whatever its caller says. When it is over, the handler's context is cancelled
    /// and the caller is answered. Default none.
    pub longest_call: Option<Duration>,
    /// How long a connection may have no open call before its client is told to leave it. The client connects again when a
    /// call wants it. It may be up to an eighth longer, since idle connections are looked for every now and then. Default
    /// none: idle connections stay.
    pub max_connection_idle: Option<Duration>,
    /// How long a connection may last before its client is told to leave it, so that clients spread again over the servers
    /// behind a name. For each connection it is up to a tenth shorter or longer, by chance, so that those which came together
    /// do not all leave together. Open calls go on, and no call fails. Default none: connections last.
    pub max_connection_age: Option<Duration>,
    /// How long after that the calls which are still open may take; then the connection is cut. Default 30 s.
    pub max_connection_age_grace: Duration,
    /// How long the thread of a connection looks for calls again and again before it sleeps, while they come within that time:
    /// see [`ChannelOptions::busy_poll`](crate::ChannelOptions::busy_poll). At most 1 ms. At any time fewer threads of a
    /// process do so than there are cores. Servers on tokio do not heed it. Default zero: it sleeps at once.
    pub busy_poll: Duration,
}

impl Default for ServerOptions {
    fn default() -> Self {
        Self {
            limits: Limits::default(),
            connections: 10_000,
            stack: 2 << 20,
            handler_threads: 512,
            longest_call: None,
            max_connection_idle: None,
            max_connection_age: None,
            max_connection_age_grace: Duration::from_secs(30),
            busy_poll: Duration::ZERO,
        }
    }
}

impl ServerOptions {
    /// Refuses values that make no sense.
    ///
    /// # Errors
    ///
    /// When one is below its least or above its most.
    pub(in crate::net) fn check(&self) -> Result<(), OptionError> {
        self.limits.check()?;
        at_least("ServerOptions::connections", self.connections, 1)?;
        at_least("ServerOptions::stack", self.stack, LEAST_STACK)?;
        at_most("ServerOptions::stack", self.stack, MOST_STACK)?;
        for (option, time) in [
            ("ServerOptions::longest_call", self.longest_call),
            ("ServerOptions::max_connection_idle", self.max_connection_idle),
            ("ServerOptions::max_connection_age", self.max_connection_age),
        ] {
            time.map_or(Ok(()), |time| some_time(option, time))?;
        }
        not_longer("ServerOptions::busy_poll", self.busy_poll, LONGEST)
    }
}

/// When a call must be over that begins now, by what its caller says and the server allows.
pub(in crate::net) fn call_deadline(wanted: Option<Instant>, longest: Option<Duration>) -> Option<Instant> {
    let Some(longest) = longest else { return wanted };
    wanted.into_iter().chain(Instant::now().checked_add(longest)).min()
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
    /// An option has a value that makes no sense.
    #[error(transparent)]
    Options(#[from] OptionError),
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
