//! What accepts connections.

use std::io;
use std::net::TcpListener;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::sync::Arc;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::net::{AddressFamily, listen, sockopt::socket_domain};

use super::endpoint::Endpoint;
use super::socket::{Socket, retry};

/// Connections that may wait to be accepted. The standard library asks for 128, and a client beyond that waits a second.
const BACKLOG: i32 = 1024;

/// A bound socket.
#[derive(Debug)]
pub(super) enum Listener {
    Tcp(TcpListener),
    Unix(UnixListener),
}

impl Listener {
    pub(super) fn bind(endpoint: &Endpoint) -> io::Result<Self> {
        let listener = match endpoint {
            Endpoint::Tcp(address) => Self::Tcp(TcpListener::bind(address)?),
            Endpoint::Unix(path) => Self::Unix(UnixListener::bind(path)?),
        };
        listen(&listener, BACKLOG)?;
        listener.never_block()?;
        Ok(listener)
    }

    /// A listener that another process bound.
    pub(super) fn from_fd(fd: OwnedFd) -> io::Result<Self> {
        let listener = match socket_domain(&fd)? {
            AddressFamily::UNIX => Self::Unix(fd.into()),
            _ => Self::Tcp(fd.into()),
        };
        listener.never_block()?;
        Ok(listener)
    }

    /// Several processes may wait for the same connection: who comes late must not be stuck in accept.
    fn never_block(&self) -> io::Result<()> {
        match self {
            Self::Tcp(listener) => listener.set_nonblocking(true),
            Self::Unix(listener) => listener.set_nonblocking(true),
        }
    }

    /// The address it is bound to, with the port that the system chose.
    pub(super) fn endpoint(&self) -> io::Result<Endpoint> {
        match self {
            Self::Tcp(listener) => Ok(Endpoint::Tcp(listener.local_addr()?.to_string())),
            Self::Unix(listener) => {
                let address = listener.local_addr()?;
                Ok(Endpoint::Unix(address.as_pathname().map_or_else(PathBuf::new, Into::into)))
            }
        }
    }

    /// Waits until there may be a connection; false if `stop` has something to say first.
    pub(super) fn wait(&self, stop: &UnixStream) -> io::Result<bool> {
        let mut fds = [PollFd::new(self, PollFlags::IN), PollFd::from_borrowed_fd(stop.as_fd(), PollFlags::IN)];
        retry(|| Ok(poll(&mut fds, None)?))?;
        Ok(fds[1].revents().is_empty())
    }

    /// Takes a connection, with the name of its peer; `None` if another process was faster.
    pub(super) fn accept(&self) -> io::Result<Option<(Socket, Arc<str>)>> {
        let accepted = match self {
            Self::Tcp(listener) => listener.accept().and_then(|(stream, peer)| {
                stream.set_nonblocking(false)?;
                Ok((Socket::tcp(stream)?, peer.to_string().into()))
            }),
            Self::Unix(listener) => listener.accept().and_then(|(stream, _)| {
                stream.set_nonblocking(false)?;
                Ok((Socket::Unix(stream), "unix".into()))
            }),
        };
        match accepted {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(None),
            accepted => accepted.map(Some),
        }
    }
}

impl AsFd for Listener {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            Self::Tcp(listener) => listener.as_fd(),
            Self::Unix(listener) => listener.as_fd(),
        }
    }
}
