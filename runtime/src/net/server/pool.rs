//! The threads that read where a handler holds up the thread that did.

use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use super::seat::Seat;
use super::streams::StreamCall;
use crate::net::sync::atomic::{AtomicUsize, Ordering};
use crate::net::sync::{Condvar, Mutex, MutexGuard, thread};

/// Threads that are kept though nobody needs them now.
const IDLE: usize = 16;

/// How long they are kept.
const KEPT: Duration = Duration::from_secs(5);

/// What a thread is needed for.
#[derive(Debug)]
pub(super) enum Job {
    /// To read a connection in place of a thread whose handler runs since a beat.
    TakeOver(Arc<Seat>, u64),
    /// To handle a call with streams.
    Stream(Box<StreamCall>),
}

/// As many threads as handlers may run beside the reading of their connections.
#[derive(Debug)]
pub(super) struct Pool {
    most: usize,
    stack: usize,
    /// Handlers that run in threads that do not read, or are about to.
    used: AtomicUsize,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    jobs: VecDeque<Job>,
    /// Threads that wait for a job.
    idle: usize,
    is_closed: bool,
}

impl Pool {
    /// One for at most so many slow handlers, whose threads have so many bytes of stack.
    pub(super) fn new(most: usize, stack: usize) -> Self {
        Self { most, stack, used: AtomicUsize::new(0), state: Mutex::default(), changed: Condvar::new() }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many slow handlers there may be, if there are as many: a further one would hold up its connection.
    pub(super) fn full(&self) -> Option<usize> {
        (self.most > 0 && self.is_used_up()).then_some(self.most)
    }

    fn is_used_up(&self) -> bool {
        self.used.load(Ordering::Relaxed) >= self.most
    }

    /// Lets another thread do it; false if none can be had now.
    pub(super) fn run_elsewhere(self: &Arc<Self>, job: Job) -> bool {
        if !self.reserve() {
            return false;
        }
        let mut state = self.lock();
        if state.idle > state.jobs.len() {
            state.jobs.push_back(job);
            self.changed.notify_one();
            return true;
        }
        drop(state);
        let begun = self.spawn(job);
        if let Err(error) = &begun {
            log::warn!("no thread can be had for a handler: {error}");
            self.release();
        }
        begun.is_ok()
    }

    fn reserve(&self) -> bool {
        let more = |used| (used < self.most).then_some(used + 1);
        self.used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).is_ok()
    }

    fn spawn(self: &Arc<Self>, job: Job) -> io::Result<()> {
        let pool = Arc::clone(self);
        let thread = thread::Builder::new().name("rpc-session".into()).stack_size(self.stack);
        thread.spawn(move || {
            pool.run(job);
            pool.rest();
        })?;
        Ok(())
    }

    fn run(&self, job: Job) {
        match job {
            Job::TakeOver(seat, beat) if seat.take_over(beat) => {}
            Job::TakeOver(..) => self.release(),
            Job::Stream(call) => {
                call.run();
                self.release();
            }
        }
    }

    /// A slow handler has returned, or was not so slow.
    pub(super) fn release(&self) {
        self.used.fetch_sub(1, Ordering::Relaxed);
    }

    /// What a thread does that has nothing to do: it waits for a job, if not too many do already, and not for long.
    pub(super) fn rest(&self) {
        while let Some(job) = self.next_job() {
            self.run(job);
        }
    }

    fn next_job(&self) -> Option<Job> {
        let until = Instant::now() + KEPT;
        let mut state = self.lock();
        if state.idle >= IDLE {
            return None;
        }
        state.idle += 1;
        while state.jobs.is_empty() && !state.is_closed {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            state = self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        state.idle -= 1;
        state.jobs.pop_front()
    }

    /// Lets go the threads that wait.
    pub(super) fn close(&self) {
        self.lock().is_closed = true;
        self.changed.notify_all();
    }
}
