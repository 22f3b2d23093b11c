//! A server that listens, and does not serve yet.

use std::io;
use std::sync::Arc;

use tokio::runtime::Handle;
use tokio::sync::{Notify, Semaphore};

use super::acceptor::{Acceptor, Connections};
use super::listener::AsyncListener;
use super::running::Running;
use super::session::Shared;
use crate::net::endpoint::Endpoint;
use crate::net::listener::Listener;
use crate::net::server::{Life, Registry, ServerError, ServerOptions};
use crate::service::Router;

/// A server that gives each connection a task, on the tokio runtime in which it is started; that must have its timers and
/// sockets enabled.
///
/// A handler that is a future ([`Router::add_async`]) is polled where its call was read. Where it waits it becomes a task of its
/// own, so that it holds up no other call. A blocking handler has a thread of those that tokio keeps for blocking work, unless
/// its service was added with [`Router::add_quick`]. Of either kind, [`ServerOptions::handler_threads`] may be under way at once.
///
/// ```no_run
/// # use rpcgen_runtime::{Router, TokioServer};
/// # async fn serve(router: Router) -> Result<(), Box<dyn std::error::Error>> {
/// TokioServer::bind("tcp://127.0.0.1:7000")?.serve(router).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct TokioServer {
    listener: Listener,
    options: ServerOptions,
}

impl TokioServer {
    /// Listens on an address such as `tcp://127.0.0.1:7000` or `unix:///run/calc.sock?mode=0660`; see [`Endpoint`]. It does
    /// not wait for anybody, but a name in place of an address is looked up meanwhile.
    ///
    /// # Errors
    ///
    /// When the text is no address, or the system refuses it.
    pub fn bind(url: &str) -> Result<Self, ServerError> {
        let endpoint: Endpoint = url.parse()?;
        let bound = Listener::bind(&endpoint);
        let listener = bound.map_err(|reason| ServerError::Bind { endpoint, reason })?;
        Ok(Self { listener, options: ServerOptions::default() })
    }

    /// Replaces the options. The stack of threads is the runtime's affair: that option has no meaning here.
    #[must_use]
    pub fn options(mut self, options: ServerOptions) -> Self {
        self.options = options;
        self
    }

    /// The address it listens on, with the port that the system chose.
    ///
    /// # Errors
    ///
    /// When the system does not say.
    pub fn endpoint(&self) -> io::Result<Endpoint> {
        self.listener.endpoint()
    }

    /// Serves for as long as this future is polled. When it is dropped nothing more is accepted, and clients are told to make no
    /// further calls here; those that run are still answered.
    ///
    /// # Errors
    ///
    /// When an option has a value that makes no sense, two methods have the same number, or the system refuses what every
    /// server needs.
    ///
    /// # Panics
    ///
    /// As [`start`](Self::start).
    pub async fn serve(self, router: Router) -> Result<(), ServerError> {
        self.start(router)?.serve().await
    }

    /// Serves in tasks of its own.
    ///
    /// # Errors
    ///
    /// As [`serve`](Self::serve), and outside of a tokio runtime.
    ///
    /// # Panics
    ///
    /// In a runtime whose sockets are not enabled (`enable_io`).
    pub fn start(self, router: Router) -> Result<Running, ServerError> {
        self.options.check()?;
        router.check()?;
        let endpoint = self.endpoint()?;
        let runtime = Handle::try_current().map_err(io::Error::other)?;
        let Self { listener, options } = self;
        let listener = AsyncListener::watch(listener)?;
        let registry = Arc::<Registry>::default();
        Life::watch(&registry, &options)?;
        let stop = Arc::<Notify>::default();
        let room = Arc::new(Semaphore::new(options.handler_threads.min(Semaphore::MAX_PERMITS)));
        let shared = Arc::new(Shared { router, options, room });
        let acceptor = Acceptor {
            listener,
            connections: Connections { shared, registry: Arc::clone(&registry) },
            stop: Arc::clone(&stop),
        };
        let accepting = runtime.spawn(acceptor.run());
        Ok(Running { endpoint, stop, registry, accepting })
    }
}
