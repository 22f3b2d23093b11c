//! How calls end.

use std::borrow::Cow;

use smallvec::SmallVec;

use crate::proto::{Ended, Outcome};
use crate::status::Status;
use crate::wire::Metadata;

/// Bytes of an answer that is kept without an allocation.
pub(in crate::net) const SMALL: usize = 64;

/// What was packed into an answer.
pub(in crate::net) type Body = SmallVec<[u8; SMALL]>;

/// How a call ended, kept until its caller comes for it.
#[derive(Debug)]
pub(in crate::net) enum Answer {
    /// Packed results, and what was said beside them.
    Reply(Body, Option<Box<Metadata>>),
    /// A packed declared error, and what was said beside it.
    Declared(Body, Option<Box<Metadata>>),
    /// The stream of results is complete.
    End,
    /// What else the server says, or that the time is over.
    Status(Status),
    /// No answer: the connection ended, or takes the call no more.
    Lost(Status),
}

impl<T> From<Ended<'_, T>> for Answer {
    fn from(ended: Ended<'_, T>) -> Self {
        let metadata = ended.metadata;
        match ended.outcome {
            Outcome::Reply(packed) => Self::Reply(body(packed), metadata),
            Outcome::Declared(packed) => Self::Declared(body(packed), metadata),
            Outcome::End => Self::End,
            Outcome::Status { code, ran, message } => {
                let status =
                    Status::new(code, message).with_metadata(metadata.map_or_else(Metadata::new, |said| *said));
                Self::Status(if ran { status } else { status.did_not_run() })
            }
        }
    }
}

fn body(packed: Cow<'_, [u8]>) -> Body {
    match packed {
        Cow::Borrowed(bytes) => Body::from_slice(bytes),
        Cow::Owned(bytes) => Body::from_vec(bytes),
    }
}
