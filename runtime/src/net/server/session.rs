//! One connection of a server, as all threads see it that work for it.

use std::io;
use std::net::Shutdown;
use std::sync::{Arc, PoisonError, Weak};
use std::time::{Duration, Instant};

use super::options::{ServerOptions, call_deadline};
use super::registry::Registered;
use super::report::Calls;
use super::streams::release;
use super::times::Times;
use super::watch::{Pulse, Watch};
use super::wire::{Taken, Wire};
use crate::context::{CallState, Peer};
use crate::net::busy_poll::BusyPoll;
use crate::net::socket::{Readiness, Socket};
use crate::net::sync::atomic::{AtomicBool, Ordering};
use crate::net::sync::{Condvar, Mutex, MutexGuard};
use crate::proto::{Broken, Inbox, Limits};
use crate::service::Router;

/// How often a peer that makes no more calls is asked whether it is there, while handlers run.
pub(in crate::net) const STILL_THERE: Duration = Duration::from_secs(1);

/// A connection of a server.
#[derive(Debug)]
pub(crate) struct Session {
    /// For who looks at it later.
    pub(super) this: Weak<Self>,
    socket: Socket,
    peer: Arc<Peer>,
    router: Router,
    limits: Limits,
    longest_call: Option<Duration>,
    busy_poll: BusyPoll,
    /// Who notices that a handler is slow; nobody does where there is none.
    watch: Option<Arc<Watch>>,
    /// Whether calls are being handled: such a session ends by itself once it was told to.
    pulse: Arc<Pulse>,
    wire: Mutex<Wire>,
    /// A handler has returned that ran in a thread that no longer reads.
    returned: Condvar,
    /// The reader does what is left to do at the end: it needs nobody to wake it.
    pub(super) is_ending: AtomicBool,
    times: Times,
}

pub(super) type Guard<'a> = MutexGuard<'a, Wire>;

/// How the reading of a session ends.
#[derive(Debug)]
pub(in crate::net) enum End {
    /// The peer has closed its side, between two frames.
    Closed,
    /// The connection failed; nobody can be told.
    Failed(io::Error),
    /// The peer is told why.
    Broken(Broken),
    /// This server has said that it goes away.
    GoneAway,
    /// Another thread reads.
    Replaced,
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
    pub(crate) fn new(
        socket: Socket,
        peer: Arc<Peer>,
        router: Router,
        options: &ServerOptions,
        watch: Option<Arc<Watch>>,
    ) -> Arc<Self> {
        let limits = options.limits.clone();
        let wire = Mutex::new(Wire::new(Arc::clone(&peer), limits.clone()));
        Arc::new_cyclic(|this| Self {
            this: Weak::clone(this),
            socket,
            peer,
            router,
            limits,
            longest_call: options.longest_call,
            busy_poll: BusyPoll::new(options.busy_poll),
            watch,
            pulse: Arc::default(),
            wire,
            returned: Condvar::new(),
            is_ending: AtomicBool::new(false),
            times: Times::new(Instant::now()),
        })
    }

    pub(super) fn wire(&self) -> Guard<'_> {
        self.wire.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn socket(&self) -> &Socket {
        &self.socket
    }

    pub(super) fn busy_poll(&self) -> &BusyPoll {
        &self.busy_poll
    }

    pub(super) fn peer(&self) -> &str {
        &self.peer.name
    }

    pub(super) fn router(&self) -> &Router {
        &self.router
    }

    pub(super) fn limits(&self) -> &Limits {
        &self.limits
    }

    pub(super) fn watch(&self) -> Option<&Watch> {
        self.watch.as_deref()
    }

    pub(super) fn pulse(&self) -> &Arc<Pulse> {
        &self.pulse
    }

    /// What the first reader reads into.
    pub(super) fn inbox(&self) -> Box<Inbox> {
        Box::new(Inbox::new(self.limits.preface().frame))
    }

    /// When a call must be over that begins now, by what its caller says and this server allows.
    pub(super) fn deadline(&self, wanted: Option<Instant>) -> Option<Instant> {
        call_deadline(wanted, self.longest_call)
    }

    /// Takes over the reading from a handler that runs since a beat; `None` if it has returned.
    pub(super) fn take_over(&self, beat: u64) -> Option<Taken> {
        let mut wire = self.wire();
        if self.pulse.beat() == beat { wire.take_over() } else { None }
    }

    /// A handler has returned whose thread no longer reads; whether its answer is wanted.
    pub(super) fn has_returned(&self, wire: &mut Wire, call: u32) -> bool {
        let is_wanted = wire.finish(call);
        self.returned.notify_all();
        is_wanted
    }

    /// When the time of the first call is over whose handler runs in a thread that no longer reads.
    pub(super) fn next_deadline(&self) -> Option<Instant> {
        self.wire().connection.next_deadline()
    }

    /// Cancels calls whose time is over though their handlers run.
    pub(super) fn expire(&self, now: Instant) {
        let mut wire = self.wire();
        wire.connection.expire(now);
        let sent = self.flush(&mut wire);
        let cancelled = wire.take_cancelled();
        release(wire);
        cancel(&cancelled);
        if let Err(error) = sent {
            // The reader finds out by itself.
            log::debug!("cannot tell {} that the time is over: {error}", self.peer);
        }
    }

    /// After a batch: tells handlers that their calls were cancelled; ends the session if it was told to go.
    pub(super) fn settle(&self) -> Result<(), End> {
        let mut wire = self.wire();
        let cancelled = wire.take_cancelled();
        let is_over = wire.connection.has_said_goodbye() && !wire.has_detached();
        release(wire);
        cancel(&cancelled);
        if is_over { Err(End::GoneAway) } else { Ok(()) }
    }

    /// Does what is left to do when a thread has stopped reading.
    pub(super) fn end(&self, end: End) {
        if !matches!(end, End::Replaced) {
            self.is_ending.store(true, Ordering::Relaxed);
        }
        match end {
            End::Replaced => return self.send_late(),
            End::Closed => log::debug!("{} has closed its connection", self.peer),
            End::GoneAway => {
                self.wait_for_handlers();
                self.say_goodbye();
            }
            End::Failed(error) => log::debug!("the connection of {} failed: {error}", self.peer),
            End::Broken(broken) => {
                log::warn!("closing the connection of {}: {broken}", self.peer);
                self.wire().connection.close(&broken);
                self.cancel_all();
                self.say_goodbye();
            }
        }
        self.cut();
    }

    /// Sends the answer of a handler whose thread no longer reads. If that fails the reader is to end.
    pub(super) fn send_late(&self) {
        match self.send_all() {
            Ok(()) => return self.part(&self.wire()),
            Err(End::Broken(broken)) => self.wire().connection.close(&broken),
            Err(_) => {}
        }
        self.socket.shutdown(Shutdown::Both);
    }

    fn wait_for_handlers(&self) {
        let mut wire = self.wire();
        while wire.has_detached() {
            wire = self.returned.wait(wire).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Waits for handlers for as long as the peer may hear the answers. One that has ended altogether looks the same at first
    /// as one that makes no more calls: so it is asked now and then, and when it has gone, handlers are told.
    fn wait_while_heard(&self) {
        let mut wire = self.wire();
        while wire.has_detached() {
            if self.socket.has_gone() {
                let unwanted = wire.give_up_running();
                release(wire);
                return cancel(&unwanted);
            }
            let (waited, timeout) =
                self.returned.wait_timeout(wire, STILL_THERE).unwrap_or_else(PoisonError::into_inner);
            wire = waited;
            if timeout.timed_out() && wire.connection.queued() == 0 {
                wire.connection.ping();
                if let Err(error) = self.flush(&mut wire) {
                    log::debug!("cannot ask {}: {error}", self.peer);
                }
            }
        }
    }

    /// Tells every handler that nobody wants its answer; streams are over.
    fn cancel_all(&self) {
        let mut wire = self.wire();
        let running = wire.all_running();
        wire.connection.give_up_running();
        release(wire);
        cancel(&running);
    }

    /// Notes that there is nothing to do from now on, but for what is to come of a frame.
    pub(super) fn note_active(&self, is_mid_frame: bool) {
        self.times.note_active(is_mid_frame);
    }

    /// Sends what the socket takes now.
    pub(super) fn flush(&self, wire: &mut Wire) -> io::Result<()> {
        wire.flush(&self.socket)
    }

    /// Nothing more comes: the peer makes no more calls, or this server wants none. Answers to those made still leave.
    pub(super) fn finish(&self, is_mid_frame: bool) -> End {
        let mut wire = self.wire();
        if wire.connection.has_said_goodbye() {
            return End::GoneAway;
        }
        if is_mid_frame {
            return End::Failed(io::ErrorKind::UnexpectedEof.into());
        }
        wire.connection.end_of_calls();
        let cancelled = wire.take_cancelled();
        release(wire);
        cancel(&cancelled);
        self.wait_while_heard();
        self.wait_for_handlers();
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
            let until = wire.connection.poll_write_timeout(Instant::now());
            drop(wire);
            if self.socket.wait(Readiness::WRITE, until)? == Readiness::default() {
                self.wire().connection.handle_timeout(Instant::now())?;
            }
        }
    }

    /// Sends what is left, GOAWAY last, and gives the peer time to read the reason.
    fn say_goodbye(&self) {
        if self.send_all().is_ok() {
            self.socket.linger();
        }
    }
}

impl Registered for Session {
    fn times(&self) -> &Times {
        &self.times
    }

    fn idle_since(&self) -> Option<Instant> {
        let is_idle = !self.pulse.is_busy() && self.wire().is_idle();
        self.times.quiet_since().filter(|_| is_idle)
    }

    fn is_receiving(&self) -> bool {
        self.times.is_mid_frame() || self.wire().connection.has_unfinished()
    }

    fn foretell(&self, reason: &str) {
        let mut wire = self.wire();
        wire.connection.foretell(reason);
        if let Err(error) = self.flush(&mut wire) {
            // The reader finds out by itself.
            log::debug!("cannot tell {} to leave: {error}", self.peer());
        }
    }

    fn go_away(&self, reason: &str) {
        let mut wire = self.wire();
        wire.connection.go_away(reason);
        wire.note_drain();
        match self.flush(&mut wire) {
            Ok(()) => self.part(&wire),
            Err(_) => self.socket.shutdown(Shutdown::Read),
        }
    }

    fn has_told_all(&self) -> bool {
        self.wire().has_told_all()
    }

    fn drained(&self) -> Calls {
        self.wire().drained()
    }

    fn cut(&self) {
        self.socket.shutdown(Shutdown::Both);
        self.cancel_all();
    }
}

/// Tells handlers that nobody wants their answers.
pub(in crate::net) fn cancel(handlers: &[Arc<CallState>]) {
    for handler in handlers {
        handler.cancel();
    }
}
