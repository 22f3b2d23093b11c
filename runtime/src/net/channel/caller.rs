//! What a client stub holds: a channel, and how its calls are to be made.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::{CallFailure, Channel, Connection, PendingCall, Started};
use crate::context::inherited;
use crate::net::calls::{Request, give_scratch, take_scratch};
use crate::pack::{PackError, Packer, UnpackError, Unpacker};
use crate::service::Method;
use crate::status::Status;
use crate::wire::{Extensions, Metadata, TraceContext};

/// Makes the calls of a client stub.
#[derive(Debug, Clone)]
pub struct Caller {
    channel: Channel,
    timeout: Option<Duration>,
    /// `None` if there are no entries.
    metadata: Option<Arc<Metadata>>,
    trace: Option<TraceContext>,
}

/// How long a call may take, and until when, neither where it may take as long as it likes; and the trace that it belongs to.
#[derive(Default)]
struct Terms {
    timeout: Option<Duration>,
    until: Option<Instant>,
    trace: Option<TraceContext>,
}

impl Caller {
    /// Calls over a channel, without a time limit but what the interface sets.
    pub fn new(channel: Channel) -> Self {
        Self { channel, timeout: None, metadata: None, trace: None }
    }

    /// The same, for calls that must be over within `timeout`. Within a handler this can only shorten what the call that it
    /// answers has left.
    #[must_use]
    pub fn with_timeout(&self, timeout: Duration) -> Self {
        Self { timeout: Some(timeout), ..self.clone() }
    }

    /// The same, for calls with this metadata, in place of what they had. Calls with what may not be sent fail.
    #[must_use]
    pub fn with_metadata(&self, metadata: Metadata) -> Self {
        let metadata = (!metadata.is_empty()).then(|| Arc::new(metadata));
        Self { metadata, ..self.clone() }
    }

    /// The same, for calls that belong to this trace. Without it those that a handler makes belong to that of the call that
    /// it answers.
    #[must_use]
    pub fn with_trace(&self, trace: TraceContext) -> Self {
        Self { trace: Some(trace), ..self.clone() }
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
        let terms = self.terms(method);
        let Queued { connection, call, extension, payload } = self.queue(method, pack, &terms)?;
        let supply = Arc::clone(&self.channel.supply);
        let request = Request::new(method, terms.until, extension, payload, supply.options());
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
        self.queue(method, pack, &self.terms(method)).map(|queued| give_scratch(queued.payload))
    }

    /// The time that a call of this method has which begins now, and when it must be over: what the caller sets, or else
    /// what the interface does; within a handler, at most what the call has left that it answers. And its trace.
    fn terms(&self, method: &Method) -> Terms {
        let inherited = inherited();
        let (timeout, trace) = (self.timeout.or(method.deadline), self.trace.or(inherited.trace));
        if timeout.is_none() && inherited.deadline.is_none() {
            return Terms { trace, ..Terms::default() };
        }
        let now = Instant::now();
        let left = inherited.deadline.map(|deadline| deadline.saturating_duration_since(now));
        let timeout = timeout.into_iter().chain(left).min();
        Terms { timeout, until: timeout.and_then(|timeout| now.checked_add(timeout)), trace }
    }

    /// Packs a call and queues it; gives its extension's size and the payload as well.
    fn queue(
        &self,
        method: &'static Method,
        pack: impl FnOnce(&mut Packer<'_>) -> Result<(), PackError>,
        terms: &Terms,
    ) -> Result<Queued, Status> {
        let supply = &self.channel.supply;
        let connection = supply.connection(terms.until).map_err(|status| status.of_method(method.path))?;
        let mut payload = take_scratch();
        let started = self.pack(method, pack, terms, &mut payload).and_then(|extension| {
            let (connection, call) = supply.start(connection, method, extension, &mut payload, terms.until)?;
            Ok((connection, call, extension))
        });
        match started {
            Ok((connection, call, extension)) => Ok(Queued { connection, call, extension, payload }),
            Err(status) => {
                give_scratch(payload);
                Err(status.of_method(method.path))
            }
        }
    }

    /// Packs the payload of a call; gives its extension's size.
    fn pack(
        &self,
        method: &Method,
        pack: impl FnOnce(&mut Packer<'_>) -> Result<(), PackError>,
        terms: &Terms,
        payload: &mut Vec<u8>,
    ) -> Result<u16, Status> {
        let has_none = terms.timeout.is_none() && terms.trace.is_none() && self.metadata.is_none();
        let extension = if has_none { 0 } else { self.encode(terms, payload)? };
        payload.extend_from_slice(&method.shape.to_be_bytes());
        let limits = self.channel.supply.options().limits.pack();
        let packed = pack(&mut Packer::new(payload, &limits));
        packed.map_err(|error| Status::invalid_argument(error.to_string()).did_not_run())?;
        Ok(extension)
    }

    /// Puts down what is said beside the arguments; gives its size.
    fn encode(&self, terms: &Terms, payload: &mut Vec<u8>) -> Result<u16, Status> {
        let said = self.metadata.as_deref().map(Extensions::of).unwrap_or_default();
        let extensions = Extensions { timeout: terms.timeout, trace: terms.trace, ..said };
        extensions.encode(payload).map_err(|error| Status::new(error.code(), error.to_string()).did_not_run())
    }
}

/// A call that was queued, and what of.
struct Queued {
    connection: Arc<Connection>,
    call: Started,
    extension: u16,
    payload: Vec<u8>,
}
