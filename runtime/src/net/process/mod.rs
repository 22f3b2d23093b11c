//! A server of several processes that accept on one socket.
//!
//! The parent binds the listening socket, starts this executable again once for each worker, and hands the socket over;
//! a threaded process is never forked. Over the same line the worker learns when the parent has gone.

mod line;
mod parent;
mod worker;

use std::io;

use super::endpoint::Endpoint;
use super::listener::Listener;
use super::server::{ServerError, ServerOptions, ThreadServer};
use crate::service::Router;
pub use parent::Running;

/// Set in the environment of a worker: the address that it serves.
const WORKER_OF: &str = "RPCGEN_WORKER_OF";

/// A server whose connections are spread over worker processes, each with a thread for every connection it has.
///
/// A worker is this executable, started again with the same arguments: it runs `main` up to [`serve`](Self::serve), so
/// nothing before that should be done that only one process may do. A worker that dies takes its own connections with
/// it, and is replaced. Unix only.
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
        Ok(Self { role, workers: default_workers(), options: ServerOptions::default() })
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

    /// Serves until the process ends: the parent looks after its workers, a worker answers calls until the parent ends.
    ///
    /// # Errors
    ///
    /// When an option has a value that makes no sense, two methods have the same number, or the system refuses what every
    /// server needs.
    pub fn serve(self, router: Router) -> Result<(), ServerError> {
        self.options.check()?;
        router.check()?;
        match self.role {
            Role::Worker(worker) => worker.serve(router, self.options),
            Role::Parent { url, listener } => {
                Running::start(&url, listener, self.workers)?.wait();
                Ok(())
            }
        }
    }

    /// Starts the workers and returns. In a worker, serves until the parent ends, and then gives `None`: what is left is to
    /// return from `main`.
    ///
    /// # Errors
    ///
    /// As [`serve`](Self::serve).
    pub fn start(self, router: Router) -> Result<Option<Running>, ServerError> {
        self.options.check()?;
        router.check()?;
        match self.role {
            Role::Worker(worker) => worker.serve(router, self.options).map(|()| None),
            Role::Parent { url, listener } => Running::start(&url, listener, self.workers).map(Some),
        }
    }
}

fn default_workers() -> usize {
    std::thread::available_parallelism().map_or(1, Into::into)
}

/// What a worker serves with.
fn thread_server(listener: Listener, options: ServerOptions) -> ThreadServer {
    ThreadServer::sharing(listener).options(options)
}
