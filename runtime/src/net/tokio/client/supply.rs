//! Where calls get their connection: the one there is, or a new one, not more often than the back-off allows. It is a task
//! that connects, and calls wait for it.

use std::sync::{Arc, PoisonError};
use std::time::Instant;

use tokio::sync::Notify;

use super::call::Packed;
use super::connection::{Connection, InFlight};
use super::connector::{connect, in_process};
use super::patience::{runtime, within};
use crate::net::calls::{ChannelOptions, MOVES, Next, Standing, Target, Usable as _};
use crate::net::sync::{Mutex, MutexGuard};
use crate::service::Router;
use crate::status::Status;

/// What the clones of a channel share.
#[derive(Debug)]
pub(super) struct Supply {
    target: Target,
    options: ChannelOptions,
    standing: Mutex<Standing<Connection>>,
    /// An attempt to connect is over.
    changed: Notify,
}

impl Supply {
    /// Connects.
    pub(super) async fn new(target: Target, options: ChannelOptions) -> Result<Arc<Self>, Status> {
        runtime()?;
        let (index, connection) = connect(&target, 0, &options).await?;
        Ok(Self::with(index, connection, target, options))
    }

    /// Connects to services in this process.
    pub(super) fn in_process(router: Router, options: ChannelOptions) -> Result<Arc<Self>, Status> {
        let connection = in_process(&router, &options)?;
        Ok(Self::with(0, connection, Target::InProcess(router), options))
    }

    fn with(index: usize, connection: Arc<Connection>, target: Target, options: ChannelOptions) -> Arc<Self> {
        let standing = Mutex::new(Standing::new(index, connection));
        Arc::new(Self { target, options, standing, changed: Notify::new() })
    }

    pub(super) const fn options(&self) -> &ChannelOptions {
        &self.options
    }

    fn lock(&self) -> MutexGuard<'_, Standing<Connection>> {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Queues a packed call on a connection, or another one where it has ended: nothing was sent on it.
    pub(super) async fn start(
        self: &Arc<Self>,
        mut connection: Arc<Connection>,
        packed: &mut Packed,
    ) -> Result<InFlight, Status> {
        let Packed { method, until, extension, payload } = packed;
        let mut moves = 0;
        loop {
            match connection.start(method, *extension, payload, *until).await {
                Ok(call) => return Ok(InFlight::new(connection, call, method)),
                Err(_) if !connection.is_open() && moves < MOVES => connection = self.connection(*until).await?,
                Err(status) => return Err(status),
            }
            moves += 1;
        }
    }

    /// The connection for the next call: a new one, where the last cannot take any more.
    pub(super) async fn connection(self: &Arc<Self>, until: Option<Instant>) -> Result<Arc<Connection>, Status> {
        let open = self.lock().open();
        match open {
            Some(connection) => Ok(connection),
            None => Box::pin(self.wait(until)).await,
        }
    }

    /// Waits until there is a connection, and sees to it that somebody tries.
    async fn wait(self: &Arc<Self>, until: Option<Instant>) -> Result<Arc<Connection>, Status> {
        let longest = Instant::now().checked_add(self.options.connection_wait);
        let give_up = until.into_iter().chain(longest).min();
        loop {
            let changed = self.changed.notified();
            let next = self.lock().next(&self.target, &self.options, give_up);
            match next {
                Next::Take(connection) => return Ok(connection),
                Next::Fail(status) => return Err(status),
                Next::Connect(first) => self.begin(first),
                Next::Wait(until) => {
                    within(until, changed).await?;
                }
            }
        }
    }

    /// Starts a task that tries to connect, once.
    fn begin(self: &Arc<Self>, first: usize) {
        let mut attempt = Attempt { supply: Arc::clone(self), came: None };
        match runtime() {
            Ok(runtime) => drop(runtime.spawn(attempt.run(first))),
            Err(status) => attempt.came = Some(Err(status)),
        }
    }
}

/// An attempt to connect. Its end is told when it is dropped; it has failed where that is with its runtime.
#[derive(Debug)]
struct Attempt {
    supply: Arc<Supply>,
    came: Option<Result<(usize, Arc<Connection>), Status>>,
}

impl Attempt {
    async fn run(mut self, first: usize) {
        self.came = Some(connect(&self.supply.target, first, &self.supply.options).await);
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        let ended = || Err(Status::unavailable("the runtime has ended on which the channel was connecting"));
        let came = self.came.take().unwrap_or_else(ended);
        self.supply.lock().connected(came, &self.supply.options);
        self.supply.changed.notify_waiters();
    }
}
