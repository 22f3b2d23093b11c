//! What calls fail with, as their callers see it: a status, or an error that the interface declares.

use crate::pack::{Pack, Unpack, UnpackError, Unpacker};
use crate::status::{CallError, Status};
use crate::wire::Code;

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

/// What came cannot be read: the peer is at fault, or what it sent needs more memory than it may.
pub(crate) fn not_readable(what: &str, error: &UnpackError) -> Status {
    let code = if error.is_memory_limit() { Code::ResourceExhausted } else { Code::Internal };
    Status::new(code, format!("{what} cannot be read: {error}"))
}

fn unknown_error(ordinal: u16) -> Status {
    Status::unknown(format!("the method failed with declared error @{ordinal}, which this client does not know"))
}
