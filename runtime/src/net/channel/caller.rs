//! What a client stub holds: a channel, and how its calls are to be made.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::request::{Request, give_scratch, take_scratch};
use super::{CallFailure, Channel, Connection, PendingCall, Started};
use crate::context::inherited_deadline;
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

/// How long a call may take, and until when; neither where it may take as long as it likes.
#[derive(Clone, Copy, Default)]
struct Time {
    timeout: Option<Duration>,
    until: Option<Instant>,
}

impl Caller {
    /// Calls over a channel, without a time limit but what the interface sets.
    pub fn new(channel: Channel) -> Self {
        Self { channel, timeout: None }
    }

    /// The same, for calls that must be over within `timeout`. Within a handler this can only shorten what the call that it
    /// answers has left.
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
        let time = self.time(method);
        let Queued { connection, call, extension, payload } = self.queue(method, pack, time)?;
        let supply = Arc::clone(&self.channel.supply);
        let request = Request::new(method, time.until, extension, payload, supply.options());
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
        self.queue(method, pack, self.time(method)).map(|queued| give_scratch(queued.payload))
    }

    /// The time that a call of this method has which begins now, and when it must be over: what the caller sets, or else
    /// what the interface does; within a handler, at most what the call has left that it answers.
    fn time(&self, method: &Method) -> Time {
        let (timeout, inherited) = (self.timeout.or(method.deadline), inherited_deadline());
        if timeout.is_none() && inherited.is_none() {
            return Time::default();
        }
        let now = Instant::now();
        let left = inherited.map(|deadline| deadline.saturating_duration_since(now));
        let timeout = timeout.into_iter().chain(left).min();
        Time { timeout, until: timeout.and_then(|timeout| now.checked_add(timeout)) }
    }

    /// Packs a call and queues it; gives its extension's size and the payload as well.
    fn queue(
        &self,
        method: &'static Method,
        pack: impl FnOnce(&mut Packer<'_>) -> Result<(), PackError>,
        time: Time,
    ) -> Result<Queued, Status> {
        let supply = &self.channel.supply;
        let connection = supply.connection(time.until).map_err(|status| status.of_method(method.path))?;
        let mut payload = take_scratch();
        let extension = put_timeout(&mut payload, time.timeout);
        payload.extend_from_slice(&method.shape.to_be_bytes());
        let limits = supply.options().limits.pack();
        let packed = pack(&mut Packer::new(&mut payload, &limits));
        let started = match packed {
            Ok(()) => supply.start(connection, method, extension, &mut payload, time.until),
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
