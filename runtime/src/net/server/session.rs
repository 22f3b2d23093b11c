//! One connection of a server: reads, runs handlers where they were read, answers together what arrived together.

use std::io;
use std::net::Shutdown;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::context::Peer;
use crate::net::sender::Sender;
use crate::net::socket::{Readiness, Socket};
use crate::proto::{Broken, Inbox, IncomingCall, Limits, ServerConnection, Transmit as _};
use crate::service::{Failure, Router};

/// How long a peer may take to hear why its connection ends.
const LINGER: Duration = Duration::from_secs(1);

/// Memory that is kept for the next answer, in bytes.
const KEPT: usize = 256 << 10;

/// What is ready is sent before more calls are run once it is so many bytes.
const SEND_EARLY: usize = 64 << 10;

/// A connection of a server.
#[derive(Debug)]
pub(crate) struct Session {
    socket: Socket,
    peer: Arc<Peer>,
    wire: Mutex<Wire>,
    /// Whether calls are being handled: such a session ends by itself once it was told to.
    busy: AtomicBool,
    /// When it last had something to do.
    active: Mutex<Instant>,
}

/// The connection, and what of it is being sent.
#[derive(Debug)]
struct Wire {
    connection: ServerConnection,
    sender: Sender,
}

/// How a session ends.
enum End {
    /// The peer has closed its side, between two frames.
    Closed,
    /// The connection failed; nobody can be told.
    Failed(io::Error),
    /// The peer is told why.
    Broken(Broken),
    /// This server has said that it goes away.
    GoneAway,
}

impl From<io::Error> for End {
    fn from(error: io::Error) -> Self {
        Self::Failed(error)
    }
}

impl From<Broken> for End {
    fn from(broken: Broken) -> Self {
        Self::Broken(broken)
    }
}

impl Session {
    pub(crate) fn new(socket: Socket, peer: Arc<Peer>, limits: Limits) -> Self {
        let now = Instant::now();
        let connection = ServerConnection::new(limits, now);
        let wire = Mutex::new(Wire { connection, sender: Sender::default() });
        Self { socket, peer, wire, busy: AtomicBool::new(false), active: Mutex::new(now) }
    }

    /// Serves the connection until it ends.
    pub(crate) fn run(&self, router: &Router) {
        match self.serve(router) {
            End::Closed => log::debug!("{} has closed its connection", self.peer),
            End::GoneAway => self.say_goodbye(),
            End::Failed(error) => log::debug!("the connection of {} failed: {error}", self.peer),
            End::Broken(broken) => {
                log::warn!("closing the connection of {}: {broken}", self.peer);
                self.wire().connection.close(&broken);
                self.say_goodbye();
            }
        }
        self.socket.shutdown(Shutdown::Both);
    }

    fn wire(&self) -> MutexGuard<'_, Wire> {
        self.wire.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn serve(&self, router: &Router) -> End {
        let limits = self.wire().connection.limits().clone();
        let mut inbox = Inbox::new(limits.preface().frame);
        let mut answer = Vec::new();
        loop {
            if let Err(end) = self.turn(router, &limits, &mut inbox, &mut answer) {
                return end;
            }
        }
    }

    /// Handles what has arrived and sends the answers; then receives more.
    fn turn(&self, router: &Router, limits: &Limits, inbox: &mut Inbox, answer: &mut Vec<u8>) -> Result<(), End> {
        self.busy.store(true, Ordering::Release);
        let handled = self.handle_all(router, limits, inbox, answer);
        self.busy.store(false, Ordering::Release);
        handled?;
        if self.wire().connection.has_said_goodbye() {
            return Err(End::GoneAway);
        }
        self.receive(inbox)
    }

    fn handle_all(&self, router: &Router, limits: &Limits, inbox: &mut Inbox, out: &mut Vec<u8>) -> Result<(), End> {
        let now = Instant::now();
        let mut wire = self.wire();
        while self.may_handle(&mut wire, inbox)? {
            let Some(incoming) = inbox.next().map_err(Broken::from)? else { return Ok(self.flush(&mut wire)?) };
            let Some(call) = wire.connection.handle(incoming, now)? else { continue };
            drop(wire);
            out.clear();
            out.shrink_to(KEPT);
            let outcome = router.run(&call, &self.peer, limits, out);
            wire = self.wire();
            answer(&mut wire.connection, &call, outcome, out, &self.peer.name);
            if wire.connection.queued() > SEND_EARLY {
                self.flush(&mut wire)?;
            }
        }
        // No further flush here: if it made room, nothing would come to wake this thread for the calls in the inbox.
        Ok(())
    }

    /// Whether what is next in the inbox may be handled now: for a call, what is ready must not be too long.
    fn may_handle(&self, wire: &mut Wire, inbox: &Inbox) -> io::Result<bool> {
        if wire.connection.is_congested() && inbox.holds_call() {
            self.flush(wire)?;
            return Ok(!wire.connection.is_congested());
        }
        Ok(true)
    }

    /// Sends what the socket takes now.
    fn flush(&self, wire: &mut Wire) -> io::Result<()> {
        let Wire { connection, sender } = wire;
        while sender.fill(connection) {
            match sender.send(&self.socket) {
                Ok(count) => connection.transmitted(count),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                // What it sent before it went may hold oneway calls: its answers are dropped, but those are not.
                Err(error) if has_gone(&error) => connection.transmitted(sender.drop_rest()),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Waits for what the peer sends. While it does not read what it is sent, its calls are not read either.
    fn receive(&self, inbox: &mut Inbox) -> Result<(), End> {
        *self.active.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
        let is_mid_frame = inbox.is_mid_frame();
        if !self.may_receive(inbox, is_mid_frame)? {
            return Ok(());
        }
        match self.socket.receive(inbox.space())? {
            0 => Err(self.finish(is_mid_frame)),
            count => {
                inbox.filled(count);
                if is_mid_frame {
                    self.wire().connection.received();
                }
                Ok(())
            }
        }
    }

    /// Waits as long as anything but bytes is expected; whether there are bytes to receive, or the end of them.
    fn may_receive(&self, inbox: &Inbox, is_mid_frame: bool) -> Result<bool, End> {
        let mut wire = self.wire();
        let connection = &mut wire.connection;
        if connection.is_quiet(is_mid_frame) {
            return Ok(true);
        }
        let is_held = connection.is_congested() && inbox.holds_call();
        let wanted = Readiness { read: !is_held, write: connection.queued() > 0 };
        let until = connection.poll_timeout(is_mid_frame && !is_held, Instant::now());
        drop(wire);
        let ready = self.socket.wait(wanted, until)?;
        if ready == Readiness::default() {
            self.wire().connection.handle_timeout(Instant::now())?;
        }
        Ok(ready.read)
    }

    /// Nothing more comes: the peer makes no more calls, or this server wants none. Answers to those made still leave.
    fn finish(&self, is_mid_frame: bool) -> End {
        let mut wire = self.wire();
        if wire.connection.has_said_goodbye() {
            return End::GoneAway;
        }
        if is_mid_frame {
            return End::Failed(io::ErrorKind::UnexpectedEof.into());
        }
        wire.connection.end_of_calls();
        drop(wire);
        match self.send_all() {
            Ok(()) => End::Closed,
            Err(end) => end,
        }
    }

    /// Sends everything, for as long as the peer takes it.
    fn send_all(&self) -> Result<(), End> {
        loop {
            let mut wire = self.wire();
            self.flush(&mut wire)?;
            if wire.connection.queued() == 0 {
                return Ok(());
            }
            let until = wire.connection.poll_timeout(false, Instant::now());
            drop(wire);
            if self.socket.wait(Readiness::WRITE, until)? == Readiness::default() {
                self.wire().connection.handle_timeout(Instant::now())?;
            }
        }
    }

    /// Sends what is left, GOAWAY last; then reads on and drops what comes until the peer has closed too, so that its
    /// system does not throw the reason away.
    fn say_goodbye(&self) {
        if self.send_all().is_err() {
            return;
        }
        self.socket.shutdown(Shutdown::Write);
        let until = Instant::now() + LINGER;
        let mut dropped = [0; 4096];
        while Instant::now() < until
            && self.socket.wait(Readiness::READ, Some(until)).is_ok_and(|ready| ready.read)
            && self.socket.receive(&mut dropped).is_ok_and(|count| count > 0)
        {}
    }

    /// Tells the peer to make no further calls here, and ends as soon as no handler runs.
    pub(crate) fn go_away(&self, reason: &str) {
        let mut wire = self.wire();
        wire.connection.go_away(reason);
        if self.flush(&mut wire).is_err() || !self.busy.load(Ordering::Acquire) {
            self.socket.shutdown(Shutdown::Read);
        }
    }

    /// Ends the connection at once.
    pub(crate) fn cut(&self) {
        self.socket.shutdown(Shutdown::Both);
    }

    /// Since when it has had nothing to do; `None` while it has, or has been told to leave.
    pub(crate) fn idle_since(&self) -> Option<Instant> {
        let is_idle = !self.busy.load(Ordering::Acquire) && self.wire().connection.is_idle();
        is_idle.then(|| *self.active.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Queues the answer to a call.
fn answer(
    connection: &mut ServerConnection,
    call: &IncomingCall<'_>,
    outcome: Result<(), Failure>,
    packed: &mut Vec<u8>,
    peer: &str,
) {
    match outcome {
        _ if call.oneway => log_oneway(peer, outcome),
        Ok(()) => connection.reply(call.id, packed),
        Err(Failure::Declared) => connection.declared(call.id, packed),
        Err(Failure::Status(status)) => {
            connection.fault(call.id, status.code(), status.may_have_run(), status.message());
        }
    }
}

/// Whether a peer takes no answers any more.
fn has_gone(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset)
}

/// A oneway call has no answer, so what went wrong is only logged.
fn log_oneway(peer: &str, outcome: Result<(), Failure>) {
    if let Err(Failure::Status(status)) = outcome {
        log::warn!("a oneway call of {peer} failed: {status}");
    }
}
