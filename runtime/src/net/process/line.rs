//! The line between parent and worker: a pair of Unix sockets, of which the worker's end is its standard input.
//!
//! Over it the parent hands the listening socket to the worker. The worker says when it is ready, accepts when it is told to, and
//! says at the end what became of its calls. When the line ends, the other has gone.

use std::io::{self, IoSlice, IoSliceMut, Read as _};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage, SendFlags,
    recvmsg, send, sendmsg,
};

use crate::net::server::{Calls, Report};
use crate::net::socket::retry;

/// What travels with the socket: a descriptor cannot travel alone.
const HELLO: [u8; 1] = *b"L";

/// What is said on the line, but for the socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Message {
    /// The worker can serve.
    Ready,
    /// The worker is to serve.
    Go,
    /// The worker is to end: its handlers have so long. With `is_last` no other worker takes connections that wait.
    Drain { time: Duration, is_last: bool },
    /// The worker has drained.
    Ended(Report),
}

/// Numbers of a message; the first says what it is.
const NUMBERS: usize = 6;

/// Bytes of a message.
const SIZE: usize = NUMBERS * 8;

impl Message {
    fn encode(self) -> [u8; SIZE] {
        let numbers = match self {
            Self::Ready => [0; NUMBERS],
            Self::Go => [1, 0, 0, 0, 0, 0],
            Self::Drain { time, is_last } => [2, time.as_secs(), time.subsec_nanos().into(), is_last.into(), 0, 0],
            Self::Ended(Report { connections, cut, calls, .. }) => {
                [3, connections, cut as u64, calls.finished, calls.cancelled, calls.cut]
            }
        };
        let mut bytes = [0; SIZE];
        for (place, number) in bytes.chunks_exact_mut(8).zip(numbers) {
            place.copy_from_slice(&number.to_be_bytes());
        }
        bytes
    }

    fn decode(bytes: [u8; SIZE]) -> Option<Self> {
        let (chunks, _) = bytes.as_chunks::<8>();
        let mut numbers = chunks.iter().map(|number| u64::from_be_bytes(*number));
        let mut next = || numbers.next().unwrap_or_default();
        match next() {
            0 => Some(Self::Ready),
            1 => Some(Self::Go),
            2 => {
                let (seconds, nanos, is_last) = (next(), u32::try_from(next()).ok()?, next() != 0);
                Some(Self::Drain { time: Duration::new(seconds, nanos.min(999_999_999)), is_last })
            }
            3 => {
                let (connections, cut) = (next(), usize::try_from(next()).ok()?);
                let calls = Calls { finished: next(), cancelled: next(), cut: next() };
                Some(Self::Ended(Report { connections, cut, calls, workers_lost: 0 }))
            }
            _ => None,
        }
    }

    /// Says it. There is always room: nobody says more than a few words.
    pub(super) fn say(self, line: &UnixStream) -> io::Result<()> {
        let sent = retry(|| Ok(send(line, &self.encode(), SendFlags::DONTWAIT | SendFlags::NOSIGNAL)?))?;
        if sent == SIZE { Ok(()) } else { Err(io::ErrorKind::WriteZero.into()) }
    }

    /// Waits for what the other says; `None` when the line has ended, or what came makes no sense.
    pub(super) fn hear(mut line: &UnixStream) -> Option<Self> {
        let mut bytes = [0; SIZE];
        line.read_exact(&mut bytes).ok()?;
        Self::decode(bytes)
    }
}

/// Hands a socket over.
pub(super) fn hand_over(line: impl AsFd, socket: BorrowedFd<'_>) -> io::Result<()> {
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
pub(super) fn take_over(line: impl AsFd) -> io::Result<OwnedFd> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_is_heard_and_then_the_end() -> io::Result<()> {
        let (ours, theirs) = UnixStream::pair()?;
        let calls = Calls { finished: 3, cancelled: 4, cut: u64::MAX };
        let messages = [
            Message::Ready,
            Message::Go,
            Message::Drain { time: Duration::MAX, is_last: true },
            Message::Drain { time: Duration::ZERO, is_last: false },
            Message::Ended(Report { connections: 1, cut: 2, calls, workers_lost: 0 }),
        ];
        for message in messages {
            message.say(&ours)?;
            assert_eq!(Message::hear(&theirs), Some(message));
        }
        drop(ours);
        assert_eq!(Message::hear(&theirs), None);
        Ok(())
    }
}
