//! The file of a listening Unix socket: made with the permissions asked for, taken over from a server that is gone, and
//! removed at the end.
//!
//! Between bind and listen nobody can connect, so permissions that are set there are in force for every connection. But in that
//! moment a socket looks like that of a server which is gone. So whoever binds holds a lock on the folder until it listens, and of
//! several servers that start at once exactly one finds the path free. The lock leaves no file behind.

use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use rustix::fs::{FileType, FlockOperation, Mode, OFlags, Stat, chmod, fchmod, flock, lstat, open, unlink};
use rustix::io::{Errno, retry_on_intr};
use rustix::net::{SocketAddrUnix, bind as bind_to, connect, listen};

use super::{address, in_use, socket};

/// How long to wait for other servers that bind in the same folder; each takes less than a millisecond.
const LOCK: Duration = Duration::from_secs(5);

/// How often to try.
const LOCK_AGAIN: Duration = Duration::from_millis(2);

/// The file of a socket that this process listens on. Dropping it removes the file, unless it has become another's.
#[derive(Debug)]
pub(in crate::net) struct SocketFile {
    /// Absolute: the working folder may change.
    path: PathBuf,
    /// Device and inode: no other file has this pair while the socket lives.
    identity: (u64, u64),
}

/// Listens on a path; `mode` are the file's permissions, by default what the umask leaves.
pub(in crate::net) fn bind(path: &Path, mode: Option<u16>, backlog: i32) -> io::Result<(SocketFile, UnixListener)> {
    let address = address(path)?;
    let path = std::path::absolute(path)?;
    let _lock = lock(path.parent().unwrap_or(&path))?;
    let socket = socket()?;
    if let Some(mode) = mode {
        narrow(&socket, mode);
    }
    match bind_to(&socket, &address) {
        Err(Errno::ADDRINUSE) => {
            make_way(&path, &address)?;
            bind_to(&socket, &address)
                .map_err(|error| if error == Errno::ADDRINUSE { in_use() } else { error.into() })?;
        }
        bound => bound?,
    }
    let identity = identity(&lstat(&path)?);
    let file = SocketFile { path, identity };
    if let Some(mode) = mode {
        chmod(&file.path, Mode::from_bits_truncate(mode.into()))?;
    }
    listen(&socket, backlog)?;
    Ok((file, socket.into()))
}

/// Has the system make the file with no wider permissions, where it takes them from the socket, as Linux does. Elsewhere the
/// file is wider for a moment, though nobody can connect yet.
fn narrow(socket: &OwnedFd, mode: u16) {
    if let Err(error) = fchmod(socket, Mode::from_bits_truncate(mode.into())) {
        log::debug!("a socket has no permissions before it has a file: {error}");
    }
}

/// Locks a folder for as long as what this gives lives.
fn lock(folder: &Path) -> io::Result<OwnedFd> {
    let failed = |what: &str, error: io::Error| {
        io::Error::new(error.kind(), format!("its folder `{}` cannot be {what}: {error}", folder.display()))
    };
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let opened =
        retry_on_intr(|| open(folder, flags, Mode::empty())).map_err(|error| failed("opened", error.into()))?;
    let begin = Instant::now();
    loop {
        match flock(&opened, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => return Ok(opened),
            Err(Errno::INTR) => {}
            Err(Errno::WOULDBLOCK) if begin.elapsed() < LOCK => thread::sleep(LOCK_AGAIN),
            Err(error) => return Err(failed("locked", error.into())),
        }
    }
}

/// Removes the file that is in the way, if it is the socket of a server that is gone.
fn make_way(path: &Path, address: &SocketAddrUnix) -> io::Result<()> {
    match lstat(path) {
        Err(Errno::NOENT) => return Ok(()),
        found if FileType::from_raw_mode(found?.st_mode) != FileType::Socket => {
            let problem = "what is there is no socket; it is left alone, so remove it or choose another path";
            return Err(io::Error::new(io::ErrorKind::AlreadyExists, problem));
        }
        _ => {}
    }
    if is_served(address)? { Err(in_use()) } else { remove(path) }
}

/// Whether somebody listens there.
fn is_served(address: &SocketAddrUnix) -> io::Result<bool> {
    let probe = socket()?;
    rustix::io::ioctl_fionbio(&probe, true)?;
    match retry_on_intr(|| connect(&probe, address)) {
        // A full backlog, or a socket of another kind, such as of datagrams.
        Ok(()) | Err(Errno::AGAIN | Errno::PROTOTYPE | Errno::INPROGRESS) => Ok(true),
        Err(Errno::CONNREFUSED | Errno::NOENT) => Ok(false),
        Err(error) => {
            let problem =
                format!("there is a socket, of which it cannot be told whether a server listens on it: {error}");
            Err(io::Error::new(io::Error::from(error).kind(), problem))
        }
    }
}

fn remove(path: &Path) -> io::Result<()> {
    match unlink(path) {
        Ok(()) => log::info!("removed `{}`, the socket of a server that is gone", path.display()),
        Err(Errno::NOENT) => {}
        Err(error) => {
            let problem = format!("there is the socket of a server that is gone, and it cannot be removed: {error}");
            return Err(io::Error::new(io::Error::from(error).kind(), problem));
        }
    }
    Ok(())
}

#[expect(clippy::useless_conversion, reason = "the types differ between systems")]
fn identity(stat: &Stat) -> (u64, u64) {
    (stat.st_dev.into(), stat.st_ino.into())
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        if !lstat(&self.path).is_ok_and(|found| identity(&found) == self.identity) {
            log::debug!("`{}` is another's by now, and stays", self.path.display());
        } else if let Err(error) = unlink(&self.path) {
            log::warn!("cannot remove `{}`: {error}", self.path.display());
        }
    }
}
