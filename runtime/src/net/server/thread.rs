//! A server with a thread for each connection.

use std::io;
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::life::Life;
use super::options::{ServerError, ServerOptions};
use super::pool::Pool;
use super::registry::Registry;
use super::report::Report;
use super::seat::Seat;
use super::session::Session;
use super::watch::Watch;
use crate::context::Peer;
use crate::net::endpoint::Endpoint;
use crate::net::listener::{BACKLOG, Listener, is_of_one_connection};
use crate::net::socket::Socket;
use crate::service::Router;

/// How long to wait before accepting again when the system has no descriptor or memory left.
pub(in crate::net) const ACCEPT_AGAIN: Duration = Duration::from_millis(50);

/// How long a process that shares its socket waits after it has taken a connection: up to 5,000 a second are taken.
const ACCEPT_PAUSE: Duration = Duration::from_micros(200);

/// A server that gives each connection a thread, in which its handlers run. When one takes longer than about a millisecond,
/// another thread reads the connection on: a slow handler does not hold up other calls.
///
/// ```no_run
/// # use rpcgen_runtime::{Router, ThreadServer};
/// # let router = Router::new();
/// ThreadServer::bind("tcp://127.0.0.1:7000")?.serve(router)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct ThreadServer {
    listener: Listener,
    options: ServerOptions,
    /// Other processes accept on the same socket.
    is_shared: bool,
}

impl ThreadServer {
    /// Listens on an address such as `tcp://127.0.0.1:7000` or `unix:///run/calc.sock?mode=0660`; see [`Endpoint`].
    ///
    /// # Errors
    ///
    /// When the text is no address, or the system refuses it.
    pub fn bind(url: &str) -> Result<Self, ServerError> {
        let endpoint: Endpoint = url.parse()?;
        let bound = Listener::bind(&endpoint);
        let listener = bound.map_err(|reason| ServerError::Bind { endpoint, reason })?;
        Ok(Self { listener, options: ServerOptions::default(), is_shared: false })
    }

    /// Accepts on a socket on which other processes accept too.
    pub(in crate::net) fn sharing(listener: Listener) -> Self {
        Self { listener, options: ServerOptions::default(), is_shared: true }
    }

    /// Replaces the options.
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

    /// Serves until the process ends.
    ///
    /// # Errors
    ///
    /// When an option has a value that makes no sense, two methods have the same number, or the system refuses what every
    /// server needs.
    pub fn serve(self, router: Router) -> Result<(), ServerError> {
        self.start(router)?.wait()
    }

    /// Serves in threads of its own.
    ///
    /// # Errors
    ///
    /// As [`serve`](Self::serve).
    pub fn start(self, router: Router) -> Result<Running, ServerError> {
        self.options.check()?;
        router.check()?;
        let endpoint = self.endpoint()?;
        let (stop, stopped) = UnixStream::pair()?;
        let registry = Arc::<Registry>::default();
        let Self { listener, options, is_shared } = self;
        Life::watch(&registry, &options)?;
        let watch = Arc::new(Watch::new(Pool::new(options.handler_threads, options.stack)));
        let acceptor =
            Acceptor { listener, options, is_shared, router, registry: registry.clone(), watch: watch.clone() };
        let stop = Arc::new(stop);
        // The acceptor holds this end too: it would take it for the word to stop if `Running` were dropped.
        let held = Arc::clone(&stop);
        let accept = move || {
            let ended = acceptor.run(&stopped);
            drop(held);
            ended
        };
        let watched = Arc::clone(&watch);
        thread::Builder::new().name("rpc-watch".into()).spawn(move || watched.run())?;
        let accepting = thread::Builder::new().name("rpc-accept".into()).spawn(accept);
        let accepting = accepting.inspect_err(|_| {
            registry.close("the server cannot start");
            watch.close();
        })?;
        Ok(Running { endpoint, stop, registry, watch, accepting: Some(accepting) })
    }
}

/// A server at work. Dropping it does not stop the server.
#[derive(Debug)]
pub struct Running {
    endpoint: Endpoint,
    stop: Arc<UnixStream>,
    registry: Arc<Registry>,
    watch: Arc<Watch>,
    accepting: Option<JoinHandle<io::Result<()>>>,
}

impl Running {
    /// The address it listens on.
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// Waits until the server ends.
    ///
    /// # Errors
    ///
    /// When it ended because the system refuses what every server needs.
    pub fn wait(mut self) -> Result<(), ServerError> {
        self.join()?;
        self.registry.wait_empty(None);
        self.watch.close();
        Ok(())
    }

    /// Stops accepting, tells every client to make no further calls here, waits for up to `drain` until running handlers
    /// have answered, and cuts what is left.
    ///
    /// Connections that wait to be accepted, and those on which no call was made, are told as well: calls that certainly did not
    /// run are sent again by their channel, elsewhere or when the next server is there.
    pub fn shutdown(self, drain: Duration) -> Report {
        self.end(drain, true)
    }

    /// The same, where other processes go on accepting: what waits to be accepted is left to them.
    pub(in crate::net) fn leave(self, drain: Duration) -> Report {
        self.end(drain, false)
    }

    fn end(mut self, drain: Duration, takes_rest: bool) -> Report {
        let until = Instant::now().checked_add(drain);
        // A connection that is being accepted enters first, and is told then with the others: just closed, its client could not
        // know that its calls did not run.
        self.registry.stop_accepting(takes_rest);
        self.stop_accepting();
        self.registry.close("the server is shutting down");
        let cut = self.registry.wait_empty(until);
        let calls = self.registry.cut_all();
        self.watch.close();
        Report { connections: self.registry.served(), cut, calls, workers_lost: 0 }
    }

    fn stop_accepting(&mut self) {
        if let Err(error) = self.stop.shutdown(Shutdown::Both) {
            log::debug!("cannot tell the acceptor to stop: {error}");
        }
        if let Err(error) = self.join() {
            log::warn!("{error}");
        }
    }

    fn join(&mut self) -> Result<(), ServerError> {
        match self.accepting.take().map(JoinHandle::join) {
            Some(Ok(ended)) => Ok(ended?),
            Some(Err(_)) => Err(io::Error::other("the accepting thread panicked").into()),
            None => Ok(()),
        }
    }
}

struct Acceptor {
    listener: Listener,
    options: ServerOptions,
    is_shared: bool,
    router: Router,
    registry: Arc<Registry>,
    watch: Arc<Watch>,
}

impl Acceptor {
    fn run(self, stop: &UnixStream) -> io::Result<()> {
        while self.listener.wait(stop)? && self.registry.make_room(self.options.connections) {
            match self.listener.accept() {
                Ok(Some((socket, peer))) => {
                    self.open(socket, peer);
                    self.let_others_go_first();
                }
                Ok(None) => {}
                Err(error) if is_of_one_connection(&error) => log::debug!("a connection was lost: {error}"),
                Err(error) => {
                    log::warn!("cannot accept now: {error}");
                    thread::sleep(ACCEPT_AGAIN);
                }
            }
        }
        if self.registry.takes_rest() {
            self.take_rest();
        }
        Ok(())
    }

    /// Takes the connections that wait to be accepted: they are to be told, too. No more than could wait when it stopped.
    fn take_rest(&self) {
        for _ in 0..=BACKLOG {
            match self.listener.accept() {
                Ok(Some((socket, peer))) => self.open(socket, peer),
                Err(error) if is_of_one_connection(&error) => {}
                Ok(None) | Err(_) => return,
            }
        }
    }

    /// Pauses where other processes accept too: else the one that is awake takes all of a burst before the others are.
    fn let_others_go_first(&self) {
        if self.is_shared {
            thread::sleep(ACCEPT_PAUSE);
        }
    }

    fn open(&self, socket: Socket, peer: Arc<Peer>) {
        let watch = Some(Arc::clone(&self.watch));
        let session = Session::new(socket, peer, self.router.clone(), &self.options, watch);
        let Some(entry) = self.registry.enter(session.clone()) else { return };
        let seat = Seat::new(session, entry);
        let pool = Arc::clone(&self.watch.pool);
        let thread = thread::Builder::new().name("rpc-session".into()).stack_size(self.options.stack);
        let spawned = thread.spawn(move || {
            if seat.run() {
                drop(seat);
                pool.rest();
            }
        });
        if let Err(error) = spawned {
            log::warn!("a connection is dropped, since no thread can be had for it: {error}");
        }
    }
}
