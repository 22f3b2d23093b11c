//! The line between parent and worker: a pair of Unix sockets, of which the worker's end is its standard input.
//!
//! Over it the parent hands the listening socket to the worker, and the worker says when it serves. When the line ends,
//! the other has gone, or the parent wants the worker to stop.

use std::io::{self, IoSlice, IoSliceMut};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage, SendFlags,
    recvmsg, sendmsg,
};

use crate::net::socket::retry;

/// What travels with the socket: a descriptor cannot travel alone.
const HELLO: [u8; 1] = *b"L";

/// What a worker says when it serves.
pub(super) const READY: [u8; 1] = *b"R";

/// Hands a socket over.
pub(super) fn send(line: impl AsFd, socket: BorrowedFd<'_>) -> io::Result<()> {
    let mut space = [std::mem::MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut rights = SendAncillaryBuffer::new(&mut space);
    let sockets = [socket];
    if !rights.push(SendAncillaryMessage::ScmRights(&sockets)) {
        return Err(io::Error::other("there is no room to send a descriptor"));
    }
    let sent = retry(|| Ok(sendmsg(&line, &[IoSlice::new(&HELLO)], &mut rights, SendFlags::NOSIGNAL)?))?;
    if sent == HELLO.len() { Ok(()) } else { Err(io::ErrorKind::WriteZero.into()) }
}

/// Takes a socket over.
pub(super) fn receive(line: impl AsFd) -> io::Result<OwnedFd> {
    let mut space = [std::mem::MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut rights = RecvAncillaryBuffer::new(&mut space);
    let mut hello = HELLO;
    retry(|| Ok(recvmsg(&line, &mut [IoSliceMut::new(&mut hello)], &mut rights, RecvFlags::CMSG_CLOEXEC)?))?;
    let mut sockets = rights.drain().filter_map(|message| match message {
        RecvAncillaryMessage::ScmRights(sockets) => Some(sockets),
        _ => None,
    });
    let socket = sockets.next().and_then(|mut sockets| sockets.next());
    socket.ok_or_else(|| io::Error::other("the parent sent no listening socket"))
}
