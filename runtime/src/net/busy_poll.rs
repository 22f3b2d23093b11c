//! Looking for bytes again and again before a thread goes to sleep for them.
//!
//! To wake a thread that sleeps costs more than most calls do. Where the next bytes come soon, it is faster, and costs less of the
//! processor too, to look for them meanwhile.

use std::io;
use std::num::NonZeroUsize;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use super::socket::Socket;
use super::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use super::sync::thread;

/// The longest time that makes any sense.
pub(super) const LONGEST: Duration = Duration::from_millis(1);

/// The most waits between two looks.
const LONGEST_REST: u32 = 64;

/// Threads of this process that look for bytes now.
static LOOKING: AtomicUsize = AtomicUsize::new(0);

/// For how long to look for the bytes of a connection.
#[derive(Debug)]
pub(super) struct BusyPoll {
    /// Zero: not at all.
    window: Duration,
    /// So many waits come before the next look: it makes no sense where bytes come late.
    resting: AtomicU32,
    /// How many they were after the last look in vain. Two sides that sleep are late because they do: so each looks again now and
    /// then.
    rest: AtomicU32,
}

impl BusyPoll {
    pub(super) fn new(window: Duration) -> Self {
        Self { window, resting: AtomicU32::new(0), rest: AtomicU32::new(0) }
    }

    /// Whether it makes sense to look.
    pub(super) fn is_hopeful(&self) -> bool {
        !self.window.is_zero() && self.resting.load(Ordering::Relaxed) == 0
    }

    /// Whether the last thing was a look in vain: what is waited for now is late already.
    fn has_just_looked(&self) -> bool {
        let rest = self.rest.load(Ordering::Relaxed);
        rest > 0 && self.resting.load(Ordering::Relaxed) == rest
    }

    /// Bytes came within the window.
    fn hope(&self) {
        self.resting.store(0, Ordering::Relaxed);
        self.rest.store(0, Ordering::Relaxed);
    }

    /// They did not, though they were looked for.
    fn despair(&self) {
        let rest = (2 * self.rest.load(Ordering::Relaxed)).clamp(1, LONGEST_REST);
        self.rest.store(rest, Ordering::Relaxed);
        self.resting.store(rest, Ordering::Relaxed);
    }

    /// Receives what comes within the window; `None` if nothing does, or nothing is likely to.
    pub(super) fn receive(&self, socket: &Socket, into: &mut [u8]) -> Option<io::Result<usize>> {
        if !self.is_hopeful() {
            return None;
        }
        let _turn = Turn::take()?;
        let until = Instant::now() + self.window;
        loop {
            if let Some(received) = socket.receive_now(into).transpose() {
                self.hope();
                return Some(received);
            }
            if Instant::now() >= until {
                self.despair();
                return None;
            }
            thread::yield_now();
        }
    }

    /// Waits, and notes whether it would have been worth to look instead.
    pub(super) fn while_waiting<T>(&self, wait: impl FnOnce() -> T) -> T {
        if self.window.is_zero() {
            return wait();
        }
        let (begin, has_looked) = (Instant::now(), self.has_just_looked());
        let came = wait();
        if begin.elapsed() < self.window && !has_looked {
            self.hope();
        } else {
            let left = self.resting.load(Ordering::Relaxed).saturating_sub(1);
            self.resting.store(left, Ordering::Relaxed);
        }
        came
    }
}

/// A thread's leave to look. There are fewer than cores, so that what is looked for can happen; on one core, one.
struct Turn;

impl Turn {
    fn take() -> Option<Self> {
        static CORES: OnceLock<usize> = OnceLock::new();
        let cores = *CORES.get_or_init(|| std::thread::available_parallelism().map_or(1, NonZeroUsize::get));
        let before = LOOKING.fetch_add(1, Ordering::Relaxed);
        let turn = Self;
        (before < cores.saturating_sub(1).max(1)).then_some(turn)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        LOOKING.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixStream;

    use super::*;

    /// Looks in vain, and counts the waits until it would look again.
    fn rest(busy_poll: &BusyPoll, socket: &Socket) -> u32 {
        assert!(busy_poll.receive(socket, &mut [0]).is_none());
        let mut waits = 0;
        while !busy_poll.is_hopeful() {
            busy_poll.while_waiting(|| ());
            waits += 1;
        }
        waits
    }

    /// One test: tests at the same time would take each other's turns to look.
    #[test]
    fn who_looks_in_vain_looks_again_later_and_later_or_when_bytes_come_soon() {
        let (silent, _peer) = UnixStream::pair().expect("a pair");
        let (busy_poll, socket) = (BusyPoll::new(Duration::from_nanos(1)), Socket::Unix(silent));
        let rests: Vec<_> = (0..9).map(|_| rest(&busy_poll, &socket)).collect();
        assert_eq!(rests, [1, 2, 4, 8, 16, 32, 64, 64, 64]);

        let busy_poll = BusyPoll::new(LONGEST);
        assert_eq!((rest(&busy_poll, &socket), busy_poll.receive(&socket, &mut [0]).is_none()), (1, true));
        busy_poll.while_waiting(|| ());
        assert!(!busy_poll.is_hopeful(), "what came behind a look in vain was late");
        busy_poll.while_waiting(|| ());
        assert!(busy_poll.is_hopeful());
    }
}
