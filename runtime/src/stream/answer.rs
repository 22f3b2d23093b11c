//! The answer to a call that sends a stream and receives none.

use std::fmt;
use std::sync::Arc;
use std::task::Waker;

use super::carrier::{Arrived, Carrier};
use super::incoming::Failing;
use crate::failure::CallFailure;
use crate::pack::{UnpackError, Unpacker};
use crate::proto::Half;
use crate::status::Status;
use crate::wire::Metadata;

/// Reads results.
pub(crate) type UnpackResults<R> = fn(&mut Unpacker<'_>) -> Result<R, UnpackError>;

/// The answer, once it has come.
pub(super) struct Answered<R> {
    carrier: Arc<dyn Carrier>,
    unpack: UnpackResults<R>,
    answer: Option<Arrived>,
    /// The answer was given out.
    is_over: bool,
}

impl<R> fmt::Debug for Answered<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Answered").field(&self.answer).finish()
    }
}

impl<R> Answered<R> {
    pub(super) fn new(carrier: Arc<dyn Carrier>, unpack: UnpackResults<R>) -> Self {
        Self { carrier, unpack, answer: None, is_over: false }
    }

    pub(super) fn has_come(&self) -> bool {
        self.answer.is_some() || self.is_over
    }

    /// Looks for the answer; `None` while it has not come.
    pub(super) fn ask(&mut self, waker: &Waker) -> Option<()> {
        if !self.has_come() {
            self.answer = Some(self.carrier.take(0, waker)?);
        }
        Some(())
    }

    /// The failure that came early; results stay for later.
    pub(super) fn failure<E: CallFailure>(&mut self) -> Result<(), E> {
        match self.answer.take() {
            answer @ Some(Arrived::Reply(..)) => {
                self.answer = answer;
                Ok(())
            }
            _ if self.is_over => Ok(()),
            answer => Err(self.fail(answer)),
        }
    }

    /// What the call has come to.
    pub(super) fn results<E: CallFailure>(&mut self) -> (Result<R, E>, Metadata) {
        match self.answer.take() {
            Some(Arrived::Reply(packed, said)) => {
                self.is_over = true;
                (self.unpack(&packed).map_err(E::from), said.map_or_else(Metadata::new, |said| *said))
            }
            Some(Arrived::Failed(status)) => {
                self.is_over = true;
                let said = status.metadata().clone();
                (Err(status.into()), said)
            }
            answer => (Err(self.fail(answer)), Metadata::new()),
        }
    }

    fn unpack(&self, packed: &[u8]) -> Result<R, Status> {
        let mut input = Unpacker::new(packed, &self.carrier.unpack_limits());
        let results = (self.unpack)(&mut input).and_then(|results| input.end().map(|()| results));
        results.map_err(|error| self.carrier.refuse(&error))
    }

    fn fail<E: CallFailure>(&mut self, answer: Option<Arrived>) -> E {
        let is_first = !std::mem::replace(&mut self.is_over, true);
        let failing = match answer {
            Some(Arrived::Failed(status)) => Failing::Status(status),
            Some(Arrived::Declared(packed)) => Failing::Declared(packed),
            Some(_) if is_first => {
                Failing::Status(Status::internal("the server answered as if its result were a stream"))
            }
            _ => Failing::Status(Status::failed_precondition("the call has failed, and said so")),
        };
        failing.into_failure(&*self.carrier)
    }
}

impl<R> Drop for Answered<R> {
    fn drop(&mut self) {
        if !self.has_come() {
            self.carrier.leave(Half::Outgoing);
        }
    }
}
