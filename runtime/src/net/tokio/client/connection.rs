//! One connection of a channel: what its callers and its driver share.
//!
//! A caller queues its call under the lock. Where no other call is open it sends it at once, so that a lone call wakes no
//! task but its own; else the [driver](super::driver) sends what all callers have queued, so that calls which are made at
//! the same time leave together.

use std::pin::Pin;
use std::sync::{Arc, PoisonError};
use std::task::{self, Poll};
use std::time::Instant;

use rustix::net::Shutdown;
use tokio::sync::Notify;

use super::driver::Driver;
use super::patience::within;
use super::state::State;
use crate::net::calls::{Answer, ChannelOptions, Ending, Flushed, OpenCalls, Started, Usable, flush, too_late};
use crate::net::sync::atomic::{AtomicBool, Ordering};
use crate::net::sync::{Mutex, MutexGuard};
use crate::net::tokio::stream::Stream;
use crate::net::wakers::wake;
use crate::proto::Limits;
use crate::service::Method;
use crate::status::Status;

/// What is queued is sent at once when it is so many bytes.
pub(super) const SEND_EARLY: usize = 64 << 10;

/// A connection to a server, for those who make calls on it. When the last of them has dropped it, what they queued is sent,
/// and it ends.
#[derive(Debug)]
pub(super) struct Connection(Arc<Line>);

/// What the callers and the driver share.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) socket: Stream,
    peer: String,
    limits: Limits,
    /// Calls can be made on it. Known here so that a channel need not take the lock to see it.
    is_open: AtomicBool,
    state: Mutex<State>,
    /// Where callers wait until a further call can be opened. Whoever is woken passes it on.
    room: Notify,
}

pub(super) type Guard<'a> = MutexGuard<'a, State>;

impl Connection {
    /// Takes over a connected socket, sends the preface, and starts the driver on the current runtime of tokio.
    pub(super) fn open(socket: Stream, peer: String, options: &ChannelOptions) -> Result<Arc<Self>, Status> {
        let calls = OpenCalls::new(options, Instant::now());
        let inbox = calls.inbox();
        let (limits, state) = (options.limits.clone(), Mutex::new(State::new(calls)));
        let line = Line { socket, peer, limits, is_open: AtomicBool::new(true), state, room: Notify::new() };
        let over = line.flush(line.lock()).calls.over.clone();
        if let Some(status) = over {
            return Err(status.did_not_run());
        }
        let line = Arc::new(line);
        tokio::spawn(Driver::new(Arc::clone(&line), inbox, !options.keepalive.is_zero()).run());
        Ok(Arc::new(Self(line)))
    }

    pub(super) fn line(&self) -> &Line {
        &self.0
    }

    /// What is accepted from the server.
    pub(super) fn limits(&self) -> &Limits {
        &self.0.limits
    }

    /// Queues a call: `payload` is its extensions, of which there are `extension` bytes, its shape and its arguments.
    /// Waits while the server allows no further one.
    pub(super) async fn start(
        &self,
        method: &Method,
        extension: u16,
        payload: &mut Vec<u8>,
        until: Option<Instant>,
    ) -> Result<Started, Status> {
        let mut was_woken = false;
        loop {
            let started = self.0.start(method, extension, payload, until, was_woken)?;
            if let Some(call) = started {
                return Ok(call);
            }
            let has_room = within(until, self.0.room.notified()).await?;
            has_room.ok_or_else(|| too_late().did_not_run())?;
            was_woken = true;
        }
    }
}

impl Usable for Connection {
    fn is_open(&self) -> bool {
        self.0.is_open.load(Ordering::Acquire)
    }

    fn has_heard(&self) -> bool {
        self.0.lock().calls.machine.has_heard()
    }

    fn peer(&self) -> &str {
        &self.0.peer
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.is_left = true;
        leave(state, true);
    }
}

impl Line {
    pub(super) fn lock(&self) -> Guard<'_> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Queues a call, if the server allows a further one now, and sends it where nobody else sees to that.
    fn start(
        &self,
        method: &Method,
        extension: u16,
        payload: &mut Vec<u8>,
        until: Option<Instant>,
        was_woken: bool,
    ) -> Result<Option<Started>, Status> {
        let mut state = self.lock();
        let started = state.calls.open(method, extension, payload);
        state.is_awaited |= was_woken || matches!(started, Ok(None));
        let is_urgent = match (&started, until) {
            (Ok(Some(call)), Some(until)) if !method.oneway => state.note_deadline(*call, until),
            _ => false,
        };
        let is_alone = state.calls.places.len() <= 1;
        if is_alone || state.calls.machine.queued() > SEND_EARLY {
            state = self.flush(state);
        }
        self.note(&mut state);
        leave(state, is_urgent);
        started
    }

    /// Notes what others are to know: that no further call can be opened here, or that one can.
    pub(super) fn note(&self, state: &mut State) {
        if state.calls.machine.is_going_away() {
            self.is_open.store(false, Ordering::Release);
        }
        if state.is_awaited && state.calls.has_room() {
            state.is_awaited = false;
            self.room.notify_one();
        }
    }

    /// Sends what the socket takes now, unless somebody else is about it. The lock is free meanwhile.
    pub(super) fn flush<'a>(&'a self, state: Guard<'a>) -> Guard<'a> {
        let (mut state, flushed) = flush(&self.state, state, &self.socket);
        if let Flushed::Failed(error) = flushed {
            self.is_open.store(false, Ordering::Release);
            if let Some(why) = state.calls.sending_failed(error) {
                drop(state);
                self.end(&why);
                return self.lock();
            }
        }
        state
    }

    /// The connection is over: every open call fails, and says whether it may have run.
    pub(super) fn end(&self, why: &Ending) {
        self.is_open.store(false, Ordering::Release);
        let (mut state, mut woken) = (self.lock(), Vec::new());
        state.calls.end(why, &self.socket, |waiter| woken.extend(waiter.waker));
        self.socket.shutdown(Shutdown::Both);
        self.note(&mut state);
        leave(state, true);
        wake(woken);
    }
}

/// Frees the lock, and wakes those whose streams can go on. What is queued is left to the driver, which looks at once in any
/// case if it must.
pub(super) fn leave(mut state: Guard<'_>, must_look: bool) {
    let mut woken = state.take_woken();
    if must_look || state.calls.may_send() {
        woken.extend(state.call_driver());
    }
    drop(state);
    wake(woken);
}

/// A call that was queued; gives its answer. Dropping it before cancels the call.
#[derive(Debug)]
pub(super) struct InFlight {
    connection: Arc<Connection>,
    call: Started,
    /// There is nothing to cancel.
    is_done: bool,
}

impl InFlight {
    /// A call of this method, which was queued on this connection.
    pub(super) const fn new(connection: Arc<Connection>, call: Started, method: &Method) -> Self {
        Self { connection, call, is_done: method.oneway }
    }

    pub(super) fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Leaves the call to who takes it.
    pub(super) fn into_parts(mut self) -> (Arc<Connection>, Started) {
        self.is_done = true;
        (Arc::clone(&self.connection), self.call)
    }
}

impl Future for InFlight {
    type Output = Answer;

    fn poll(mut self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<Answer> {
        let taken = self.connection.0.lock().take(self.call, cx.waker());
        self.is_done |= taken.is_ok();
        taken.map_or(Poll::Pending, Poll::Ready)
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        if !self.is_done {
            let line = &self.connection.0;
            let mut state = line.lock();
            let waker = state.give_up(self.call);
            leave(state, false);
            drop(waker);
        }
    }
}
