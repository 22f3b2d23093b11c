//! The task that reads a connection: it begins handlers where their calls were read, and answers together what arrived
//! together. What takes long goes on elsewhere, and is answered from there.

use std::io;
use std::sync::{Arc, MutexGuard};
use std::time::Instant;

use super::session::{Seat, Session, State, release};
use crate::buffers::Packed;
use crate::net::server::{Early, End, cancel};
use crate::net::tokio::timer::Timer;
use crate::proto::{Broken, Inbox};

/// The task of a connection.
#[derive(Debug)]
pub(super) struct Reader<'a> {
    pub(super) seat: &'a Arc<Seat>,
    pub(super) session: &'a Session,
    /// Where answers are packed.
    pub(super) out: Packed,
    pub(super) timer: Timer,
    /// Not all that has come may be handled now.
    pub(super) is_held: bool,
    /// The call whose handler holds up those behind it.
    pub(super) behind: Option<u32>,
    /// Of the handlers that go on elsewhere, some may have a deadline.
    pub(super) is_timed: bool,
    /// The peer makes no more calls. When to ask next whether it hears answers.
    pub(super) has_ended: Option<Instant>,
}

pub(super) type Guard<'a> = MutexGuard<'a, State>;

/// Serves a connection until it ends.
pub(super) async fn serve(seat: Arc<Seat>) {
    let mut reader = Reader {
        seat: &seat,
        session: &seat.session,
        out: Packed::default(),
        timer: Timer::default(),
        is_held: false,
        behind: None,
        is_timed: false,
        has_ended: None,
    };
    let end = reader.read().await;
    reader.end(end).await;
}

impl Reader<'_> {
    /// Reads until the connection ends.
    async fn read(&mut self) -> End {
        let mut inbox = Inbox::new(self.session.shared.options.limits.preface().frame);
        loop {
            if let Err(end) = self.turn(&mut inbox).await {
                return end;
            }
        }
    }

    /// Handles what has arrived and sends the answers; then receives more.
    async fn turn(&mut self, inbox: &mut Inbox) -> Result<(), End> {
        self.handle_all(inbox)?;
        self.settle()?;
        self.receive(inbox).await
    }

    fn handle_all(&mut self, inbox: &mut Inbox) -> Result<(), End> {
        let now = Instant::now();
        let mut state = self.session.state();
        let mut early = Early::of(inbox.waiting());
        self.is_held = true;
        while self.may_handle(&mut state, inbox)? {
            let Some(incoming) = inbox.next().map_err(Broken::from)? else {
                self.is_held = false;
                state.wire.connection.place(inbox);
                break;
            };
            let Some(call) = state.wire.connection.handle(incoming, now)? else { continue };
            state = self.begin(state, call);
            if early.is_due(state.wire.connection.queued(), inbox.waiting()) {
                self.session.flush(&mut state)?;
            }
        }
        self.session.flush(&mut state)?;
        Ok(())
    }

    /// Whether what is next in the inbox may be handled now.
    fn may_handle(&self, state: &mut State, inbox: &Inbox) -> io::Result<bool> {
        if self.is_behind(state) {
            return Ok(false);
        }
        if state.wire.connection.is_congested() && inbox.holds_call() {
            self.session.flush(state)?;
        }
        Ok(!self.holds_up(state, inbox))
    }

    /// Whether a handler holds up the calls behind it: there was no room for it elsewhere.
    fn is_behind(&self, state: &State) -> bool {
        self.behind.is_some_and(|call| state.wire.is_detached(call))
    }

    /// Whether something holds up what is in the inbox. For a call, what is ready must not be too long.
    pub(super) fn holds_up(&self, state: &State, inbox: &Inbox) -> bool {
        self.is_behind(state) || (state.wire.connection.is_congested() && inbox.holds_call())
    }

    /// After a batch: tells handlers that their calls were cancelled; ends the connection where nothing more is to come of it.
    fn settle(&self) -> Result<(), End> {
        let mut state = self.session.state();
        let cancelled = state.wire.take_cancelled();
        let (wire, is_cut) = (&state.wire, state.is_cut);
        let is_done = !wire.has_detached();
        let has_gone_away = wire.connection.has_said_goodbye();
        let is_closed = self.has_ended.is_some() && wire.connection.queued() == 0;
        release(state);
        cancel(&cancelled);
        match (is_cut, is_done) {
            (true, _) => Err(io::Error::from(io::ErrorKind::ConnectionAborted).into()),
            (false, true) if has_gone_away => Err(End::GoneAway),
            (false, true) if is_closed => Err(End::Closed),
            _ => Ok(()),
        }
    }
}
