//! What a handler knows of the call it answers.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// What a handler knows of its call besides the arguments.
#[derive(Debug, Clone)]
pub struct Context {
    method: &'static str,
    peer: Arc<Peer>,
    deadline: Option<Instant>,
}

impl Context {
    pub(crate) fn new(method: &'static str, peer: Arc<Peer>, deadline: Option<Instant>) -> Self {
        Self { method, peer, deadline }
    }

    /// The method, as in `demo.calculator.Calculator/add`.
    pub fn method(&self) -> &'static str {
        self.method
    }

    /// Who calls: a socket address, a path, or what the transport has to say.
    pub fn peer(&self) -> &str {
        &self.peer.name
    }

    /// Which process calls, and as whom: on a Unix socket, and where the system says so (Linux does). `None` elsewhere,
    /// over TCP and in the process, so a handler that lets in whom it knows must refuse `None`.
    ///
    /// ```
    /// use rpcgen_runtime::{Context, Status};
    ///
    /// /// Refuses everybody but one user.
    /// fn only(uid: u32, context: &Context) -> Result<(), Status> {
    ///     match context.peer_credentials() {
    ///         Some(peer) if peer.uid == uid => Ok(()),
    ///         Some(peer) => Err(Status::permission_denied(format!("user {} may not do this", peer.uid))),
    ///         None => Err(Status::permission_denied("only callers on this machine's Unix socket may do this")),
    ///     }
    /// }
    /// ```
    pub fn peer_credentials(&self) -> Option<Credentials> {
        self.peer.credentials
    }

    /// When the caller stops waiting, if it said so.
    pub fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    /// How long the caller still waits, if it said so; zero when that is over.
    pub fn time_left(&self) -> Option<Duration> {
        self.deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()))
    }
}

/// Who is at the other end of a Unix socket, as the system knows it: no caller can pretend to be another.
///
/// They are those of the moment in which it connected. Who was given the connection since, as a child process may be, has
/// the same ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Credentials {
    /// The effective user. One that this process's user namespace does not have is shown as the system's overflow user,
    /// 65534 by default.
    pub uid: u32,
    /// The effective group. The others that the user is in are not known.
    pub gid: u32,
    /// The process; `None` for one that this process's PID namespace does not have. For logs: the process may have ended and its
    /// number may be another's by now, so decide nothing by it.
    pub pid: Option<u32>,
}

impl Credentials {
    /// Puts them together.
    pub(crate) fn new(uid: u32, gid: u32, pid: Option<u32>) -> Self {
        Self { uid, gid, pid }
    }
}

/// Who is at the other end of a connection. Its calls share it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Peer {
    pub(crate) name: Box<str>,
    pub(crate) credentials: Option<Credentials>,
}

impl Peer {
    /// One of which only a name is known.
    pub(crate) fn named(name: impl Into<Box<str>>) -> Self {
        Self { name: name.into(), credentials: None }
    }
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}
