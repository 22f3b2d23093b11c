//! What became of a handler, as an answer.

use crate::buffers::Packed;
use crate::proto::{Answer, IncomingCall, ServerConnection, Streams};
use crate::service::{Failure, Outcome};
use crate::wire::Code;

/// What a call is owed once its handler has returned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::net) enum Owed {
    /// Nothing: it is oneway.
    Nothing,
    /// Results.
    Reply,
    /// The end of the stream that its results were. It carries nothing, so metadata goes with failures only.
    End,
}

impl Owed {
    /// What a call is owed whose results are no stream.
    pub(in crate::net) fn to(call: &IncomingCall<'_>) -> Self {
        if call.oneway { Self::Nothing } else { Self::Reply }
    }

    /// What a call with streams is owed.
    pub(in crate::net) fn with_streams(streams: Streams) -> Self {
        if streams.outgoing { Self::End } else { Self::Reply }
    }
}

/// Queues the answer to a call.
pub(in crate::net) fn answer(
    connection: &mut ServerConnection,
    (call, owed): (u32, Owed),
    outcome: Outcome,
    packed: &mut Packed,
    peer: &str,
) {
    let Outcome { result, metadata } = outcome;
    match (result, metadata) {
        (result, _) if owed == Owed::Nothing => log_oneway(peer, result),
        (Ok(()), _) if owed == Owed::End => connection.end(call),
        (result, Some(metadata)) => connection.answer_with(call, &metadata, in_full(&result, packed)),
        (Ok(()), None) => connection.reply(call, packed),
        (Err(Failure::Declared), None) => connection.declared(call, packed),
        (Err(Failure::Status(status)), None) => {
            connection.fault(call, status.code(), status.may_have_run(), status.message());
        }
    }
}

/// Refuses a call, for which there is no room beside the `most` handlers that there may be.
pub(in crate::net) fn refuse_for_room(connection: &mut ServerConnection, call: u32, most: usize) {
    let why = format!("{most} slow handlers run, and no more may (ServerOptions::handler_threads)");
    connection.fault(call, Code::ResourceExhausted, false, &why);
}

fn in_full<'a>(result: &'a Result<(), Failure>, packed: &'a mut Packed) -> Answer<'a> {
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
