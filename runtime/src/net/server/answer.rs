//! What became of a handler, as an answer.

use crate::proto::{Answer, ServerConnection, Streams};
use crate::service::{Failure, Outcome};

/// Queues the answer to a call: its number, and whether it is oneway.
pub(in crate::net) fn answer(
    connection: &mut ServerConnection,
    (call, oneway): (u32, bool),
    outcome: Outcome,
    packed: &mut Vec<u8>,
    peer: &str,
) {
    let Outcome { result, metadata } = outcome;
    match (result, metadata) {
        (result, _) if oneway => log_oneway(peer, result),
        (result, Some(metadata)) => connection.answer_with(call, &metadata, in_full(&result, packed)),
        (Ok(()), None) => connection.reply(call, packed),
        (Err(Failure::Declared), None) => connection.declared(call, packed),
        (Err(Failure::Status(status)), None) => {
            connection.fault(call, status.code(), status.may_have_run(), status.message());
        }
    }
}

/// The same for a call with streams. Where the result is one, its END carries nothing: metadata goes with failures only.
pub(in crate::net) fn answer_stream(
    connection: &mut ServerConnection,
    (call, streams): (u32, Streams),
    outcome: Outcome,
    packed: &mut Vec<u8>,
    peer: &str,
) {
    if streams.outgoing && outcome.result.is_ok() {
        connection.end(call);
    } else {
        answer(connection, (call, false), outcome, packed, peer);
    }
}

fn in_full<'a>(result: &'a Result<(), Failure>, packed: &'a mut Vec<u8>) -> Answer<'a> {
    match result {
        Ok(()) => Answer::Reply(packed),
        Err(Failure::Declared) => Answer::Declared(packed),
        Err(Failure::Status(status)) => {
            Answer::Status { code: status.code(), ran: status.may_have_run(), message: status.message() }
        }
    }
}

/// A oneway call has no answer, so what went wrong is only logged.
fn log_oneway(peer: &str, outcome: Result<(), Failure>) {
    if let Err(Failure::Status(status)) = outcome {
        log::warn!("a oneway call of {peer} failed: {status}");
    }
}
