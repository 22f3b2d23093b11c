//! Buffers of large messages, kept for the next ones by the whole process.
//!
//! Memory that the system gives afresh it clears page by page as it is touched, which takes several times as long as to copy
//! a message into it; and what is that large, allocators give back to the system at once. What nobody has used for a second
//! or two is given back here as well, by a thread that ends when nothing is left.

use std::ops::RangeInclusive;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// Buffers of at least so many bytes are kept; allocators keep smaller ones themselves.
pub(super) const LARGE: usize = 256 << 10;

/// The most that is kept, in bytes.
const MOST: usize = 256 << 20;

/// What was not used between two looks is given back.
const LOOK: Duration = Duration::from_secs(1);

static POOL: Mutex<Pool> = Mutex::new(Pool { kept: Vec::new(), bytes: 0, has_thread: false });

struct Pool {
    kept: Vec<Kept>,
    /// Capacities of what is kept and what is lent, added up.
    bytes: usize,
    has_thread: bool,
}

struct Kept {
    buffer: Vec<u8>,
    /// It was there at the last look.
    is_old: bool,
}

/// Makes room for so many more bytes: in a kept buffer, if there is one in which that fits and fills at least half.
#[inline]
pub(crate) fn reserve(buffer: &mut Vec<u8>, additional: usize) {
    if buffer.capacity() - buffer.len() < additional {
        grow(buffer, additional);
    }
}

#[cold]
fn grow(buffer: &mut Vec<u8>, additional: usize) {
    let needed = buffer.len().saturating_add(additional);
    let kept = if needed < LARGE { None } else { pool().take(needed..=needed.saturating_mul(2)) };
    match kept {
        Some(mut larger) => {
            larger.clear();
            larger.extend_from_slice(buffer);
            give(std::mem::replace(buffer, larger));
        }
        None => buffer.reserve(additional),
    }
}

/// Lends a buffer in which so much fits, with what it held last, however large it is: it counts as kept until it is
/// [taken back](take_back).
pub(super) fn lend(needed: usize) -> Option<Vec<u8>> {
    let mut pool = pool();
    let buffer = pool.take(needed..=usize::MAX)?;
    pool.bytes += buffer.capacity();
    Some(buffer)
}

/// So many bytes that were lent count no longer.
pub(super) fn take_back(bytes: usize) {
    if bytes > 0 {
        pool().bytes -= bytes;
    }
}

/// Keeps a buffer that is no longer needed, if it is large.
#[inline]
pub(crate) fn give(buffer: Vec<u8>) {
    if buffer.capacity() >= LARGE {
        keep(buffer);
    }
}

/// Empties a buffer that is kept for the next message, but not if it has more than `most` bytes of memory.
pub(crate) fn empty(buffer: &mut Vec<u8>, most: usize) {
    buffer.clear();
    if buffer.capacity() > most {
        give(std::mem::take(buffer));
    }
}

#[cold]
fn keep(buffer: Vec<u8>) {
    let mut pool = pool();
    let refused = pool.keep(buffer);
    let mut old = Vec::new();
    if !pool.kept.is_empty() && !pool.has_thread {
        match thread::Builder::new().name("rpc-buffers".into()).spawn(run) {
            Ok(_) => pool.has_thread = true,
            // Then each buffer that is given is a look.
            Err(_) => old = pool.drop_old(),
        }
    }
    drop(pool);
    // Freed here, where nobody waits for the lock.
    drop((refused, old));
}

fn pool() -> MutexGuard<'static, Pool> {
    POOL.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Looks at what is kept until there is nothing.
fn run() {
    loop {
        thread::sleep(LOOK);
        let mut pool = pool();
        let old = pool.drop_old();
        let is_over = pool.kept.is_empty();
        pool.has_thread = !is_over;
        drop(pool);
        drop(old);
        if is_over {
            return;
        }
    }
}

impl Pool {
    /// Takes out the smallest buffer of such a capacity.
    fn take(&mut self, sizes: RangeInclusive<usize>) -> Option<Vec<u8>> {
        let kept = self.kept.iter().enumerate().map(|(at, kept)| (kept.buffer.capacity(), at));
        let (size, at) = kept.filter(|(size, _)| sizes.contains(size)).min()?;
        self.bytes -= size;
        Some(self.kept.swap_remove(at).buffer)
    }

    /// Keeps a buffer, or gives it back where there is no room.
    fn keep(&mut self, buffer: Vec<u8>) -> Option<Vec<u8>> {
        if self.bytes + buffer.capacity() > MOST {
            return Some(buffer);
        }
        self.bytes += buffer.capacity();
        self.kept.push(Kept { buffer, is_old: false });
        None
    }

    /// Takes out what was there at the last look.
    fn drop_old(&mut self) -> Vec<Vec<u8>> {
        let old = self.kept.extract_if(.., |kept| std::mem::replace(&mut kept.is_old, true));
        let old: Vec<_> = old.map(|kept| kept.buffer).collect();
        self.bytes -= old.iter().map(Vec::capacity).sum::<usize>();
        old
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    fn empty_pool() -> Pool {
        Pool { kept: Vec::new(), bytes: 0, has_thread: true }
    }

    #[test]
    fn the_smallest_that_fits_is_taken() {
        let mut pool = empty_pool();
        for size in [400, 100, 200] {
            assert_eq!(pool.keep(Vec::with_capacity(size)), None);
        }
        assert_eq!(pool.take(150..=300).map(|buffer| buffer.capacity()), Some(200));
        assert_eq!(pool.take(150..=300), None);
        assert_eq!(pool.take(150..=usize::MAX).map(|buffer| buffer.capacity()), Some(400));
        assert_eq!(pool.bytes, 100);
    }

    #[test]
    fn no_more_is_kept_than_there_may_be() {
        let mut pool = empty_pool();
        pool.bytes = MOST - 100;
        assert_eq!(pool.keep(Vec::with_capacity(100)), None);
        assert!(pool.keep(Vec::with_capacity(1)).is_some());
    }

    #[test]
    fn what_is_not_used_between_two_looks_is_dropped() {
        let mut pool = empty_pool();
        pool.keep(Vec::with_capacity(100));
        assert!(pool.drop_old().is_empty());
        pool.keep(Vec::with_capacity(200));
        assert_eq!(pool.drop_old().iter().map(Vec::capacity).collect::<Vec<_>>(), [100]);
        assert_eq!(pool.bytes, 200);
    }

    #[test]
    fn what_is_given_is_there_for_the_next_and_then_freed() {
        // No other test has one of this size; but one that runs at the same time may take it for a while.
        let (size, until) = (3_456_789, Instant::now() + 10 * LOOK);
        let mut buffer = Vec::new();
        while buffer.capacity() != size {
            assert!(Instant::now() < until, "it is not there");
            give(Vec::with_capacity(size));
            buffer = b"what was there".to_vec();
            reserve(&mut buffer, size / 2);
        }
        assert_eq!(buffer, b"what was there");
        give(buffer);
        let until = Instant::now() + 10 * LOOK;
        while pool().kept.iter().any(|kept| kept.buffer.capacity() == size) {
            assert!(Instant::now() < until, "it is still kept");
            thread::sleep(LOOK / 20);
        }
    }
}
