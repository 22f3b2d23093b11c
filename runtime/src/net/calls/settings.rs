//! How the calls of a stub are to be made, and what of that is packed before the arguments.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::open_calls::too_late;
use crate::context::inherited;
use crate::pack::{PackError, Packer};
use crate::proto::Limits;
use crate::service::Method;
use crate::status::Status;
use crate::wire::{Extensions, Metadata, TraceContext};

/// What the calls of a stub have in common.
#[derive(Debug, Clone, Default)]
pub(in crate::net) struct Settings {
    timeout: Option<Duration>,
    /// `None` if there are no entries.
    metadata: Option<Arc<Metadata>>,
    trace: Option<TraceContext>,
}

/// How long a call may take, and until when, neither where it may take as long as it likes; and the trace that it belongs to.
#[derive(Debug, Default)]
pub(in crate::net) struct Terms {
    timeout: Option<Duration>,
    pub(in crate::net) until: Option<Instant>,
    trace: Option<TraceContext>,
}

impl Settings {
    pub(in crate::net) fn with_timeout(&self, timeout: Duration) -> Self {
        Self { timeout: Some(timeout), ..self.clone() }
    }

    pub(in crate::net) fn with_metadata(&self, metadata: Metadata) -> Self {
        let metadata = (!metadata.is_empty()).then(|| Arc::new(metadata));
        Self { metadata, ..self.clone() }
    }

    pub(in crate::net) fn with_trace(&self, trace: TraceContext) -> Self {
        Self { trace: Some(trace), ..self.clone() }
    }

    /// The time that a call of this method has which begins now, and when it must be over: what the caller sets, or else
    /// what the interface does; within a handler, at most what the call has left that it answers. And its trace.
    pub(in crate::net) fn terms(&self, method: &Method) -> Terms {
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

    /// Packs the payload of a call that still has time; gives its extension's size.
    pub(in crate::net) fn pack(
        &self,
        method: &Method,
        pack: impl FnOnce(&mut Packer<'_>) -> Result<(), PackError>,
        terms: &Terms,
        limits: &Limits,
        payload: &mut Vec<u8>,
    ) -> Result<u16, Status> {
        if terms.timeout.is_some_and(|timeout| timeout.is_zero()) {
            return Err(too_late().did_not_run());
        }
        let has_none = terms.timeout.is_none() && terms.trace.is_none() && self.metadata.is_none();
        let extension = if has_none { 0 } else { self.encode(terms, payload)? };
        payload.extend_from_slice(&method.shape.to_be_bytes());
        let packed = pack(&mut Packer::new(payload, &limits.pack()));
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
