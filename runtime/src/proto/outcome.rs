//! What an answer says.

use std::borrow::Cow;

use super::assembly::Message;
use super::link::{get_text, is_text};
use crate::wire::extension::ExtensionError;
use crate::wire::{Code, Extensions, Kind, Metadata};

/// How a call ended.
#[derive(Debug)]
pub enum Outcome<'a> {
    /// With results, packed.
    Reply(Cow<'a, [u8]>),
    /// With a declared error, packed.
    Declared(Cow<'a, [u8]>),
    /// With the end of its stream of results.
    End,
    /// With a status.
    Status {
        /// Why.
        code: Code,
        /// False if it certainly did not run.
        ran: bool,
        /// For people.
        message: String,
    },
}

/// Reads an answer, and the metadata that came with it.
pub(super) fn read(message: Message<'_>) -> (Outcome<'_>, Option<Box<Metadata>>) {
    let Message { header, payload } = message;
    let block = payload.get(..header.extension.into()).unwrap_or_default();
    let metadata = match Extensions::decode(header.kind, block) {
        Ok(extensions) => extensions.metadata().map(Box::new),
        Err(error) => return (unreadable(&error), None),
    };
    let body = skip(payload, header.extension.into());
    let outcome = match (header.kind, header.argument) {
        (Kind::Reply, _) => Outcome::Reply(body),
        (_, 0) => Outcome::Declared(body),
        (_, code) => status(code, &body),
    };
    (outcome, metadata)
}

/// What stands beside an answer is wrong: a fault of the server's, or something that this side would have to know.
#[cold]
fn unreadable<'a>(error: &ExtensionError) -> Outcome<'a> {
    let code = if let ExtensionError::NotUnderstood { .. } = error { error.code() } else { Code::Internal };
    Outcome::Status { code, ran: true, message: format!("the answer cannot be read: {error}") }
}

/// The payload without the extensions.
fn skip(payload: Cow<'_, [u8]>, extension: usize) -> Cow<'_, [u8]> {
    match payload {
        Cow::Borrowed(bytes) => Cow::Borrowed(bytes.get(extension..).unwrap_or_default()),
        Cow::Owned(mut bytes) => {
            bytes.drain(..extension.min(bytes.len()));
            Cow::Owned(bytes)
        }
    }
}

/// Reads a status; one that cannot be read is a fault of the peer's.
fn status<'a>(number: u32, body: &[u8]) -> Outcome<'a> {
    let (did_not_run, text) = match body.split_first() {
        Some((first @ (0 | 1), text)) if is_text(text) => (*first == 1, text),
        _ => {
            let message = format!("the server failed with status {number}, and the rest cannot be read");
            return Outcome::Status { code: Code::Internal, ran: true, message };
        }
    };
    let code = Code::from_number(number);
    let mut message = get_text(text);
    if code.number() != number {
        message = format!("status {number}: {message}");
    }
    Outcome::Status { code, ran: !did_not_run, message }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_that_does_not_unpack_is_internal() {
        for body in [&b""[..], b"\x01", b"\x02\0\0\0\0", b"\x01\0\0\0\x05abc", b"\x01\0\0\0\x01\xff"] {
            assert!(matches!(status(14, body), Outcome::Status { code: Code::Internal, ran: true, .. }), "{body:?}");
        }
        assert!(matches!(status(14, b"\x01\0\0\0\0"), Outcome::Status { code: Code::Unavailable, ran: false, .. }));
    }
}
