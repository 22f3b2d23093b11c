//! One connection of a channel, driven by the threads that make calls on it.
//!
//! Whoever waits for an answer reads the socket (the *leader*), hands the others their answers, and passes the reading
//! on when its own has come; the others (the *followers*) sleep. So a lone caller is never woken by anybody but the
//! system, and a call costs two system calls: one send, one receive.
//!
//! What is to be sent is queued under the lock. Whoever waits next sends it, all of it, and what others queue meanwhile
//! as well: so calls that are made at the same time leave together. What nobody waits for is sent by the [`Flusher`].

use std::net::Shutdown;
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use rustc_hash::FxHashMap;

use super::flusher::Flusher;
use super::silence;
use super::sleepers::Sleepers;
use super::state::{State, hand_on};
use crate::net::busy_poll::BusyPoll;
use crate::net::calls::{Answer, ChannelOptions, Ending, Flushed, OpenCalls, Place, Started, Usable, flush, too_late};
use crate::net::socket::{Readiness, Socket};
use crate::net::sync::atomic::{AtomicBool, Ordering};
use crate::net::sync::{Mutex, MutexGuard};
use crate::proto::Limits;
use crate::service::Method;
use crate::status::Status;

/// What is queued is sent at once when it is so many bytes.
const SEND_EARLY: usize = 64 << 10;

/// A call that begins while no other is open first looks whether the server has gone meanwhile, unless one has looked within
/// this time: one call after the other costs no further system call, and one every now and then does.
const UNATTENDED: Duration = Duration::from_millis(100);

/// A connection to a server.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) socket: Socket,
    peer: String,
    limits: Limits,
    /// Calls can be made on it. Known here so that a channel need not take the lock to see it.
    is_open: AtomicBool,
    state: Mutex<State>,
    flusher: Flusher,
    pub(super) busy_poll: BusyPoll,
}

pub(super) type Guard<'a> = MutexGuard<'a, State>;

impl Connection {
    /// Takes over a connected socket, and sends the preface.
    pub(super) fn open(socket: Socket, peer: String, options: &ChannelOptions) -> Result<Arc<Self>, Status> {
        let now = Instant::now();
        let calls = OpenCalls::new(options, now);
        let inbox = Some(Box::new(calls.inbox()));
        let state = Mutex::new(State {
            calls,
            sleepers: Sleepers::default(),
            inbox,
            is_handing_out: false,
            attended: now,
            streams: FxHashMap::default(),
        });
        let connection = Arc::new_cyclic(|weak| {
            let flusher = Flusher::new(weak.clone());
            Self {
                socket,
                peer,
                limits: options.limits.clone(),
                is_open: AtomicBool::new(true),
                state,
                flusher,
                busy_poll: BusyPoll::new(options.busy_poll),
            }
        });
        // One that takes not even the preface is no failure here: it says that it goes away, and the first call connects again.
        let over = connection.flush(connection.lock()).calls.over.clone();
        if let Some(status) = over {
            return Err(status.did_not_run());
        }
        if !options.keepalive.is_zero() {
            silence::watch(&connection);
        }
        Ok(connection)
    }

    /// What is accepted from the server.
    pub(super) fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Who sends what nobody waits for.
    pub(super) fn flusher(&self) -> &Flusher {
        &self.flusher
    }

    pub(super) fn lock(&self) -> Guard<'_> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Queues a call: `payload` is its extensions, of which there are `extension` bytes, its shape and its arguments.
    /// Waits while the server allows no further one.
    pub(super) fn start(
        &self,
        method: &Method,
        extension: u16,
        payload: &mut Vec<u8>,
        until: Option<Instant>,
    ) -> Result<Started, Status> {
        let state = self.look_around(self.lock());
        let (mut state, opened) =
            self.drive(state, None, until, |state| state.calls.open(method, extension, payload).transpose());
        self.note_going_away(&state);
        let is_alone = state.calls.places.len() <= 1;
        if is_alone || state.calls.machine.queued() > SEND_EARLY {
            state = self.flush(state);
        }
        self.leave(&state);
        opened.unwrap_or_else(|| Err(too_late().did_not_run()))
    }

    /// Nobody reads while no call is open. What came since the last one, GOAWAY or the end, is read before the next one is
    /// sent in vain; a PING is answered with it.
    fn look_around<'a>(&'a self, mut state: Guard<'a>) -> Guard<'a> {
        if state.calls.places.len() > 0 {
            return state;
        }
        let now = Instant::now();
        if now < state.attended {
            return state;
        }
        state.attended = now.checked_add(UNATTENDED).unwrap_or(now);
        match state.inbox.take() {
            Some(inbox) => self.lead(state, inbox, Some(now)),
            None => state,
        }
    }

    /// Where no further call can be opened, the channel's next one needs another connection.
    pub(super) fn note_going_away(&self, state: &State) {
        if state.calls.machine.is_going_away() {
            self.is_open.store(false, Ordering::Release);
        }
    }

    /// Waits for the answer to a call.
    pub(super) fn finish(&self, call: Started, until: Option<Instant>) -> Answer {
        let place = call.place;
        let (mut state, answer) = self.drive(self.lock(), Some(place), until, |state| state.calls.places.take(place));
        if answer.is_none() {
            state.calls.give_up(call);
        }
        self.leave(&state);
        answer.unwrap_or_else(|| Answer::Status(too_late()))
    }

    /// Loses interest in a call.
    pub(super) fn cancel(&self, call: Started) {
        let mut state = self.lock();
        state.calls.give_up(call);
        self.leave(&state);
    }

    /// Sends what is queued if it is much; else the flusher does, soon.
    pub(super) fn send_soon<'a>(&'a self, mut state: Guard<'a>) {
        if state.calls.machine.queued() > SEND_EARLY {
            state = self.flush(state);
        }
        self.leave(&state);
    }

    /// Keeps the connection going until this is true, or until the time has come.
    pub(super) fn wait_for(&self, place: Place, until: Option<Instant>, is_true: impl Fn(&mut State) -> bool) {
        let done = |state: &mut State| is_true(state).then_some(());
        let (state, _) = self.drive(self.lock(), Some(place), until, done);
        self.leave(&state);
    }

    /// Before a thread leaves, or sleeps: what is queued, its own or not, is for the flusher to send if nobody else does.
    pub(super) fn leave(&self, state: &State) {
        if state.calls.may_send() {
            self.flusher.wake();
        }
    }

    /// Sends what the socket takes now, unless another thread is about it. The lock is free meanwhile.
    pub(super) fn flush<'a>(&'a self, state: Guard<'a>) -> Guard<'a> {
        let (mut state, flushed) = flush(&self.state, state, &self.socket);
        match flushed {
            Flushed::Elsewhere => return state,
            Flushed::All | Flushed::Blocked => {}
            Flushed::Failed(error) => {
                self.is_open.store(false, Ordering::Release);
                if let Some(why) = state.calls.sending_failed(error) {
                    self.end(&mut state, &why);
                }
            }
        }
        state.stop_sending();
        state
    }

    /// Sends what is queued, waiting while the socket takes nothing; for the flusher. It reads where nobody else does:
    /// a server that cannot write may not read either, and that it has gone is only learnt by reading.
    pub(super) fn flush_all(&self) {
        let mut state = self.flush(self.lock());
        while state.calls.may_send() {
            state = match state.inbox.take() {
                Some(inbox) => self.lead(state, inbox, None),
                None => self.wait_for_room(state),
            };
            state = self.flush(state);
        }
        drop(hand_on(state));
    }

    /// Waits until the socket takes bytes, while another thread reads.
    fn wait_for_room<'a>(&'a self, mut state: Guard<'a>) -> Guard<'a> {
        let until = state.calls.machine.poll_timeout(false, Instant::now());
        drop(state);
        let ready = self.socket.wait(Readiness::WRITE, until);
        let mut state = self.lock();
        let in_time = match ready {
            Ok(ready) if ready.write => Ok(()),
            Ok(_) => state.calls.machine.handle_timeout(Instant::now()).map_err(Ending::from),
            Err(error) => Err(error.into()),
        };
        if let Err(why) = in_time {
            self.end(&mut state, &why);
        }
        state
    }

    /// Asks a server that has been silent for long whether it is there, and ends the connection if it does not say so. When
    /// to look again.
    pub(super) fn look_for_silence(&self, now: Instant) -> Option<Instant> {
        let mut state = self.lock();
        if state.calls.over.is_some() {
            return None;
        }
        // What came and nobody has read yet is no silence.
        let is_unread =
            state.inbox.is_some() && self.socket.wait(Readiness::READ, Some(now)).is_ok_and(|ready| ready.read);
        match state.calls.machine.look_for_silence(!is_unread, now) {
            Ok(next) => {
                self.leave(&state);
                next
            }
            Err(broken) => {
                self.end(&mut state, &broken.into());
                None
            }
        }
    }

    /// Whether the server may still have to read oneway calls, which nobody waits for.
    pub(super) fn has_oneway(&self) -> bool {
        self.lock().calls.has_oneway()
    }

    /// For its last owner: ends the connection. If bytes of the server are unread when a socket is closed, the server's system
    /// throws away what its program has not read yet; so oneway calls need more care.
    pub(super) fn close(self) {
        if self.has_oneway() {
            self.socket.linger();
        }
    }

    /// The connection is over: every open call fails, and says whether it may have run.
    pub(super) fn end(&self, state: &mut State, why: &Ending) {
        self.is_open.store(false, Ordering::Release);
        let State { calls, sleepers, .. } = state;
        calls.end(why, &self.socket, |waiter| sleepers.wake(waiter));
        self.socket.shutdown(Shutdown::Both);
        sleepers.wake_all();
    }
}

impl Usable for Connection {
    fn is_open(&self) -> bool {
        self.is_open.load(Ordering::Acquire)
    }

    fn has_heard(&self) -> bool {
        self.lock().calls.machine.has_heard()
    }

    fn peer(&self) -> &str {
        &self.peer
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.socket.shutdown(Shutdown::Both);
        silence::forget();
    }
}
