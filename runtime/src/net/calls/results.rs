//! What the answer to a call says, to those who made it.

use super::answer::{Answer, Body};
use super::request::Request;
use crate::buffers::give;
use crate::failure::{CallFailure, not_readable};
use crate::pack::{UnpackError, Unpacker};
use crate::proto::Limits;
use crate::status::Status;
use crate::wire::Metadata;

/// Reads the answer to a call, once.
pub(in crate::net) struct Reader<'a, F> {
    pub(in crate::net) request: &'a Request,
    pub(in crate::net) peer: &'a str,
    pub(in crate::net) limits: &'a Limits,
    /// Reads the results.
    pub(in crate::net) unpack: F,
}

impl<T, F: FnOnce(&mut Unpacker<'_>) -> Result<T, UnpackError>> Reader<'_, F> {
    pub(in crate::net) fn result<E: CallFailure>(self, answer: Answer) -> Result<T, E> {
        match answer {
            Answer::Reply(body, _) => self.results(body),
            Answer::Declared(body, _) => Err(self.declared(&body)),
            Answer::Status(status) | Answer::Lost(status) => Err(self.status(status).into()),
            Answer::End => Err(self.status(not_a_stream()).into()),
        }
    }

    /// The same, and what the handler said beside it.
    pub(in crate::net) fn result_with_metadata<E: CallFailure>(self, answer: Answer) -> (Result<T, E>, Metadata) {
        let (result, metadata) = match answer {
            Answer::Reply(body, metadata) => (self.results(body), metadata),
            Answer::Declared(body, metadata) => (Err(self.declared(&body)), metadata),
            Answer::Status(status) | Answer::Lost(status) => {
                let metadata = status.metadata().clone();
                (Err(self.status(status).into()), Some(Box::new(metadata)))
            }
            Answer::End => (Err(self.status(not_a_stream()).into()), None),
        };
        (result, metadata.map_or_else(Metadata::new, |metadata| *metadata))
    }

    fn status(&self, status: Status) -> Status {
        self.request.failure(status).at_peer(self.peer)
    }

    fn results<E: CallFailure>(self, body: Body) -> Result<T, E> {
        let Self { request, peer, limits, unpack } = self;
        let mut input = Unpacker::new(&body, &limits.unpack());
        let results = unpack(&mut input).and_then(|results| input.end().map(|()| results));
        if body.spilled() {
            give(body.into_vec());
        }
        results.map_err(|error| request.failure(not_readable("the results", &error)).at_peer(peer).into())
    }

    fn declared<E: CallFailure>(&self, body: &[u8]) -> E {
        let read = E::declared(&mut Unpacker::new(body, &self.limits.unpack()));
        read.unwrap_or_else(|status| self.status(status).into())
    }
}

fn not_a_stream() -> Status {
    Status::internal("the server answered as if the result were a stream")
}
