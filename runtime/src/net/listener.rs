//! What accepts connections.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::{UnixListener, UnixStream};
use std::sync::Arc;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::net::{AddressFamily, listen, sockopt::socket_domain};

use super::endpoint::Endpoint;
use super::socket::{Socket, retry};
use super::unix::{self, SocketFile};
use crate::context::Peer;

/// Connections that may wait to be accepted. The standard library asks for 128, and a client beyond that waits a second.
pub(super) const BACKLOG: i32 = 1024;

/// A bound socket.
#[derive(Debug)]
pub(super) enum Listener {
    Tcp(TcpListener),
    /// The file is dropped first: whether it is still the socket's own is only sure while the socket lives.
    Unix {
        /// None in an abstract socket, and where another process bound it.
        #[cfg_attr(not(feature = "tokio"), expect(dead_code, reason = "it is there to be dropped"))]
        file: Option<SocketFile>,
        listener: UnixListener,
    },
}

impl Listener {
    pub(super) fn bind(endpoint: &Endpoint) -> io::Result<Self> {
        let listener = match endpoint {
            Endpoint::Tcp(address) => {
                let listener = TcpListener::bind(address)?;
                listen(&listener, BACKLOG)?;
                Self::Tcp(listener)
            }
            Endpoint::Unix { path, mode } => {
                let (file, listener) = unix::bind(path, *mode, BACKLOG)?;
                Self::Unix { file: Some(file), listener }
            }
            Endpoint::Abstract(name) => Self::Unix { file: None, listener: unix::bind_abstract(name, BACKLOG)? },
        };
        listener.never_block()?;
        Ok(listener)
    }

    /// A listener that another process bound.
    pub(super) fn from_fd(fd: OwnedFd) -> io::Result<Self> {
        let listener = match socket_domain(&fd)? {
            AddressFamily::UNIX => Self::Unix { file: None, listener: fd.into() },
            _ => Self::Tcp(fd.into()),
        };
        listener.never_block()?;
        Ok(listener)
    }

    /// Several processes may wait for the same connection: who comes late must not be stuck in accept.
    fn never_block(&self) -> io::Result<()> {
        match self {
            Self::Tcp(listener) => listener.set_nonblocking(true),
            Self::Unix { listener, .. } => listener.set_nonblocking(true),
        }
    }

    /// The address it is bound to, with the port that the system chose.
    pub(super) fn endpoint(&self) -> io::Result<Endpoint> {
        match self {
            Self::Tcp(listener) => Ok(Endpoint::Tcp(listener.local_addr()?.to_string())),
            Self::Unix { listener, .. } => Ok(unix::endpoint(&listener.local_addr()?)),
        }
    }

    /// Waits until there may be a connection; false if `stop` has something to say first.
    pub(super) fn wait(&self, stop: &UnixStream) -> io::Result<bool> {
        let mut fds = [PollFd::new(self, PollFlags::IN), PollFd::from_borrowed_fd(stop.as_fd(), PollFlags::IN)];
        retry(|| Ok(poll(&mut fds, None)?))?;
        Ok(fds[1].revents().is_empty())
    }

    /// Takes a connection, and says who is its peer; `None` if another process was faster.
    pub(super) fn accept(&self) -> io::Result<Option<(Socket, Arc<Peer>)>> {
        let accepted = match self {
            Self::Tcp(listener) => listener.accept().and_then(|(stream, peer)| {
                stream.set_nonblocking(false)?;
                Ok((Socket::tcp(stream)?, tcp_peer(peer)))
            }),
            Self::Unix { listener, .. } => listener.accept().and_then(|(stream, _)| {
                stream.set_nonblocking(false)?;
                let peer = unix_peer(&stream);
                Ok((Socket::Unix(stream), peer))
            }),
        };
        match accepted {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(None),
            accepted => accepted.map(Some),
        }
    }
}

/// Who is at the other end of a TCP stream.
pub(super) fn tcp_peer(address: SocketAddr) -> Arc<Peer> {
    Arc::new(Peer::named(address.to_string()))
}

/// Who is at the other end of a Unix socket.
pub(super) fn unix_peer(stream: impl AsFd) -> Arc<Peer> {
    Arc::new(Peer { credentials: unix::credentials(stream), ..Peer::named("unix") })
}

/// Whether an error of accept is about the connection and not about the listener.
pub(super) fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionReset)
}

impl AsFd for Listener {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            Self::Tcp(listener) => listener.as_fd(),
            Self::Unix { listener, .. } => listener.as_fd(),
        }
    }
}
