//! Looking for bytes again and again before a thread goes to sleep for them.
//!
//! To wake a thread that sleeps costs more than most calls do. Where the next bytes come soon, it is faster, and costs less of the
//! processor too, to look for them meanwhile.

use std::io;
use std::num::NonZeroUsize;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use super::socket::Socket;
use super::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use super::sync::thread;

/// The longest time that makes any sense.
pub(super) const LONGEST: Duration = Duration::from_millis(1);

/// Threads of this process that look for bytes now.
static LOOKING: AtomicUsize = AtomicUsize::new(0);

/// For how long to look for the bytes of a connection.
#[derive(Debug)]
pub(super) struct BusyPoll {
    /// Zero: not at all.
    window: Duration,
    /// The last bytes came within the window. Else it makes no sense to look.
    is_hopeful: AtomicBool,
}

impl BusyPoll {
    pub(super) fn new(window: Duration) -> Self {
        Self { window, is_hopeful: AtomicBool::new(true) }
    }

    /// Whether it makes sense to look.
    pub(super) fn is_hopeful(&self) -> bool {
        !self.window.is_zero() && self.is_hopeful.load(Ordering::Relaxed)
    }

    /// Receives what comes within the window; `None` if nothing does, or nothing is likely to.
    pub(super) fn receive(&self, socket: &Socket, into: &mut [u8]) -> Option<io::Result<usize>> {
        if !self.is_hopeful() {
            return None;
        }
        let _turn = Turn::take()?;
        let until = Instant::now() + self.window;
        loop {
            match socket.receive_now(into) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                received => return Some(received),
            }
            if Instant::now() >= until {
                self.is_hopeful.store(false, Ordering::Relaxed);
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
        let begin = Instant::now();
        let came = wait();
        self.is_hopeful.store(begin.elapsed() < self.window, Ordering::Relaxed);
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
