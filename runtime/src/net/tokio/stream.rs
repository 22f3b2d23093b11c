//! A connected socket that tokio watches.

use std::io;
use std::os::fd::{AsFd as _, BorrowedFd};
use std::task::{Context, Poll};

use rustix::net::{RecvFlags, Shutdown, recv, shutdown};
use tokio::io::Interest;
use tokio::net::{TcpStream, UnixStream};

use crate::net::sender::Outlet;
use crate::net::socket::{Socket, has_gone, retry, send_now};

/// A connected byte stream. Bytes can be sent from any thread, also outside of the runtime.
#[derive(Debug)]
pub(super) enum Stream {
    Tcp(TcpStream),
    Unix(UnixStream),
}

impl Stream {
    /// A TCP stream whose small messages leave at once.
    pub(super) fn tcp(stream: TcpStream) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        Ok(Self::Tcp(stream))
    }

    /// Watches a socket, in the runtime that runs this.
    pub(super) fn watch(socket: Socket) -> io::Result<Self> {
        match socket {
            Socket::Tcp(stream) => {
                stream.set_nonblocking(true)?;
                TcpStream::from_std(stream).map(Self::Tcp)
            }
            Socket::Unix(stream) => {
                stream.set_nonblocking(true)?;
                UnixStream::from_std(stream).map(Self::Unix)
            }
            Socket::Memory(_) => Err(io::ErrorKind::Unsupported.into()),
        }
    }

    /// Wakes a task when there are bytes, or the end of them.
    pub(super) fn poll_readable(&self, task: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self {
            Self::Tcp(stream) => stream.poll_read_ready(task),
            Self::Unix(stream) => stream.poll_read_ready(task),
        }
    }

    /// Wakes a task when there is room for bytes.
    pub(super) fn poll_writable(&self, task: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self {
            Self::Tcp(stream) => stream.poll_write_ready(task),
            Self::Unix(stream) => stream.poll_write_ready(task),
        }
    }

    /// Tries what `WouldBlock` says is to be tried again when the socket is ready.
    fn try_now<T>(&self, what: Interest, run: impl FnOnce(BorrowedFd<'_>) -> io::Result<T>) -> io::Result<T> {
        match self {
            Self::Tcp(stream) => stream.try_io(what, || run(stream.as_fd())),
            Self::Unix(stream) => stream.try_io(what, || run(stream.as_fd())),
        }
    }

    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            Self::Tcp(stream) => stream.as_fd(),
            Self::Unix(stream) => stream.as_fd(),
        }
    }

    /// Receives what there is now: `WouldBlock` if there is nothing, 0 is the end.
    pub(super) fn receive(&self, into: &mut [u8]) -> io::Result<usize> {
        let (room, mut came) = (into.len(), None);
        let received = self.try_now(Interest::READABLE, |socket| {
            let count = retry(|| Ok(recv(socket, &mut *into, RecvFlags::DONTWAIT)?.0))?;
            came = Some(count);
            // Less than there was room for is all that there was: tokio need not try again to know it.
            if (1..room).contains(&count) { Err(io::ErrorKind::WouldBlock.into()) } else { Ok(count) }
        });
        came.map_or(received, Ok)
    }

    /// Whether the peer is known to have gone, so that nothing more can be sent to it.
    pub(super) fn has_gone(&self) -> bool {
        has_gone(self.as_fd())
    }

    /// Ends one direction or both. That it has ended already is no error.
    pub(super) fn shutdown(&self, how: Shutdown) {
        if let Err(error) = shutdown(self.as_fd(), how) {
            log::trace!("shutdown: {error}");
        }
    }
}

impl Outlet for Stream {
    fn send(&self, bytes: [&[u8]; 2]) -> io::Result<usize> {
        self.try_now(Interest::WRITABLE, |socket| send_now(socket, bytes))
    }
}
