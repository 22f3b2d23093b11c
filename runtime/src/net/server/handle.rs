//! Runs the handler of a call in the thread that is there for it.

use std::sync::Arc;

use crate::context::CallState;
use crate::proto::{IncomingCall, Limits};
use crate::service::{Begun, Outcome, Router};
use crate::stream::CallStreams;

/// Runs a call to its end. What it answers with is in `out`, or in the failure.
pub(super) fn handle(
    router: &Router,
    call: IncomingCall<'_>,
    state: Arc<CallState>,
    limits: &Limits,
    streams: Option<CallStreams>,
    out: &mut Vec<u8>,
) -> Outcome {
    let route = match router.route(&call) {
        Ok(route) => route,
        Err(status) => return status.into(),
    };
    match route.begin(call, state, limits, streams, out) {
        Begun::Returned(outcome) => outcome,
        #[cfg(feature = "tokio")]
        Begun::Waits(handling) => crate::net::tokio::block_on(handling, out),
    }
}
