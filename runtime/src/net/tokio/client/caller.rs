//! What an asynchronous client stub holds: a channel, and how its calls are to be made.

use std::sync::Arc;
use std::time::Duration;

use super::AsyncChannel;
use crate::failure::CallFailure;
use crate::pack::{PackError, Packer, UnpackError, Unpacker};
use crate::service::Method;
use crate::status::Status;
use crate::wire::{Metadata, TraceContext};

/// Makes the calls of an asynchronous client stub.
#[derive(Debug, Clone)]
pub struct AsyncCaller {
    channel: AsyncChannel,
    timeout: Option<Duration>,
    metadata: Option<Arc<Metadata>>,
    trace: Option<TraceContext>,
}

impl AsyncCaller {
    /// Calls over a channel, without a time limit but what the interface sets.
    pub fn new(channel: AsyncChannel) -> Self {
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

    /// Makes a call. It is packed at once, and sent when the future is first polled; `unpack` reads its results. Dropping the
    /// future cancels the call.
    ///
    /// # Errors
    ///
    /// When the arguments do not pack, the method failed, the connection broke, or the time was over.
    pub fn call<T, E: CallFailure>(
        &self,
        method: &'static Method,
        pack: impl FnOnce(&mut Packer<'_>) -> Result<(), PackError>,
        unpack: fn(&mut Unpacker<'_>) -> Result<T, UnpackError>,
    ) -> impl Future<Output = Result<T, E>> + Send {
        let _ = (pack, unpack, self.timeout, self.trace, &self.metadata, &self.channel.options);
        async move { Err(Status::unimplemented("asynchronous calls").did_not_run().of_method(method.path).into()) }
    }

    /// Sends a oneway call. It is packed at once, and sent when the future is first polled. Nothing comes back, not even a
    /// failure.
    ///
    /// # Errors
    ///
    /// When the arguments do not pack, or no call can be sent.
    pub fn send(
        &self,
        method: &'static Method,
        pack: impl FnOnce(&mut Packer<'_>) -> Result<(), PackError>,
    ) -> impl Future<Output = Result<(), Status>> + Send {
        let _ = pack;
        async move { Err(Status::unimplemented("asynchronous calls").did_not_run().of_method(method.path)) }
    }
}
