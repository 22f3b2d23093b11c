//! Runs the handler of a call in the thread that is there for it.

use std::sync::Arc;

use crate::buffers::Packed;
use crate::context::CallState;
#[cfg(feature = "tokio")]
use crate::net::tokio::block_on;
use crate::proto::{IncomingCall, Limits};
#[cfg(feature = "tokio")]
use crate::service::{AsyncService, Route};
use crate::service::{Outcome, Router, Served};
use crate::stream::CallStreams;

/// Runs a call to its end. What it answers with is in `out`, or in the failure.
pub(super) fn handle(
    router: &Router,
    call: &mut IncomingCall<'_>,
    state: Arc<CallState>,
    limits: &Limits,
    streams: Option<CallStreams>,
    out: &mut Packed,
) -> Outcome {
    let route = match router.route(call) {
        Ok(route) => route,
        Err(status) => return status.into(),
    };
    match &route.service {
        Served::Blocking(service) | Served::Quick(service) => route.run(&**service, call, state, limits, streams, out),
        #[cfg(feature = "tokio")]
        Served::Async(service) => {
            let (outcome, packed) = wait_for(route, &**service, call, state, limits, streams);
            *out = packed;
            outcome
        }
    }
}

/// Apart from the rest, so that blocking handlers do without the stack that this takes.
#[cfg(feature = "tokio")]
#[inline(never)]
fn wait_for(
    route: &Route,
    service: &dyn AsyncService,
    call: &mut IncomingCall<'_>,
    state: Arc<CallState>,
    limits: &Limits,
    streams: Option<CallStreams>,
) -> (Outcome, Packed) {
    block_on(route.make(service, call, state, limits, streams))
}
