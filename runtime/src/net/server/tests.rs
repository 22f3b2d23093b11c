//! Handlers that take long, in many orders of the steps of the threads about them: the calls behind them are read, nobody
//! waits for ever, and all threads end.
//!
//! Time does not pass for the scheduler, but the watching thread's ticks do.

use std::sync::Arc;

use super::options::ServerOptions;
use super::pool::Pool;
use super::registry::Registry;
use super::seat::Seat;
use super::session::Session;
use super::watch::Watch;
use crate::context::{Context, Peer};
use crate::net::memory::Pipe;
use crate::net::schedules::check;
use crate::net::sender::Outlet as _;
use crate::net::socket::Socket;
use crate::net::sync::thread::{self, JoinHandle};
use crate::net::sync::{Condvar, Mutex};
use crate::pack::{Packer, Unpacker};
use crate::proto::{ClientConnection, Inbox, Limits, Outcome, Outgoing, Streams, Transmit as _};
use crate::service::{Failure, Method, Router, Service, ServiceInfo};
use crate::wire::Code;

static WAIT: Method = Method::new("test.Gate/wait", 1, 0);
static OPEN: Method = Method::new("test.Gate/open", 2, 0);
static GATE: ServiceInfo = ServiceInfo::new("test.Gate", &[&WAIT, &OPEN]);

/// `wait` returns when `open` was called: behind it on one connection only if another thread reads on.
#[derive(Default)]
struct Gate {
    is_open: Mutex<bool>,
    changed: Condvar,
}

impl Service for Gate {
    fn info(&self) -> &'static ServiceInfo {
        &GATE
    }

    fn call(&self, method: usize, _: &Context, _: &mut Unpacker<'_>, _: &mut Packer<'_>) -> Result<(), Failure> {
        let mut is_open = self.is_open.lock().expect("no panic");
        if method == 1 {
            *is_open = true;
            self.changed.notify_all();
        }
        while !*is_open {
            is_open = self.changed.wait(is_open).expect("no panic");
        }
        Ok(())
    }
}

/// What a `ThreadServer` has, but for its listener.
struct Server {
    registry: Arc<Registry>,
    watch: Arc<Watch>,
    watching: JoinHandle<()>,
    router: Router,
}

impl Server {
    /// One with at most so many slow handlers.
    fn start(most: usize) -> Self {
        let watch = Arc::new(Watch::new(Pool::new(most, 1 << 20)));
        let watched = Arc::clone(&watch);
        let watching = thread::spawn(move || watched.run());
        let router = Router::new().add(Gate::default());
        Self { registry: Arc::default(), watch, watching, router }
    }

    /// A connection to it.
    fn connect(&self) -> Client {
        let (ours, theirs) = Pipe::pair();
        let peer = Arc::new(Peer::named("test"));
        let options = ServerOptions::default();
        let watch = Some(Arc::clone(&self.watch));
        let session = Session::new(Socket::Memory(theirs), peer, self.router.clone(), &options, watch);
        let entry = self.registry.enter(session.clone()).expect("it is not closed");
        let seat = Seat::new(session, entry);
        let pool = Arc::clone(&self.watch.pool);
        thread::spawn(move || {
            if seat.run() {
                drop(seat);
                pool.rest();
            }
        });
        Client::new(Socket::Memory(ours))
    }

    fn shut_down(self) {
        self.registry.close("as asked");
        self.registry.wait_empty(None);
        self.watch.close();
        self.watching.join().expect("no panic");
    }
}

struct Client {
    socket: Socket,
    connection: ClientConnection<u32>,
    inbox: Inbox,
    answered: Vec<u32>,
    refused: Vec<u32>,
}

impl Client {
    fn new(socket: Socket) -> Self {
        let connection = ClientConnection::new(Limits::default(), std::time::Instant::now());
        Self { socket, connection, inbox: Inbox::new(1 << 20), answered: Vec::new(), refused: Vec::new() }
    }

    /// Sends calls in one piece; they are named by their place among all.
    fn send(&mut self, methods: &[&Method]) {
        for method in methods {
            let tag = u32::try_from(self.answered.len() + self.refused.len() + self.connection.held().calls);
            let opened =
                self.connection.open(method.number, false, Streams::default(), 0, &mut vec![0; 4], tag.expect("few"));
            opened.expect("few");
        }
        let mut bytes = Outgoing::default();
        self.connection.poll_transmit(&mut bytes);
        assert_eq!(self.socket.send(bytes.behind(0)).expect("there is room"), bytes.len());
        self.connection.transmitted(bytes.len());
    }

    /// Reads until the server has gone.
    fn leave(mut self) {
        while self.socket.receive(self.inbox.space()).expect("memory") > 0 {}
    }

    /// Reads until all calls have ended.
    fn finish(&mut self) {
        while self.connection.held().calls > 0 {
            let count = self.socket.receive(self.inbox.space()).expect("memory");
            assert!(count > 0, "the server has gone");
            self.inbox.filled(count);
            while let Some(incoming) = self.inbox.next().expect("good bytes") {
                let Some(ended) = self.connection.handle(incoming).expect("good frames") else { continue };
                match ended.outcome {
                    Outcome::Reply(_) => self.answered.push(ended.tag),
                    Outcome::Status { code: Code::ResourceExhausted, ran: false, .. } => self.refused.push(ended.tag),
                    other => panic!("{other:?}"),
                }
            }
        }
    }
}

#[test]
fn another_thread_reads_on_behind_a_slow_handler() {
    check(|| {
        let server = Server::start(8);
        let mut client = server.connect();
        client.send(&[&WAIT, &OPEN]);
        client.finish();
        assert_eq!(client.answered.len(), 2);
        drop(client);
        server.shut_down();
    });
}

#[test]
fn a_connection_that_was_quiet_is_watched_again() {
    check(|| {
        let server = Server::start(8);
        // Its fast calls end before the watching thread has looked, or long after it has ceased to.
        let mut other = server.connect();
        let mut client = server.connect();
        client.send(&[]);
        (0..12).for_each(|_| thread::yield_now());
        client.send(&[&WAIT]);
        (0..4).for_each(|_| thread::yield_now());
        client.send(&[&OPEN, &WAIT, &WAIT]);
        client.finish();
        other.send(&[&OPEN]);
        other.finish();
        assert_eq!((client.answered.len(), other.answered.len()), (4, 1));
        drop((client, other));
        server.shut_down();
    });
}

#[test]
fn slow_handlers_of_two_connections_end() {
    check(|| {
        let server = Server::start(8);
        let mut clients = [server.connect(), server.connect()];
        clients[0].send(&[&WAIT]);
        clients[1].send(&[&WAIT, &OPEN]);
        for client in &mut clients {
            client.finish();
            assert!(client.refused.is_empty());
        }
        drop(clients);
        server.shut_down();
    });
}

#[test]
fn shutting_down_waits_for_slow_handlers() {
    check(|| {
        let server = Server::start(8);
        let mut client = server.connect();
        client.send(&[&WAIT, &OPEN]);
        let finishing = thread::spawn(move || {
            client.finish();
            client.answered.len()
        });
        assert_eq!(finishing.join().expect("no panic"), 2);
        let mut late = server.connect();
        late.send(&[&OPEN]);
        let leaving = thread::spawn(move || late.leave());
        server.shut_down();
        leaving.join().expect("no panic");
    });
}
