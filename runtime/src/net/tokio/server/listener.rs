//! A listening socket that tokio watches.

use std::io;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use tokio::net::{TcpListener, UnixListener};

use crate::context::Peer;
use crate::net::listener::{Listener, tcp_peer, unix_peer};
use crate::net::tokio::stream::Stream;
use crate::net::unix::SocketFile;

/// A listening socket, as [`Listener`].
#[derive(Debug)]
pub(super) enum AsyncListener {
    Tcp(TcpListener),
    Unix { file: Option<SocketFile>, listener: UnixListener },
}

impl AsyncListener {
    /// Watches a socket, in the runtime that runs this.
    pub(super) fn watch(listener: Listener) -> io::Result<Self> {
        Ok(match listener {
            Listener::Tcp(listener) => Self::Tcp(TcpListener::from_std(listener)?),
            Listener::Unix { file, listener } => Self::Unix { file, listener: UnixListener::from_std(listener)? },
        })
    }

    /// Leaves it to who takes what waits without being told.
    pub(super) fn into_std(self) -> io::Result<Listener> {
        Ok(match self {
            Self::Tcp(listener) => Listener::Tcp(listener.into_std()?),
            Self::Unix { file, listener } => Listener::Unix { file, listener: listener.into_std()? },
        })
    }

    /// Takes a connection, and says who is its peer; wakes a task when there is one.
    pub(super) fn poll_accept(&self, task: &mut Context<'_>) -> Poll<io::Result<(Stream, Arc<Peer>)>> {
        Poll::Ready(match self {
            Self::Tcp(listener) => {
                let (stream, address) = ready!(listener.poll_accept(task))?;
                Stream::tcp(stream).map(|stream| (stream, tcp_peer(address)))
            }
            Self::Unix { listener, .. } => {
                let (stream, _) = ready!(listener.poll_accept(task))?;
                let peer = unix_peer(&stream);
                Ok((Stream::Unix(stream), peer))
            }
        })
    }
}
