//! Where calls get their connection: the one there is, or a new one, not more often than the back-off allows. It is a thread
//! that connects, and calls wait for it.

use std::sync::{Arc, PoisonError};
use std::time::Instant;

use super::connection::Connection;
use super::connector::connect;
use super::flusher::Flusher;
use crate::net::calls::{ChannelOptions, MOVES, Next, Standing, Started, Target, Usable as _};
use crate::net::sync::{Condvar, Mutex, MutexGuard, thread};
use crate::service::Method;
use crate::status::Status;

/// What the clones of a channel share.
#[derive(Debug)]
pub(super) struct Supply {
    target: Target,
    options: ChannelOptions,
    standing: Mutex<Standing<Connection>>,
    /// An attempt to connect is over.
    changed: Condvar,
}

type Guard<'a> = MutexGuard<'a, Standing<Connection>>;

impl Supply {
    /// Connects.
    pub(super) fn new(target: Target, options: ChannelOptions) -> Result<Arc<Self>, Status> {
        let (index, connection) = connect(&target, 0, &options)?;
        let standing = Mutex::new(Standing::new(index, connection));
        Ok(Arc::new(Self { target, options, standing, changed: Condvar::new() }))
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
            match standing.next(&self.target, &self.options, give_up) {
                Next::Take(connection) => return Ok(connection),
                Next::Fail(status) => return Err(status),
                Next::Connect(first) => self.begin(&mut standing, first),
                Next::Wait(until) => standing = self.sleep(standing, until),
            }
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

    /// Starts a thread that tries to connect, once.
    fn begin(self: &Arc<Self>, standing: &mut Standing<Connection>, first: usize) {
        let supply = Arc::clone(self);
        let spawned = thread::Builder::new().name("rpc-connect".into()).spawn(move || supply.connect(first));
        if let Err(error) = spawned {
            let why = format!("cannot start a thread that connects: {error}");
            standing.connected(Err(Status::unavailable(why)), &self.options);
        }
    }

    fn connect(&self, first: usize) {
        let connected = connect(&self.target, first, &self.options);
        self.lock().connected(connected, &self.options);
        self.changed.notify_all();
    }
}

impl Drop for Supply {
    fn drop(&mut self) {
        let standing = self.standing.get_mut().unwrap_or_else(PoisonError::into_inner);
        if let Some(connection) = standing.take().filter(|connection| connection.has_oneway()) {
            Flusher::leave_to(connection);
        }
    }
}
