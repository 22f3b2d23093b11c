//! One connection's bytes, whatever carries them: blocking to receive, never blocking to send.

use std::io::{self, IoSlice, Read as _};
use std::net::{Shutdown, TcpStream, ToSocketAddrs as _};
use std::os::fd::{AsFd as _, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::net::{RecvFlags, SendAncillaryBuffer, SendFlags, recv, send, sendmsg};

use super::endpoint::Endpoint;
use super::memory::Pipe;
use super::sender::Outlet;
use super::unix;

/// How long a peer may take to read what it was sent last.
pub(super) const LINGER: Duration = Duration::from_secs(1);

/// A connected byte stream.
#[derive(Debug)]
pub(super) enum Socket {
    Tcp(TcpStream),
    Unix(UnixStream),
    Memory(Pipe),
}

/// What to wait for, and what came true.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Readiness {
    /// There are bytes, or the end of them.
    pub(super) read: bool,
    /// There is room for bytes.
    pub(super) write: bool,
}

impl Readiness {
    pub(super) const READ: Self = Self { read: true, write: false };
    pub(super) const WRITE: Self = Self { read: false, write: true };
}

impl Socket {
    /// Connects to a server, and gives up when each address of its name has been tried for `patience`: on a Unix
    /// socket, when there was no room among the connections that wait to be accepted.
    pub(super) fn connect(endpoint: &Endpoint, patience: Duration) -> io::Result<Self> {
        match endpoint {
            Endpoint::Tcp(address) => connect(address, patience).and_then(Self::tcp),
            Endpoint::Unix { path, .. } => unix::connect(&unix::address(path)?, patience).map(Self::Unix),
            Endpoint::Abstract(name) => unix::connect(&unix::abstract_address(name)?, patience).map(Self::Unix),
        }
    }

    /// A TCP stream whose small messages leave at once.
    pub(super) fn tcp(stream: TcpStream) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        Ok(Self::Tcp(stream))
    }

    /// Receives what there is, and waits until there is something; 0 is the end.
    pub(super) fn receive(&self, into: &mut [u8]) -> io::Result<usize> {
        retry(|| match self {
            Self::Tcp(stream) => (&*stream).read(into),
            Self::Unix(stream) => (&*stream).read(into),
            Self::Memory(pipe) => pipe.receive(into),
        })
    }

    /// Receives what there is now; `None` if there is nothing.
    pub(super) fn receive_now(&self, into: &mut [u8]) -> io::Result<Option<usize>> {
        let received = retry(|| match self {
            Self::Tcp(stream) => Ok(recv(stream, &mut *into, RecvFlags::DONTWAIT)?.0),
            Self::Unix(stream) => Ok(recv(stream, &mut *into, RecvFlags::DONTWAIT)?.0),
            Self::Memory(_) => Err(io::ErrorKind::WouldBlock.into()),
        });
        match received {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(None),
            received => received.map(Some),
        }
    }

    /// Waits for one of the things wanted; nothing is true when the time has come first.
    pub(super) fn wait(&self, wanted: Readiness, until: Option<Instant>) -> io::Result<Readiness> {
        match self {
            Self::Tcp(stream) => wait(stream.as_fd(), wanted, until),
            Self::Unix(stream) => wait(stream.as_fd(), wanted, until),
            Self::Memory(pipe) => Ok(pipe.wait(wanted, until)),
        }
    }

    /// Whether the peer is known to have gone, so that nothing more can be sent to it.
    pub(super) fn has_gone(&self) -> bool {
        match self {
            Self::Tcp(stream) => has_gone(stream.as_fd()),
            Self::Unix(stream) => has_gone(stream.as_fd()),
            Self::Memory(_) => false,
        }
    }

    /// Ends the sending, then reads on and drops what comes, for at most a second, until the peer has closed too: else its
    /// system might throw away what it has not read yet.
    pub(super) fn linger(&self) {
        self.shutdown(Shutdown::Write);
        let until = Instant::now() + LINGER;
        let mut dropped = [0; 4096];
        while Instant::now() < until
            && self.wait(Readiness::READ, Some(until)).is_ok_and(|ready| ready.read)
            && self.receive(&mut dropped).is_ok_and(|count| count > 0)
        {}
    }

    /// Ends one direction or both; wakes whoever waits for it. That it has ended already is no error.
    pub(super) fn shutdown(&self, how: Shutdown) {
        let done = match self {
            Self::Tcp(stream) => stream.shutdown(how),
            Self::Unix(stream) => stream.shutdown(how),
            Self::Memory(pipe) => {
                pipe.shutdown(how);
                Ok(())
            }
        };
        if let Err(error) = done {
            log::trace!("shutdown: {error}");
        }
    }
}

impl Outlet for Socket {
    fn send(&self, bytes: [&[u8]; 2]) -> io::Result<usize> {
        match self {
            Self::Tcp(stream) => send_now(stream.as_fd(), bytes),
            Self::Unix(stream) => send_now(stream.as_fd(), bytes),
            Self::Memory(pipe) => pipe.send(bytes.into_iter().find(|bytes| !bytes.is_empty()).unwrap_or_default()),
        }
    }
}

/// Sends what fits now, of two pieces one after the other; `WouldBlock` if nothing does.
pub(super) fn send_now(socket: BorrowedFd<'_>, bytes: [&[u8]; 2]) -> io::Result<usize> {
    let flags = SendFlags::DONTWAIT | SendFlags::NOSIGNAL;
    match bytes {
        // The system takes a little longer for several.
        [bytes, []] | [[], bytes] => retry(|| Ok(send(socket, bytes, flags)?)),
        _ => retry(|| Ok(sendmsg(socket, &bytes.map(IoSlice::new), &mut SendAncillaryBuffer::default(), flags)?)),
    }
}

/// Whether the peer is known to have gone.
pub(super) fn has_gone(socket: BorrowedFd<'_>) -> bool {
    let mut fds = [PollFd::from_borrowed_fd(socket, PollFlags::empty())];
    let polled = retry(|| Ok(poll(&mut fds, Some(&Timespec::default()))?));
    polled.is_ok() && fds[0].revents().intersects(PollFlags::ERR | PollFlags::HUP)
}

/// The first address of a name that answers, or why the last one did not.
fn connect(address: &str, patience: Duration) -> io::Result<TcpStream> {
    let mut failure = no_address();
    for address in address.to_socket_addrs()? {
        match TcpStream::connect_timeout(&address, patience) {
            Ok(stream) => return Ok(stream),
            Err(error) => failure = error,
        }
    }
    Err(failure)
}

/// How connecting to a name fails that has none.
pub(super) fn no_address() -> io::Error {
    io::Error::new(io::ErrorKind::NotFound, "the name has no address")
}

fn wait(socket: BorrowedFd<'_>, wanted: Readiness, until: Option<Instant>) -> io::Result<Readiness> {
    let mut events = PollFlags::empty();
    events.set(PollFlags::IN, wanted.read);
    events.set(PollFlags::OUT, wanted.write);
    let mut fds = [PollFd::from_borrowed_fd(socket, events)];
    retry(|| {
        let left = until.map(|until| until.saturating_duration_since(Instant::now()));
        let left = left.and_then(|left| Timespec::try_from(left).ok());
        Ok(poll(&mut fds, left.as_ref())?)
    })?;
    let came = fds[0].revents();
    let failed = came.intersects(PollFlags::ERR | PollFlags::HUP | PollFlags::NVAL);
    Ok(Readiness {
        read: wanted.read && (failed || came.contains(PollFlags::IN)),
        write: wanted.write && (failed || came.contains(PollFlags::OUT)),
    })
}

/// Goes on after a signal.
pub(super) fn retry<T>(mut run: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    loop {
        match run() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}
