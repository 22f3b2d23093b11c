//! A call, as it is handed to who runs it.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Instant;

use crate::buffers;
use crate::wire::{Metadata, TraceContext};

/// A call to be run. Exactly one answer is owed, unless it is oneway.
#[derive(Debug)]
pub struct IncomingCall<'a> {
    /// To be named in the answer.
    pub id: u32,
    /// The method's number.
    pub method: u32,
    /// The shape that the caller's stubs were made with.
    pub shape: u32,
    /// Whether no answer is to be given.
    pub oneway: bool,
    /// When the caller stops waiting.
    pub deadline: Option<Instant>,
    /// What the caller says beside the arguments.
    pub metadata: Option<Arc<Metadata>>,
    /// The trace that the call belongs to.
    pub trace: Option<TraceContext>,
    pub(super) payload: Cow<'a, [u8]>,
    pub(super) args_at: usize,
}

impl IncomingCall<'_> {
    /// The packed arguments.
    pub fn args(&self) -> &[u8] {
        self.payload.get(self.args_at..).unwrap_or_default()
    }

    /// Takes the arguments, copied unless they came in parts, for a call that outlives what it was read from.
    pub fn take(&mut self) -> IncomingCall<'static> {
        let payload = Cow::Owned(std::mem::take(&mut self.payload).into_owned());
        IncomingCall { metadata: self.metadata.take(), payload, ..*self }
    }
}

/// What is large the next one may have.
impl Drop for IncomingCall<'_> {
    fn drop(&mut self) {
        if let Cow::Owned(payload) = &mut self.payload {
            buffers::give(std::mem::take(payload));
        }
    }
}
