//! What the answer to a call says, to those who made it.

use super::answer::Answer;
use super::request::Request;
use crate::pack::{Pack, Unpack, UnpackError, Unpacker};
use crate::proto::Limits;
use crate::status::{CallError, Status};
use crate::wire::{Code, Metadata};

/// Reads the answer to a call.
pub(in crate::net) struct Reader<'a, T> {
    pub(in crate::net) request: &'a Request,
    pub(in crate::net) peer: &'a str,
    pub(in crate::net) limits: &'a Limits,
    pub(in crate::net) unpack: fn(&mut Unpacker<'_>) -> Result<T, UnpackError>,
}

impl<T> Reader<'_, T> {
    pub(in crate::net) fn result<E: CallFailure>(&self, answer: Answer) -> Result<T, E> {
        match answer {
            Answer::Reply(body, _) => self.results(&body),
            Answer::Declared(body, _) => Err(self.declared(&body)),
            Answer::Status(status) | Answer::Lost(status) => Err(self.status(status).into()),
        }
    }

    /// The same, and what the handler said beside it.
    pub(in crate::net) fn result_with_metadata<E: CallFailure>(&self, answer: Answer) -> (Result<T, E>, Metadata) {
        let (result, metadata) = match answer {
            Answer::Reply(body, metadata) => (self.results(&body), metadata),
            Answer::Declared(body, metadata) => (Err(self.declared(&body)), metadata),
            Answer::Status(status) | Answer::Lost(status) => {
                let metadata = status.metadata().clone();
                (Err(self.status(status).into()), Some(Box::new(metadata)))
            }
        };
        (result, metadata.map_or_else(Metadata::new, |metadata| *metadata))
    }

    fn status(&self, status: Status) -> Status {
        self.request.failure(status).at_peer(self.peer)
    }

    fn results<E: CallFailure>(&self, body: &[u8]) -> Result<T, E> {
        let mut input = Unpacker::new(body, &self.limits.unpack());
        let results = (self.unpack)(&mut input).and_then(|results| input.end().map(|()| results));
        results.map_err(|error| self.status(not_readable("the results", &error)).into())
    }

    fn declared<E: CallFailure>(&self, body: &[u8]) -> E {
        let read = E::declared(&mut Unpacker::new(body, &self.limits.unpack()));
        read.unwrap_or_else(|status| self.status(status).into())
    }
}

/// An error that an interface declares.
pub trait DeclaredError: Pack + for<'a> Unpack<'a> {
    /// The ordinal, if this version of the interface does not know the error.
    fn unknown_ordinal(&self) -> Option<u16>;
}

/// What a call can fail with: [`Status`], or [`CallError`] where the method declares an error.
pub trait CallFailure: From<Status> {
    /// Reads a declared error.
    ///
    /// # Errors
    ///
    /// When none is declared here, or the one that came is not known, or cannot be read.
    fn declared(input: &mut Unpacker<'_>) -> Result<Self, Status>;
}

impl CallFailure for Status {
    fn declared(input: &mut Unpacker<'_>) -> Result<Self, Status> {
        match input.fixed::<u16>() {
            Ok(ordinal) => Err(unknown_error(ordinal)),
            Err(error) => Err(not_readable("the declared error", &error)),
        }
    }
}

impl<E: DeclaredError> CallFailure for CallError<E> {
    fn declared(input: &mut Unpacker<'_>) -> Result<Self, Status> {
        let read = input.value::<E>().and_then(|error| input.end().map(|()| error));
        let error = read.map_err(|error| not_readable("the declared error", &error))?;
        match error.unknown_ordinal() {
            Some(ordinal) => Err(unknown_error(ordinal)),
            None => Ok(Self::Declared(error)),
        }
    }
}

fn unknown_error(ordinal: u16) -> Status {
    Status::unknown(format!("the method failed with declared error @{ordinal}, which this client does not know"))
}

fn not_readable(what: &str, error: &UnpackError) -> Status {
    let code = if error.is_memory_limit() { Code::ResourceExhausted } else { Code::Internal };
    Status::new(code, format!("{what} cannot be read: {error}"))
}
