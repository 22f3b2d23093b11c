//! A server of several processes that accept on one socket.
//!
//! The parent binds the listening socket, starts this executable again once for each worker, and hands the socket over;
//! a threaded process is never forked. Over the same line the worker learns what to do, and when the parent has gone.

mod backoff;
mod child;
mod line;
mod running;
mod signals;
mod state;
mod supervisor;
mod worker;

use std::io;
use std::time::Duration;

use super::endpoint::Endpoint;
use super::listener::Listener;
use super::server::{Report, ServerError, ServerOptions};
use crate::service::Router;
pub use running::Running;
use supervisor::Times;

/// Set in the environment of a worker: the address that it serves.
const WORKER_OF: &str = "RPCGEN_WORKER_OF";

/// A server whose connections are spread over worker processes, each with a thread for every connection it has.
///
/// A worker is this executable, started again with the same arguments: it runs `main` up to [`serve`](Self::serve), so
/// nothing before that should be done that only one process may do. A worker that dies takes its own connections with
/// it, and is replaced: at once if it has served for five seconds, else after a pause that doubles with each that ends early, from
/// a tenth of a second to ten. Unix only.
///
/// SIGTERM and SIGINT end the server in order, a second one at once; SIGHUP replaces the workers one by one, while every
/// connection is served.
///
/// ```no_run
/// # use rpcgen_runtime::{ProcessServer, Router};
/// # let router = Router::new();
/// ProcessServer::bind("tcp://127.0.0.1:7000")?.workers(4).serve(router)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct ProcessServer {
    role: Role,
    workers: usize,
    options: ServerOptions,
    times: Times,
    hears_signals: bool,
}

#[derive(Debug)]
enum Role {
    Parent { url: String, listener: Listener },
    Worker(worker::Worker),
}

impl ProcessServer {
    /// Listens on an address such as `tcp://127.0.0.1:7000` or `unix:///run/calc.sock`. In a worker, takes over the
    /// socket that the parent listens on.
    ///
    /// # Errors
    ///
    /// When the text is no address, or the system refuses it; in a worker, when it is not the address of its parent.
    pub fn bind(url: &str) -> Result<Self, ServerError> {
        let role = match std::env::var_os(WORKER_OF) {
            Some(served) if served == *url => Role::Worker(worker::Worker::join()?),
            Some(served) => {
                let served = served.to_string_lossy();
                let problem = format!("this process is a worker for {served}, and cannot also serve {url}");
                return Err(ServerError::System(io::Error::other(problem)));
            }
            None => {
                let endpoint: Endpoint = url.parse()?;
                let bound = Listener::bind(&endpoint);
                let listener = bound.map_err(|reason| ServerError::Bind { endpoint, reason })?;
                Role::Parent { url: url.to_owned(), listener }
            }
        };
        let times = Times { drain: Duration::from_secs(10), start: Duration::from_secs(30) };
        Ok(Self { role, workers: default_workers(), options: ServerOptions::default(), times, hears_signals: true })
    }

    /// How many worker processes there are, at least 1. Default: one a core.
    #[must_use]
    pub fn workers(mut self, count: usize) -> Self {
        self.workers = count.max(1);
        self
    }

    /// Replaces the options of every worker.
    #[must_use]
    pub fn options(mut self, options: ServerOptions) -> Self {
        self.options = options;
        self
    }

    /// How long running handlers have when a signal ends the server, when workers are replaced, and when the parent has died;
    /// after that they are cut. Default 10 s.
    #[must_use]
    pub fn drain(mut self, time: Duration) -> Self {
        self.times.drain = time;
        self
    }

    /// How long a worker may take from its start to [`serve`](Self::serve) or [`start`](Self::start). One that takes longer is
    /// killed, and another is started. Default 30 s.
    #[must_use]
    pub fn start_timeout(mut self, time: Duration) -> Self {
        self.times.start = time;
        self
    }

    /// Whether the parent catches SIGTERM, SIGINT and SIGHUP. Where it does not they end it, and the workers then drain and end by
    /// themselves. Workers catch them in any case. Default yes.
    #[must_use]
    pub fn signals(mut self, are_caught: bool) -> Self {
        self.hears_signals = are_caught;
        self
    }

    /// Whether this process is a worker.
    pub fn is_worker(&self) -> bool {
        matches!(self.role, Role::Worker(_))
    }

    /// The address it listens on, with the port that the system chose.
    ///
    /// # Errors
    ///
    /// When the system does not say.
    pub fn endpoint(&self) -> io::Result<Endpoint> {
        match &self.role {
            Role::Parent { listener, .. } => listener.endpoint(),
            Role::Worker(worker) => worker.listener.endpoint(),
        }
    }

    /// Serves until the server is stopped: the parent looks after its workers, a worker answers calls. In the parent it gives what became of
    /// the connections and calls; in a worker, which is to return from `main` then, `None`.
    ///
    /// # Errors
    ///
    /// When an option has a value that makes no sense, two methods have the same number, or the system refuses what every
    /// server needs.
    pub fn serve(self, router: Router) -> Result<Option<Report>, ServerError> {
        Ok(self.start(router)?.map(Running::wait))
    }

    /// Starts the workers and returns. In a worker, serves until it is to end, and then gives `None`: what is left is to
    /// return from `main`.
    ///
    /// # Errors
    ///
    /// As [`serve`](Self::serve).
    pub fn start(self, router: Router) -> Result<Option<Running>, ServerError> {
        self.options.check()?;
        router.check()?;
        let Self { role, workers, options, times, hears_signals } = self;
        match role {
            Role::Worker(worker) => worker.serve(router, options, times.drain).map(|()| None),
            Role::Parent { url, listener } => Running::start((url, listener), workers, times, hears_signals).map(Some),
        }
    }
}

fn default_workers() -> usize {
    std::thread::available_parallelism().map_or(1, Into::into)
}
