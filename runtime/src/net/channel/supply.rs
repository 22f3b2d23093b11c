//! Where calls get their connection: the one there is, or a new one, not more often than the back-off allows.
//!
//! Nobody connects unless a call wants it. Then one thread tries, once; calls wait for it, each up to its own time. After
//! a failure the next attempt has a time before which nobody tries, and the calls that wait sleep until then.

use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use super::connection::Connection;
use super::connector::Connector;
use super::flusher::Flusher;
use super::state::Started;
use crate::net::calls::ChannelOptions;
use crate::net::sync::{Condvar, Mutex, MutexGuard, thread};
use crate::service::Method;
use crate::status::Status;

/// How often a call that cannot be queued because its connection has just ended is queued elsewhere.
const MOVES: u32 = 8;

/// What the clones of a channel share.
#[derive(Debug)]
pub(super) struct Supply {
    connector: Connector,
    options: ChannelOptions,
    standing: Mutex<Standing>,
    /// An attempt to connect is over.
    changed: Condvar,
}

#[derive(Debug)]
struct Standing {
    connection: Option<Arc<Connection>>,
    /// The address of the connection, or where the next attempt begins.
    index: usize,
    is_connecting: bool,
    /// Connections that failed in a row, or ended before the server had said a word.
    failures: u32,
    /// Nobody tries before.
    not_before: Instant,
    /// Why the last attempt failed.
    failure: String,
}

type Guard<'a> = MutexGuard<'a, Standing>;

impl Supply {
    /// Connects.
    pub(super) fn new(connector: Connector, options: ChannelOptions) -> Result<Arc<Self>, Status> {
        let (index, connection) = connector.connect(0, &options)?;
        let standing = Mutex::new(Standing {
            connection: Some(connection),
            index,
            is_connecting: false,
            failures: 0,
            not_before: Instant::now(),
            failure: String::new(),
        });
        Ok(Arc::new(Self { connector, options, standing, changed: Condvar::new() }))
    }

    pub(super) const fn options(&self) -> &ChannelOptions {
        &self.options
    }

    fn lock(&self) -> Guard<'_> {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Queues a packed call on a connection, or another one where it has ended: nothing was sent on it.
    pub(super) fn start(
        self: &Arc<Self>,
        mut connection: Arc<Connection>,
        method: &Method,
        extension: u16,
        payload: &mut Vec<u8>,
        until: Option<Instant>,
    ) -> Result<(Arc<Connection>, Started), Status> {
        let mut moves = 0;
        loop {
            match connection.start(method, extension, payload, until) {
                Ok(call) => return Ok((connection, call)),
                Err(_) if !connection.is_open() && moves < MOVES => connection = self.connection(until)?,
                Err(status) => return Err(status),
            }
            moves += 1;
        }
    }

    /// The connection for the next call: a new one, where the last cannot take any more.
    pub(super) fn connection(self: &Arc<Self>, until: Option<Instant>) -> Result<Arc<Connection>, Status> {
        let standing = self.lock();
        match standing.open() {
            Some(connection) => Ok(connection),
            None => self.wait(standing, until),
        }
    }

    /// Waits until there is a connection, and sees to it that somebody tries.
    #[cold]
    fn wait(self: &Arc<Self>, mut standing: Guard<'_>, until: Option<Instant>) -> Result<Arc<Connection>, Status> {
        let longest = Instant::now().checked_add(self.options.connection_wait);
        let give_up = until.into_iter().chain(longest).min();
        loop {
            self.retire(&mut standing);
            if let Some(connection) = standing.open() {
                return Ok(connection);
            }
            let now = Instant::now();
            let must_wait = standing.not_before > now;
            let fails_fast = self.options.fail_fast && must_wait && !standing.is_connecting;
            if fails_fast || give_up.is_some_and(|give_up| give_up <= now) {
                return Err(self.refusal(&standing, now));
            }
            if !must_wait && !standing.is_connecting {
                self.begin(&mut standing);
            }
            let next = (!standing.is_connecting).then_some(standing.not_before);
            standing = self.sleep(standing, give_up.into_iter().chain(next).min());
        }
    }

    fn sleep<'a>(&self, standing: Guard<'a>, until: Option<Instant>) -> Guard<'a> {
        match until {
            None => self.changed.wait(standing).unwrap_or_else(PoisonError::into_inner),
            Some(until) => {
                let left = until.saturating_duration_since(Instant::now());
                self.changed.wait_timeout(standing, left).unwrap_or_else(PoisonError::into_inner).0
            }
        }
    }

    /// Parts with a connection that takes no more calls. One whose server never said a word counts as a failure: else a
    /// server that accepts and closes would be connected to without a pause.
    fn retire(&self, standing: &mut Standing) {
        let Some(old) = standing.connection.take_if(|connection| !connection.is_open()) else { return };
        if old.has_heard() {
            (standing.failures, standing.index, standing.not_before) = (0, 0, Instant::now());
        } else {
            standing.index = self.connector.after(standing.index);
            self.failed(standing, format!("{} closed the connection before it said anything", old.peer()));
        }
    }

    /// Starts a thread that tries to connect, once.
    fn begin(self: &Arc<Self>, standing: &mut Standing) {
        standing.is_connecting = true;
        let (supply, first) = (Arc::clone(self), standing.index);
        let spawned = thread::Builder::new().name("rpc-connect".into()).spawn(move || supply.connect(first));
        if let Err(error) = spawned {
            self.failed(standing, format!("cannot start a thread that connects: {error}"));
        }
    }

    fn connect(&self, first: usize) {
        let connected = self.connector.connect(first, &self.options);
        let mut standing = self.lock();
        match connected {
            Ok((index, connection)) => {
                standing.is_connecting = false;
                standing.index = index;
                standing.connection = Some(connection);
            }
            Err(status) => {
                standing.index = 0;
                self.failed(&mut standing, status.message().to_owned());
            }
        }
        self.changed.notify_all();
    }

    fn failed(&self, standing: &mut Standing, why: String) {
        standing.is_connecting = false;
        standing.failures = standing.failures.saturating_add(1);
        let (now, pause) = (Instant::now(), self.options.pause(standing.failures));
        standing.not_before = now.checked_add(pause).unwrap_or(now);
        log::debug!("{why}; the next attempt is in {pause:?} at the earliest");
        standing.failure = why;
    }

    fn refusal(&self, standing: &Standing, now: Instant) -> Status {
        let Standing { failure, failures, not_before, is_connecting, .. } = standing;
        let next = match not_before.saturating_duration_since(now) {
            _ if *is_connecting => format!("the channel is connecting to {}", self.connector),
            Duration::ZERO => "the next call tries again".to_owned(),
            left => format!("the next attempt is in {left:.1?} at the earliest"),
        };
        let message = match failures {
            0 => next,
            1 => format!("{failure}; {next}"),
            _ => format!("{failure} (failure {failures} in a row); {next}"),
        };
        Status::unavailable(message).did_not_run()
    }
}

impl Drop for Supply {
    fn drop(&mut self) {
        let standing = self.standing.get_mut().unwrap_or_else(PoisonError::into_inner);
        if let Some(connection) = standing.connection.take_if(|connection| connection.has_oneway()) {
            Flusher::leave_to(connection);
        }
    }
}

impl Standing {
    /// The connection, if it takes calls.
    fn open(&self) -> Option<Arc<Connection>> {
        self.connection.as_ref().filter(|connection| connection.is_open()).map(Arc::clone)
    }
}
