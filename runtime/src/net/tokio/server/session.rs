//! One connection of a server, as its task, the handlers that go on beside it, and the server see it.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};
use std::time::Instant;

use rustix::net::Shutdown;
use tokio::sync::Semaphore;

use crate::buffers::Packed;
use crate::context::Peer;
use crate::net::server::{Calls, Entry, Owed, Registered, ServerOptions, Times, Wire, answer, cancel};
use crate::net::tokio::stream::Stream;
use crate::net::wakers::wake;
use crate::service::{Outcome, Router};

/// What all connections of a server share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) router: Router,
    pub(super) options: ServerOptions,
    /// Room for handlers that go on beside the reading of their connections.
    pub(super) room: Arc<Semaphore>,
}

/// A connection of a server.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) stream: Stream,
    pub(super) peer: Arc<Peer>,
    pub(super) shared: Arc<Shared>,
    pub(super) times: Times,
    state: Mutex<State>,
}

/// What the connection's task shares with others.
#[derive(Debug)]
pub(super) struct State {
    pub(super) wire: Wire,
    /// The connection's task, once it has waited.
    task: Option<Waker>,
    /// Something has happened that the task has not looked at.
    has_news: bool,
    /// The task waits for handlers.
    pub(super) awaits_handlers: bool,
    /// The connection is to end at once.
    pub(super) is_cut: bool,
}

impl State {
    /// Lets the task look at what has happened.
    pub(super) fn wake(&mut self) {
        self.has_news = true;
        if let Some(task) = &self.task {
            task.wake_by_ref();
        }
    }

    /// The same, where what happened concerns it.
    fn wake_if_concerned(&mut self) {
        let connection = &self.wire.connection;
        if self.awaits_handlers || connection.queued() > 0 || connection.has_said_goodbye() {
            self.wake();
        }
    }

    /// Whether something has happened since it was last asked; wakes a task when it does.
    pub(super) fn poll_news(&mut self, task: &Waker) -> Poll<()> {
        if std::mem::take(&mut self.has_news) {
            return Poll::Ready(());
        }
        if !self.task.as_ref().is_some_and(|known| known.will_wake(task)) {
            self.task = Some(task.clone());
        }
        Poll::Pending
    }
}

impl Session {
    pub(super) fn new(stream: Stream, peer: Arc<Peer>, shared: Arc<Shared>) -> Self {
        let wire = Wire::new(Arc::clone(&peer), shared.options.limits.clone());
        let state = State { wire, task: None, has_news: false, awaits_handlers: false, is_cut: false };
        Self { stream, peer, shared, times: Times::new(Instant::now()), state: Mutex::new(state) }
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends what the socket takes now.
    pub(super) fn flush(&self, state: &mut State) -> io::Result<()> {
        state.wire.flush(&self.stream)
    }

    /// The same from outside of the connection's task.
    fn flush_and_wake(&self, state: &mut State) {
        if let Err(error) = self.flush(state) {
            log::debug!("cannot send to {}: {error}", self.peer);
            self.stream.shutdown(Shutdown::Both);
        }
        state.wake_if_concerned();
    }

    /// A handler has returned that went on beside the reading: answers, if that is still wanted, and sends at once.
    pub(super) fn has_returned(&self, call: (u32, Owed), outcome: Outcome, packed: &mut Packed) {
        let mut state = self.state();
        if state.wire.finish(call.0) {
            answer(&mut state.wire.connection, call, outcome, packed, &self.peer.name);
        }
        self.flush_and_wake(&mut state);
        release(state);
    }

    /// Tells every handler that nobody wants its answer.
    pub(super) fn cancel_all(&self) {
        let mut state = self.state();
        let running = state.wire.all_running();
        state.wire.connection.give_up_running();
        release(state);
        cancel(&running);
    }
}

/// Gives the lock back, and wakes those whose streams can go on.
pub(super) fn release(mut state: MutexGuard<'_, State>) {
    let woken = state.wire.take_woken();
    drop(state);
    wake(woken);
}

impl Registered for Session {
    fn times(&self) -> &Times {
        &self.times
    }

    fn idle_since(&self) -> Option<Instant> {
        let is_idle = self.state().wire.is_idle();
        self.times.quiet_since().filter(|_| is_idle)
    }

    fn is_receiving(&self) -> bool {
        self.times.is_mid_frame() || self.state().wire.connection.has_unfinished()
    }

    fn foretell(&self, reason: &str) {
        let mut state = self.state();
        state.wire.connection.foretell(reason);
        self.flush_and_wake(&mut state);
    }

    fn go_away(&self, reason: &str) {
        let mut state = self.state();
        state.wire.connection.go_away(reason);
        state.wire.note_drain();
        self.flush_and_wake(&mut state);
    }

    fn has_told_all(&self) -> bool {
        self.state().wire.has_told_all()
    }

    fn cut(&self) {
        self.stream.shutdown(Shutdown::Both);
        let mut state = self.state();
        state.is_cut = true;
        state.wake();
        drop(state);
        self.cancel_all();
    }

    fn drained(&self) -> Calls {
        self.state().wire.drained()
    }
}

/// A session's seat on its server: what its task holds, and each handler that goes on beside it. It leaves when all are done.
#[derive(Debug)]
pub(super) struct Seat {
    pub(super) session: Arc<Session>,
    pub(super) _entry: Entry,
}
