//! A byte stream within the process, with the manners of a socket.

use std::collections::VecDeque;
use std::io::{self, Read as _};
use std::net::Shutdown;
use std::sync::{Arc, PoisonError};
use std::time::Instant;

use super::socket::Readiness;
use super::sync::{Condvar, Mutex, MutexGuard};

/// Bytes that one direction holds; more must wait.
const CAPACITY: usize = 256 << 10;

/// One end of a pair.
#[derive(Debug)]
pub(super) struct Pipe {
    shared: Arc<Shared>,
    /// Which of the two directions this end reads.
    reads: usize,
}

#[derive(Debug, Default)]
struct Shared {
    directions: Mutex<[Direction; 2]>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Direction {
    bytes: VecDeque<u8>,
    /// Nothing is put in any more.
    ended: bool,
    /// Nobody takes anything out any more.
    refused: bool,
}

impl Pipe {
    /// Two connected ends.
    pub(super) fn pair() -> (Self, Self) {
        let shared = Arc::<Shared>::default();
        (Self { shared: Arc::clone(&shared), reads: 0 }, Self { shared, reads: 1 })
    }

    fn lock(&self) -> MutexGuard<'_, [Direction; 2]> {
        self.shared.directions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn writes(&self) -> usize {
        1 - self.reads
    }

    pub(super) fn receive(&self, into: &mut [u8]) -> io::Result<usize> {
        let mut directions = self.lock();
        while !is_readable(&directions[self.reads]) {
            directions = self.shared.changed.wait(directions).unwrap_or_else(PoisonError::into_inner);
        }
        let count = directions[self.reads].bytes.read(into)?;
        self.shared.changed.notify_all();
        Ok(count)
    }

    pub(super) fn send(&self, bytes: &[u8]) -> io::Result<usize> {
        let mut directions = self.lock();
        let direction = &mut directions[self.writes()];
        if direction.ended || direction.refused {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        let count = bytes.len().min(CAPACITY.saturating_sub(direction.bytes.len()));
        if count == 0 {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        direction.bytes.extend(&bytes[..count]);
        self.shared.changed.notify_all();
        Ok(count)
    }

    pub(super) fn wait(&self, wanted: Readiness, until: Option<Instant>) -> Readiness {
        let mut directions = self.lock();
        loop {
            let is_ready = Readiness {
                read: wanted.read && is_readable(&directions[self.reads]),
                write: wanted.write && is_writable(&directions[self.writes()]),
            };
            let left = until.map(|until| until.saturating_duration_since(Instant::now()));
            if is_ready != Readiness::default() || left.is_some_and(|left| left.is_zero()) {
                return is_ready;
            }
            directions = match left {
                None => self.shared.changed.wait(directions).unwrap_or_else(PoisonError::into_inner),
                Some(left) => {
                    self.shared.changed.wait_timeout(directions, left).unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
    }

    pub(super) fn shutdown(&self, how: Shutdown) {
        let mut directions = self.lock();
        if how != Shutdown::Write {
            directions[self.reads].refused = true;
        }
        if how != Shutdown::Read {
            directions[self.writes()].ended = true;
        }
        self.shared.changed.notify_all();
    }
}

impl Drop for Pipe {
    fn drop(&mut self) {
        self.shutdown(Shutdown::Both);
    }
}

fn is_readable(direction: &Direction) -> bool {
    !direction.bytes.is_empty() || direction.ended || direction.refused
}

fn is_writable(direction: &Direction) -> bool {
    direction.bytes.len() < CAPACITY || direction.ended || direction.refused
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn bytes_arrive_in_order_and_end_when_the_other_end_goes() {
        let (left, right) = Pipe::pair();
        assert_eq!(left.send(b"hello").ok(), Some(5));
        drop(left);
        let mut into = [0; 3];
        assert_eq!(right.receive(&mut into).ok(), Some(3));
        assert_eq!(&into, b"hel");
        assert_eq!(right.receive(&mut into).ok(), Some(2));
        assert_eq!(right.receive(&mut into).ok(), Some(0));
        assert_eq!(right.send(b"x").map_err(|error| error.kind()), Err(io::ErrorKind::BrokenPipe));
    }

    #[test]
    fn a_full_pipe_would_block_until_there_is_room() {
        let (left, right) = Pipe::pair();
        assert_eq!(left.send(&vec![0; CAPACITY + 1]).ok(), Some(CAPACITY));
        assert_eq!(left.send(b"x").map_err(|error| error.kind()), Err(io::ErrorKind::WouldBlock));
        let soon = Some(Instant::now() + Duration::from_millis(1));
        assert_eq!(left.wait(Readiness::WRITE, soon), Readiness::default());
        assert_eq!(right.receive(&mut [0; 10]).ok(), Some(10));
        assert_eq!(left.wait(Readiness::WRITE, None), Readiness::WRITE);
    }
}
