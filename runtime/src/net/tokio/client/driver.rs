//! The task that keeps a connection going: it reads, wakes those whose answers came, sends what callers left to it, and
//! watches the clocks. It ends with the connection, or when nobody uses it any more and all is sent.

use std::future::poll_fn;
use std::io;
use std::sync::Arc;
use std::task::{self, Poll, Waker};
use std::time::{Duration, Instant};

use rustix::net::Shutdown;
use tokio::time::timeout;

use super::connection::Line;
use crate::net::calls::Ending;
use crate::net::socket::LINGER;
use crate::net::tokio::timer::Timer;
use crate::net::wakers::wake;
use crate::proto::Inbox;

/// The least time between two looks for silence.
const LOOK: Duration = Duration::from_millis(1);

/// Drives a connection. Where it is dropped before, with its runtime, the connection ends.
#[derive(Debug)]
pub(super) struct Driver {
    line: Arc<Line>,
    inbox: Inbox,
    timer: Timer,
    /// When to look whether the server is silent; never, without a keepalive.
    look: Option<Instant>,
    /// Whom the answers are for that came last.
    woken: Vec<Waker>,
    /// All tasks that were about to run have had their turn since there is something to send.
    has_yielded: bool,
}

impl Driver {
    pub(super) fn new(line: Arc<Line>, inbox: Inbox, has_keepalive: bool) -> Self {
        let look = has_keepalive.then(Instant::now);
        Self { line, inbox, timer: Timer::default(), look, woken: Vec::new(), has_yielded: false }
    }

    pub(super) async fn run(mut self) {
        poll_fn(|cx| self.drive(cx)).await;
        if self.line.lock().calls.has_oneway() {
            self.linger().await;
        }
    }

    fn drive(&mut self, cx: &mut task::Context<'_>) -> Poll<()> {
        if let Err(why) = self.step(cx) {
            self.line.end(&why);
        }
        self.rest(cx)
    }

    fn step(&mut self, cx: &mut task::Context<'_>) -> Result<(), Ending> {
        self.read(cx)?;
        self.write(cx)?;
        self.tick(cx)
    }

    /// Reads all that has come.
    fn read(&mut self, cx: &mut task::Context<'_>) -> Result<(), Ending> {
        while let Some(count) = self.receive(cx)? {
            self.take_in(count)?;
        }
        Ok(())
    }

    /// Receives what there is; `None` where nothing has come.
    fn receive(&mut self, cx: &mut task::Context<'_>) -> io::Result<Option<usize>> {
        while let Poll::Ready(ready) = self.line.socket.poll_readable(cx) {
            ready?;
            match self.line.socket.receive(self.inbox.space()) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                received => return received.map(Some),
            }
        }
        Ok(None)
    }

    /// Hands out what came, of so many bytes; none are the end.
    fn take_in(&mut self, count: usize) -> Result<(), Ending> {
        self.inbox.filled(count);
        let (mut state, woken) = (self.line.lock(), &mut self.woken);
        let taken = state.calls.take_in(&mut self.inbox, Some(count), |waiter| woken.extend(waiter.waker));
        self.line.note(&mut state);
        woken.extend(state.take_woken());
        drop(state);
        woken.drain(..).for_each(Waker::wake);
        taken
    }

    /// Sends what is queued. All tasks that are about to run have their turn before: what they queue leaves with it.
    fn write(&mut self, cx: &mut task::Context<'_>) -> Result<(), Ending> {
        let mut state = self.line.lock();
        state.is_called = false;
        self.has_yielded &= state.calls.may_send();
        while state.calls.may_send() {
            if !std::mem::replace(&mut self.has_yielded, true) {
                cx.waker().wake_by_ref();
                break;
            }
            let Poll::Ready(ready) = self.line.socket.poll_writable(cx) else { break };
            ready?;
            state = self.line.flush(state);
            self.line.note(&mut state);
        }
        let woken = state.take_woken();
        drop(state);
        wake(woken);
        Ok(())
    }

    /// Does what is due, and sees to it that the task is woken when something is.
    fn tick(&mut self, cx: &mut task::Context<'_>) -> Result<(), Ending> {
        while self.timer.poll(self.next_time(), cx).is_ready() {
            self.ring(Instant::now())?;
        }
        Ok(())
    }

    /// When something is due.
    fn next_time(&self) -> Option<Instant> {
        let (mut state, is_mid_frame) = (self.line.lock(), self.inbox.is_mid_frame());
        let machine = &mut state.calls.machine;
        let is_quiet = machine.is_quiet(is_mid_frame);
        let stall = if is_quiet { None } else { machine.poll_timeout(is_mid_frame, Instant::now()) };
        [stall, state.next_deadline, self.look].into_iter().flatten().min()
    }

    fn ring(&mut self, now: Instant) -> Result<(), Ending> {
        let (mut state, woken) = (self.line.lock(), &mut self.woken);
        state.calls.machine.handle_timeout(now)?;
        if self.look.is_some_and(|look| look <= now) {
            let next = state.calls.machine.look_for_silence(true, now)?;
            self.look = next.map(|next| next.max(now + LOOK));
        }
        state.expire(now, |waiter| woken.extend(waiter.waker));
        // A CANCEL or a PING leaves with the next look.
        state.is_called |= state.calls.may_send();
        woken.extend(state.take_woken());
        drop(state);
        woken.drain(..).for_each(Waker::wake);
        Ok(())
    }

    /// Waits to be called, unless there is no more to do.
    fn rest(&mut self, cx: &mut task::Context<'_>) -> Poll<()> {
        let mut state = self.line.lock();
        let is_over = state.calls.over.is_some() || state.is_left && !state.calls.may_send();
        if is_over {
            return Poll::Ready(());
        }
        if !state.rest(cx.waker()) {
            cx.waker().wake_by_ref();
        }
        Poll::Pending
    }

    /// Ends the sending, then reads on and drops what comes, for a while, until the server has closed too: else its system
    /// might throw away what it has not read yet.
    async fn linger(&mut self) {
        self.line.socket.shutdown(Shutdown::Write);
        let rest = poll_fn(|cx| self.drop_rest(cx));
        if timeout(LINGER, rest).await.is_err() {
            log::debug!("the server has not read all for {LINGER:?}");
        }
    }

    fn drop_rest(&mut self, cx: &mut task::Context<'_>) -> Poll<()> {
        let mut dropped = [0; 4096];
        while let Poll::Ready(ready) = self.line.socket.poll_readable(cx) {
            let received = ready.and_then(|()| self.line.socket.receive(&mut dropped));
            let is_over = match received {
                Ok(count) => count == 0,
                Err(error) => error.kind() != io::ErrorKind::WouldBlock,
            };
            if is_over {
                return Poll::Ready(());
            }
        }
        Poll::Pending
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        self.line.end(&Ending::Abandoned);
    }
}
