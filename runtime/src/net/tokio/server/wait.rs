//! What a connection's task waits for.

use std::future::poll_fn;
use std::io;
use std::task::Poll;
use std::time::Instant;

use super::reader::Reader;
use super::session::{State, release};
use crate::net::server::{End, STILL_THERE, cancel};
use crate::net::socket::Readiness;
use crate::proto::Inbox;

/// Memory that is kept for each direction's next bytes while there is nothing to do, beside the inbox's own.
const KEPT: usize = 1 << 10;

impl Reader<'_> {
    /// Waits for what the peer sends, and for what else there is to do. While the peer does not read what it is sent, its calls are
    /// not read either.
    pub(super) async fn receive(&mut self, inbox: &mut Inbox) -> Result<(), End> {
        let is_mid_frame = inbox.is_mid_frame();
        self.session.times.note_active(is_mid_frame);
        let Some((wanted, until)) = self.wanted(inbox) else { return Ok(()) };
        let ready = self.wait(wanted, until).await?;
        self.look_at_clocks(ready)?;
        if ready.read { self.take(inbox, is_mid_frame) } else { Ok(()) }
    }

    /// What to wait for, and until when; `None` where something that has come can be handled again.
    fn wanted(&mut self, inbox: &mut Inbox) -> Option<(Readiness, Option<Instant>)> {
        let is_mid_frame = inbox.is_mid_frame();
        let mut state = self.session.state();
        let is_held = self.holds_up(&state, inbox);
        if self.is_held && !is_held {
            return None;
        }
        state.awaits_handlers = is_held || self.has_ended.is_some();
        let connection = &mut state.wire.connection;
        let wanted = Readiness { read: !is_held && self.has_ended.is_none(), write: connection.queued() > 0 };
        if connection.is_quiet(is_mid_frame) && !self.is_timed && self.has_ended.is_none() {
            self.out.empty(KEPT);
            // Where there are streams, the memory is wanted again at once.
            if !state.wire.has_detached() {
                inbox.rest();
                state.wire.rest(KEPT);
            }
            return Some((wanted, None));
        }
        let of_peer = connection.poll_timeout(is_mid_frame && !is_held, Instant::now());
        let of_handlers = self.next_deadline(&state);
        Some((wanted, of_peer.into_iter().chain(of_handlers).chain(self.has_ended).min()))
    }

    fn next_deadline(&mut self, state: &State) -> Option<Instant> {
        let next = if self.is_timed { state.wire.connection.next_deadline() } else { None };
        self.is_timed = next.is_some();
        next
    }

    /// Waits until one of the things wanted is there, the time has come, or something else has happened.
    pub(super) async fn wait(&mut self, wanted: Readiness, until: Option<Instant>) -> io::Result<Readiness> {
        let Self { session, timer, .. } = self;
        poll_fn(|task| {
            let mut ready = Readiness::default();
            if wanted.read
                && let Poll::Ready(polled) = session.stream.poll_readable(task)
            {
                polled?;
                ready.read = true;
            }
            if wanted.write
                && let Poll::Ready(polled) = session.stream.poll_writable(task)
            {
                polled?;
                ready.write = true;
            }
            let has_news = session.state().poll_news(task.waker()).is_ready();
            let is_late = timer.poll(until, task).is_ready();
            let is_over = has_news || is_late || ready != Readiness::default();
            if is_over { Poll::Ready(Ok(ready)) } else { Poll::Pending }
        })
        .await
    }

    /// Does what the time asks for.
    fn look_at_clocks(&mut self, ready: Readiness) -> Result<(), End> {
        let now = Instant::now();
        let mut state = self.session.state();
        if ready == Readiness::default() {
            state.wire.connection.handle_timeout(now)?;
        } else {
            state.wire.connection.check_writing(now)?;
        }
        if self.is_timed {
            state.wire.connection.expire(now);
        }
        if self.has_ended.is_some_and(|at| at <= now) {
            self.has_ended = now.checked_add(STILL_THERE);
            self.ask_whether_heard(&mut state);
        }
        let cancelled = state.wire.take_cancelled();
        release(state);
        cancel(&cancelled);
        Ok(())
    }

    /// A peer that has ended altogether looks the same at first as one that makes no more calls: so it is asked now and then,
    /// and when it has gone, handlers are told.
    fn ask_whether_heard(&self, state: &mut State) {
        if self.session.stream.has_gone() {
            state.wire.connection.give_up_running();
        } else if state.wire.connection.queued() == 0 {
            state.wire.connection.ping();
        }
    }

    /// Takes what has come.
    fn take(&mut self, inbox: &mut Inbox, is_mid_frame: bool) -> Result<(), End> {
        match self.session.stream.receive(inbox.space()) {
            Ok(0) => self.hear_end(is_mid_frame),
            Ok(count) => {
                inbox.filled(count);
                if is_mid_frame {
                    self.session.state().wire.connection.received();
                }
                Ok(())
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Nothing more comes: the peer makes no more calls, or this server wants none. Answers to those made still leave.
    fn hear_end(&mut self, is_mid_frame: bool) -> Result<(), End> {
        let mut state = self.session.state();
        if is_mid_frame && !state.wire.connection.has_said_goodbye() {
            return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
        }
        state.wire.connection.end_of_calls();
        self.has_ended = Some(Instant::now());
        Ok(())
    }
}
