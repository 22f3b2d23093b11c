//! Unix sockets: their addresses and peers, and what the standard library lacks of connecting and binding.

mod file;

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::{SocketAddr, UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::io::Errno;
use rustix::net::sockopt::{Timeout, set_socket_timeout};
use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType, bind as bind_to, listen, socket_with};

use super::endpoint::Endpoint;
use super::socket::retry;
use crate::context::Credentials;
pub(super) use file::{SocketFile, bind};

/// Longer than anybody waits, and short enough for the system's timer.
const LONGEST: Duration = Duration::from_secs(1 << 30);

/// The address of a file.
pub(super) fn address(path: &Path) -> io::Result<SocketAddrUnix> {
    SocketAddrUnix::new(path).map_err(|error| match error {
        Errno::NAMETOOLONG => too_long("path", path.as_os_str().len()),
        error => error.into(),
    })
}

/// The address of a name that is no file.
#[cfg(target_os = "linux")]
pub(super) fn abstract_address(name: &str) -> io::Result<SocketAddrUnix> {
    SocketAddrUnix::new_abstract_name(name.as_bytes()).map_err(|error| match error {
        Errno::NAMETOOLONG => too_long("name", name.len()),
        error => error.into(),
    })
}

/// No such endpoint can be read where there are no abstract sockets, but one can be put together.
#[cfg(not(target_os = "linux"))]
pub(super) fn abstract_address(_: &str) -> io::Result<SocketAddrUnix> {
    Err(io::Error::new(io::ErrorKind::Unsupported, "only Linux has abstract sockets"))
}

fn too_long(what: &str, length: usize) -> io::Error {
    let problem =
        format!("the {what} has {length} bytes, and the system takes at most 107 for a Unix socket (some fewer)");
    io::Error::new(io::ErrorKind::InvalidInput, problem)
}

/// What a listening socket is bound to.
pub(super) fn endpoint(address: &SocketAddr) -> Endpoint {
    #[cfg(target_os = "linux")]
    if let Some(name) = std::os::linux::net::SocketAddrExt::as_abstract_name(address) {
        return Endpoint::Abstract(String::from_utf8_lossy(name).into_owned());
    }
    Endpoint::Unix { path: address.as_pathname().map_or_else(PathBuf::new, Into::into), mode: None }
}

/// A socket that is not bound or connected yet, and that no program started meanwhile inherits.
fn socket() -> io::Result<OwnedFd> {
    Ok(socket_with(AddressFamily::UNIX, SocketType::STREAM, SocketFlags::CLOEXEC, None)?)
}

/// Listens on a name that is no file. The system frees it when the last process closes the socket.
pub(super) fn bind_abstract(name: &str, backlog: i32) -> io::Result<UnixListener> {
    let socket = socket()?;
    match bind_to(&socket, &abstract_address(name)?) {
        Err(Errno::ADDRINUSE) => return Err(in_use()),
        bound => bound?,
    }
    listen(&socket, backlog)?;
    Ok(socket.into())
}

fn in_use() -> io::Error {
    io::Error::new(io::ErrorKind::AddrInUse, "another server listens there")
}

/// Connects. A server whose backlog is full is waited for, for up to `patience`: the system wakes who waits when the server
/// accepts, for as long as the socket's time for sending.
pub(super) fn connect(address: &SocketAddrUnix, patience: Duration) -> io::Result<UnixStream> {
    let socket = socket()?;
    let begin = Instant::now();
    let connected = retry(|| {
        let left = patience.saturating_sub(begin.elapsed()).clamp(Duration::from_micros(1), LONGEST);
        set_socket_timeout(&socket, Timeout::Send, Some(left))?;
        Ok(rustix::net::connect(&socket, address)?)
    });
    match connected {
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
            let problem =
                format!("the server has accepted no connection for {patience:?}, and no more may wait for it");
            Err(io::Error::new(io::ErrorKind::TimedOut, problem))
        }
        Err(error) => Err(error),
        Ok(()) => {
            set_socket_timeout(&socket, Timeout::Send, None)?;
            Ok(socket.into())
        }
    }
}

/// Who is at the other end.
#[cfg(target_os = "linux")]
pub(super) fn credentials(stream: impl AsFd) -> Option<Credentials> {
    match rustix::net::sockopt::socket_peercred(stream) {
        Ok(peer) => {
            // It is 0 where the process has no number in this process's namespace.
            let pid = u32::try_from(rustix::process::Pid::as_raw(Some(peer.pid))).ok().filter(|pid| *pid > 0);
            Some(Credentials::new(peer.uid.as_raw(), peer.gid.as_raw(), pid))
        }
        Err(error) => {
            log::warn!("the system does not say whose a connection is: {error}");
            None
        }
    }
}

/// Who is at the other end: not known on this system.
#[cfg(not(target_os = "linux"))]
pub(super) fn credentials(_: impl AsFd) -> Option<Credentials> {
    None
}
