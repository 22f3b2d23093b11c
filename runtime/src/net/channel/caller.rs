//! What a client stub holds: a channel, and how its calls are to be made.

use std::cell::Cell;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::{CallFailure, Channel, Connection, PendingCall, Started};
use crate::pack::{PackError, Packer, UnpackError, Unpacker};
use crate::proto::put_timeout;
use crate::service::Method;
use crate::status::Status;

/// Memory of the packing buffer that a thread keeps, in bytes.
const KEPT: usize = 64 << 10;

thread_local! {
    /// Where this thread packs its calls; taken while in use.
    static SCRATCH: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// Makes the calls of a client stub.
#[derive(Debug, Clone)]
pub struct Caller {
    channel: Channel,
    timeout: Option<Duration>,
}

impl Caller {
    /// Calls over a channel, without a time limit but what the interface sets.
    pub fn new(channel: Channel) -> Self {
        Self { channel, timeout: None }
    }

    /// The same, for calls that must be over within `timeout`.
    #[must_use]
    pub fn with_timeout(&self, timeout: Duration) -> Self {
        Self { channel: self.channel.clone(), timeout: Some(timeout) }
    }

    /// Starts a call: packs it and queues it for sending. `unpack` reads its results.
    ///
    /// # Errors
    ///
    /// When the arguments do not pack, or no call can be started.
    pub fn start<T, E: CallFailure>(
        &self,
        method: &'static Method,
        pack: impl FnOnce(&mut Packer<'_>) -> Result<(), PackError>,
        unpack: fn(&mut Unpacker<'_>) -> Result<T, UnpackError>,
    ) -> Result<PendingCall<T, E>, E> {
        let until = self.until(method);
        let started = self.queue(method, pack, until).map_err(|status| E::from(status.of_method(method.path)))?;
        let (connection, call) = started;
        Ok(PendingCall::new(connection, call, method, until, unpack))
    }

    /// Sends a oneway call: packs it and queues it for sending. Nothing comes back, not even a failure.
    ///
    /// # Errors
    ///
    /// When the arguments do not pack, or no call can be sent.
    pub fn send(
        &self,
        method: &'static Method,
        pack: impl FnOnce(&mut Packer<'_>) -> Result<(), PackError>,
    ) -> Result<(), Status> {
        self.queue(method, pack, self.until(method)).map(|_| ()).map_err(|status| status.of_method(method.path))
    }

    /// The time that a call of this method has: what the caller sets, or else what the interface does.
    fn timeout_of(&self, method: &Method) -> Option<Duration> {
        self.timeout.or(method.deadline)
    }

    /// When a call of this method that begins now must be over.
    fn until(&self, method: &Method) -> Option<Instant> {
        self.timeout_of(method).and_then(|timeout| Instant::now().checked_add(timeout))
    }

    fn queue(
        &self,
        method: &'static Method,
        pack: impl FnOnce(&mut Packer<'_>) -> Result<(), PackError>,
        until: Option<Instant>,
    ) -> Result<(Arc<Connection>, Started), Status> {
        let connection = self.channel.connection()?;
        let mut payload = SCRATCH.take();
        payload.clear();
        let extension = put_timeout(&mut payload, self.timeout_of(method));
        payload.extend_from_slice(&method.shape.to_be_bytes());
        let packed = pack(&mut Packer::new(&mut payload, &connection.limits().pack()));
        let call = match packed {
            Ok(()) => self.start_on(connection, method, extension, &mut payload, until),
            Err(error) => Err(Status::invalid_argument(error.to_string()).did_not_run()),
        };
        payload.clear();
        payload.shrink_to(KEPT);
        SCRATCH.set(payload);
        call
    }

    /// Queues a packed call; on a new connection, where this one has just ended: nothing was sent on it.
    fn start_on(
        &self,
        mut connection: Arc<Connection>,
        method: &'static Method,
        extension: u16,
        payload: &mut Vec<u8>,
        until: Option<Instant>,
    ) -> Result<(Arc<Connection>, Started), Status> {
        let mut started = connection.start(method, extension, payload, until);
        if started.is_err() && !connection.is_open() {
            connection = self.channel.connection()?;
            started = connection.start(method, extension, payload, until);
        }
        started.map(|call| (connection, call))
    }
}
