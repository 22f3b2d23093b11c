//! What a client stub holds: a channel, and how its calls are to be made.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::request::{Request, give_scratch, take_scratch};
use super::{CallFailure, Channel, Connection, PendingCall, Started};
use crate::pack::{PackError, Packer, UnpackError, Unpacker};
use crate::proto::put_timeout;
use crate::service::Method;
use crate::status::Status;

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
        let Queued { connection, call, extension, payload } = self.queue(method, pack, until)?;
        let supply = Arc::clone(&self.channel.supply);
        let request = Request::new(method, until, extension, payload, supply.options());
        Ok(PendingCall::new(supply, connection, call, request, unpack))
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
        self.queue(method, pack, self.until(method)).map(|queued| give_scratch(queued.payload))
    }

    /// The time that a call of this method has: what the caller sets, or else what the interface does.
    fn timeout_of(&self, method: &Method) -> Option<Duration> {
        self.timeout.or(method.deadline)
    }

    /// When a call of this method that begins now must be over.
    fn until(&self, method: &Method) -> Option<Instant> {
        self.timeout_of(method).and_then(|timeout| Instant::now().checked_add(timeout))
    }

    /// Packs a call and queues it; gives its extension's size and the payload as well.
    fn queue(
        &self,
        method: &'static Method,
        pack: impl FnOnce(&mut Packer<'_>) -> Result<(), PackError>,
        until: Option<Instant>,
    ) -> Result<Queued, Status> {
        let supply = &self.channel.supply;
        let connection = supply.connection(until).map_err(|status| status.of_method(method.path))?;
        let mut payload = take_scratch();
        let extension = put_timeout(&mut payload, self.timeout_of(method));
        payload.extend_from_slice(&method.shape.to_be_bytes());
        let limits = supply.options().limits.pack();
        let packed = pack(&mut Packer::new(&mut payload, &limits));
        let started = match packed {
            Ok(()) => supply.start(connection, method, extension, &mut payload, until),
            Err(error) => Err(Status::invalid_argument(error.to_string()).did_not_run()),
        };
        match started {
            Ok((connection, call)) => Ok(Queued { connection, call, extension, payload }),
            Err(status) => {
                give_scratch(payload);
                Err(status.of_method(method.path))
            }
        }
    }
}

/// A call that was queued, and what of.
struct Queued {
    connection: Arc<Connection>,
    call: Started,
    extension: u16,
    payload: Vec<u8>,
}
