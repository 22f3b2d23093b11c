//! How calls fail: [`Status`] for what any call can meet, [`Fault`] and [`CallError`] for methods that declare an error.

use std::fmt;
use std::io;

use crate::wire::{Code, Metadata};

/// Why a call failed.
///
/// ```
/// use rpcgen_runtime::{Code, Status};
///
/// let status = Status::not_found("no user 7");
/// assert_eq!(status.code(), Code::NotFound);
/// assert_eq!(status.to_string(), "NotFound: no user 7");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status(Box<Inner>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Inner {
    code: Code,
    message: String,
    ran: bool,
    method: Option<&'static str>,
    peer: Option<String>,
    attempts: u32,
    metadata: Metadata,
}

macro_rules! constructors {
    ($($name:ident => $code:ident,)*) => {
        /// One a code.
        impl Status {
            $(
                #[doc = concat!("A status of code [`", stringify!($code), "`](Code::", stringify!($code), ").")]
                pub fn $name(message: impl Into<String>) -> Self {
                    Self::new(Code::$code, message)
                }
            )*
        }
    };
}

constructors! {
    cancelled => Cancelled,
    unknown => Unknown,
    invalid_argument => InvalidArgument,
    deadline_exceeded => DeadlineExceeded,
    not_found => NotFound,
    already_exists => AlreadyExists,
    permission_denied => PermissionDenied,
    resource_exhausted => ResourceExhausted,
    failed_precondition => FailedPrecondition,
    aborted => Aborted,
    out_of_range => OutOfRange,
    unimplemented => Unimplemented,
    internal => Internal,
    unavailable => Unavailable,
    data_loss => DataLoss,
    unauthenticated => Unauthenticated,
    schema_mismatch => SchemaMismatch,
}

impl Status {
    /// A status with a message for people. Until said otherwise the call may have run.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        let (message, metadata) = (message.into(), Metadata::new());
        Self(Box::new(Inner { code, message, ran: true, method: None, peer: None, attempts: 0, metadata }))
    }

    /// Says that the call certainly did not run.
    #[must_use]
    pub fn did_not_run(mut self) -> Self {
        self.0.ran = false;
        self
    }

    /// Says which method failed, as in `demo.calculator.Calculator/add`.
    #[must_use]
    pub(crate) fn of_method(mut self, method: &'static str) -> Self {
        self.0.method = Some(method);
        self
    }

    /// Says which server it was.
    #[must_use]
    pub(crate) fn at_peer(mut self, peer: impl Into<String>) -> Self {
        self.0.peer = Some(peer.into());
        self
    }

    /// Says how often the call was sent.
    #[must_use]
    pub(crate) fn after_attempts(mut self, attempts: u32) -> Self {
        self.0.attempts = attempts;
        self
    }

    /// Says that the call may have run, though what failed last did not.
    #[must_use]
    pub(crate) fn may_yet_have_run(mut self) -> Self {
        self.0.ran = true;
        self
    }

    /// Says what the server said beside it.
    #[must_use]
    pub(crate) fn with_metadata(mut self, metadata: Metadata) -> Self {
        self.0.metadata = metadata;
        self
    }

    /// What kind of failure it is.
    pub fn code(&self) -> Code {
        self.0.code
    }

    /// What happened, for people; programs must not take it apart.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Whether the call may have run. If not, it is safe to make it again.
    pub fn may_have_run(&self) -> bool {
        self.0.ran
    }

    /// The method that was called, as in `demo.calculator.Calculator/add`, where it is known.
    pub fn method(&self) -> Option<&'static str> {
        self.0.method
    }

    /// The address of the server that was called, where it is known.
    pub fn peer(&self) -> Option<&str> {
        self.0.peer.as_deref()
    }

    /// How often the call was sent: 0 if it was never queued for sending, more than 1 if the channel sent it again.
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// What the handler that failed said beside the status: see [`Context::append_reply_metadata`]. At its caller only; a handler
    /// that fails with the status of a call of its own does not hand this on.
    ///
    /// [`Context::append_reply_metadata`]: crate::Context::append_reply_metadata
    pub fn metadata(&self) -> &Metadata {
        &self.0.metadata
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.0.code, self.0.message)?;
        match (self.0.method, &self.0.peer) {
            (Some(method), Some(peer)) => write!(f, " ({method} at {peer})")?,
            (Some(method), None) => write!(f, " ({method})")?,
            (None, Some(peer)) => write!(f, " (at {peer})")?,
            (None, None) => {}
        }
        match self.0.attempts {
            0 | 1 => Ok(()),
            attempts => write!(f, " (after {attempts} attempts)"),
        }
    }
}

impl std::error::Error for Status {}

/// What went wrong in a handler's own input and output, in the nearest code.
impl From<io::Error> for Status {
    fn from(error: io::Error) -> Self {
        let code = match error.kind() {
            io::ErrorKind::NotFound => Code::NotFound,
            io::ErrorKind::PermissionDenied => Code::PermissionDenied,
            io::ErrorKind::AlreadyExists => Code::AlreadyExists,
            io::ErrorKind::InvalidInput => Code::InvalidArgument,
            io::ErrorKind::TimedOut => Code::DeadlineExceeded,
            io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof => Code::DataLoss,
            io::ErrorKind::OutOfMemory | io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                Code::ResourceExhausted
            }
            io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::NotConnected
            | io::ErrorKind::BrokenPipe => Code::Unavailable,
            _ => Code::Unknown,
        };
        Self::new(code, error.to_string())
    }
}

/// How a handler of a method with `throws` fails: with the interface's own error, or with a status.
///
/// `?` turns the declared error, a [`Status`] and an [`io::Error`] into it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault<E> {
    /// The error that the interface declares.
    Declared(E),
    /// Anything else.
    Status(Status),
}

impl<E> From<Status> for Fault<E> {
    fn from(status: Status) -> Self {
        Self::Status(status)
    }
}

impl<E> From<io::Error> for Fault<E> {
    fn from(error: io::Error) -> Self {
        Self::Status(error.into())
    }
}

/// How a call of a method with `throws` fails, as its caller sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallError<E> {
    /// The error that the interface declares.
    Declared(E),
    /// Anything else: the network, a limit, a deadline, a mistake.
    Status(Status),
}

impl<E> CallError<E> {
    /// The status, if it is no declared error.
    pub fn status(&self) -> Option<&Status> {
        match self {
            Self::Declared(_) => None,
            Self::Status(status) => Some(status),
        }
    }

    /// The declared error, if it is one.
    pub fn declared(&self) -> Option<&E> {
        match self {
            Self::Declared(error) => Some(error),
            Self::Status(_) => None,
        }
    }
}

impl<E> From<Status> for CallError<E> {
    fn from(status: Status) -> Self {
        Self::Status(status)
    }
}

impl<E: fmt::Display> fmt::Display for CallError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Declared(error) => error.fmt(f),
            Self::Status(status) => status.fmt(f),
        }
    }
}

impl<E: std::error::Error> std::error::Error for CallError<E> {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_says_what_failed_where() {
        let status = Status::unavailable("connection reset").of_method("demo.A/b").at_peer("tcp://127.0.0.1:1");
        assert_eq!(status.to_string(), "Unavailable: connection reset (demo.A/b at tcp://127.0.0.1:1)");
        assert!(status.may_have_run());
        assert!(!status.did_not_run().may_have_run());
    }

    #[test]
    fn errors_of_the_system_keep_their_meaning() {
        let status = Status::from(io::Error::new(io::ErrorKind::NotFound, "no such file"));
        assert_eq!((status.code(), status.message()), (Code::NotFound, "no such file"));
    }
}
