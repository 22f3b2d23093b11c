//! A call that was started and whose answer has not been taken.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::connection::Connection;
use super::request::Request;
use super::slots::Answer;
use super::state::Started;
use super::supply::Supply;
use crate::net::sync::thread;
use crate::pack::{Pack, Unpack, UnpackError, Unpacker};
use crate::status::{CallError, Status};
use crate::wire::Code;

/// A call under way. [`wait`](Self::wait) gives its results, and sends the call again where that is safe and needed;
/// dropping it tells the server that nobody wants them.
///
/// It leaves within a millisecond even if nobody waits for it; calls that are started together leave together.
#[must_use = "a call that is dropped is cancelled"]
pub struct PendingCall<T, E> {
    connection: Arc<Connection>,
    supply: Arc<Supply>,
    call: Started,
    request: Request,
    unpack: fn(&mut Unpacker<'_>) -> Result<T, UnpackError>,
    /// The answer was taken: there is nothing to cancel.
    is_done: bool,
    failure: std::marker::PhantomData<fn() -> E>,
}

impl<T, E> fmt::Debug for PendingCall<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PendingCall")
            .field("method", &self.request.method.path)
            .field("call", &self.call.id)
            .finish_non_exhaustive()
    }
}

impl<T, E> PendingCall<T, E> {
    pub(super) fn new(
        supply: Arc<Supply>,
        connection: Arc<Connection>,
        call: Started,
        request: Request,
        unpack: fn(&mut Unpacker<'_>) -> Result<T, UnpackError>,
    ) -> Self {
        Self { supply, connection, call, request, unpack, is_done: false, failure: std::marker::PhantomData }
    }

    fn status(&self, status: Status) -> Status {
        self.request.failure(status).at_peer(self.connection.peer())
    }

    /// The answer that stands: what can be sent again, and was not answered, is.
    fn finish(&mut self) -> Answer {
        loop {
            let answer = self.connection.finish(self.call, self.request.until);
            match self.request.pause(&answer, self.supply.options()) {
                None => return answer,
                Some(pause) => {
                    if let Err(status) = self.send_again(&answer, pause) {
                        return Answer::Status(status);
                    }
                }
            }
        }
    }

    #[cold]
    fn send_again(&mut self, answer: &Answer, pause: Duration) -> Result<(), Status> {
        thread::sleep(pause);
        let (method, until) = (self.request.method, self.request.until);
        self.request.note(answer);
        let connection = self.supply.connection(until)?;
        let (extension, mut payload) = self.request.pack_again();
        let (connection, call) = self.supply.start(connection, method, extension, &mut payload, until)?;
        (self.connection, self.call) = (connection, call);
        self.request.was_sent();
        Ok(())
    }
}

impl<T, E: CallFailure> PendingCall<T, E> {
    /// Waits for the results.
    ///
    /// # Errors
    ///
    /// When the method failed, the connection broke, or the time was over.
    pub fn wait(mut self) -> Result<T, E> {
        self.is_done = true;
        let answer = self.finish();
        let limits = self.connection.limits().unpack();
        let result = match answer {
            Answer::Reply(body) => {
                let mut input = Unpacker::new(&body, &limits);
                let results = (self.unpack)(&mut input).and_then(|results| input.end().map(|()| results));
                results.map_err(|error| not_readable("the results", &error))
            }
            Answer::Declared(body) => match E::declared(&mut Unpacker::new(&body, &limits)) {
                Ok(error) => return Err(error),
                Err(status) => Err(status),
            },
            Answer::Status(status) | Answer::Lost(status) => Err(status),
        };
        result.map_err(|status| self.status(status).into())
    }
}

impl<T, E> Drop for PendingCall<T, E> {
    fn drop(&mut self) {
        if !self.is_done {
            self.connection.cancel(self.call);
        }
    }
}

fn not_readable(what: &str, error: &UnpackError) -> Status {
    let code = if error.is_memory_limit() { Code::ResourceExhausted } else { Code::Internal };
    Status::new(code, format!("{what} cannot be read: {error}"))
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
