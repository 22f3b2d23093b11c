//! A call that was started and whose answer has not been taken.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::connection::Connection;
use super::supply::Supply;
use crate::failure::CallFailure;
use crate::net::calls::{Answer, Reader, Request, Started, Usable as _};
use crate::net::sync::thread;
use crate::pack::{UnpackError, Unpacker};
use crate::status::Status;
use crate::wire::Metadata;

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
        let answer = self.answer();
        self.reader(self.unpack).result(answer)
    }

    /// The same with results that `read` reads in place of what the call was started with.
    pub(super) fn wait_in_place<R>(
        mut self,
        read: impl FnOnce(&mut Unpacker<'_>) -> Result<R, UnpackError>,
    ) -> Result<R, E> {
        let answer = self.answer();
        self.reader(read).result(answer)
    }

    /// Waits for the results, and gives what the handler said beside them, or beside its failure:
    /// see [`Context::append_reply_metadata`](crate::Context::append_reply_metadata). Empty if it said nothing.
    pub fn wait_with_metadata(mut self) -> (Result<T, E>, Metadata) {
        let answer = self.answer();
        self.reader(self.unpack).result_with_metadata(answer)
    }

    fn answer(&mut self) -> Answer {
        self.is_done = true;
        self.finish()
    }

    fn reader<F>(&self, unpack: F) -> Reader<'_, F> {
        let (request, connection) = (&self.request, &self.connection);
        Reader { request, peer: connection.peer(), limits: connection.limits(), unpack }
    }
}

impl<T, E> Drop for PendingCall<T, E> {
    fn drop(&mut self) {
        if !self.is_done {
            self.connection.cancel(self.call);
        }
    }
}
