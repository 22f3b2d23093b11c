//! How a connection ends.

use std::future::poll_fn;
use std::io;
use std::task::{Context, Poll, ready};
use std::time::Instant;

use rustix::net::Shutdown;
use tokio::time::timeout;

use super::reader::Reader;
use super::session::Session;
use crate::net::server::{End, LULL, Registered as _};
use crate::net::socket::{LINGER, Readiness};

impl Reader<'_> {
    /// Does what is left to do when nothing more is read.
    pub(super) async fn end(&mut self, end: End) {
        let peer = &self.session.peer;
        match end {
            End::Closed | End::Replaced => log::debug!("{peer} has closed its connection"),
            End::GoneAway => {
                if self.send_all().await.is_ok() && self.session.hears_something().await {
                    self.session.linger().await;
                }
            }
            End::Failed(error) => log::debug!("the connection of {peer} failed: {error}"),
            End::Broken(broken) => {
                log::warn!("closing the connection of {peer}: {broken}");
                self.session.state().wire.connection.close(&broken);
                self.session.cancel_all();
                self.say_goodbye().await;
            }
        }
        self.session.cut();
    }

    /// Sends what is left, GOAWAY last, and gives the peer time to read the reason.
    async fn say_goodbye(&mut self) {
        if self.send_all().await.is_ok() {
            self.session.linger().await;
        }
    }

    /// Sends everything, for as long as the peer takes it.
    async fn send_all(&mut self) -> Result<(), End> {
        loop {
            let until = {
                let mut state = self.session.state();
                self.session.flush(&mut state)?;
                if state.wire.connection.queued() == 0 || state.is_cut {
                    return Ok(());
                }
                state.wire.connection.poll_write_timeout(Instant::now())
            };
            if self.wait(Readiness::WRITE, until).await? == Readiness::default() {
                self.session.state().wire.connection.handle_timeout(Instant::now())?;
            }
        }
    }
}

impl Session {
    /// Ends the sending; whether the peer closes its end or sends something within a lull. One that just stays has heard all.
    async fn hears_something(&self) -> bool {
        self.stream.shutdown(Shutdown::Write);
        timeout(LULL, poll_fn(|task| self.stream.poll_readable(task))).await.is_ok()
    }

    /// Ends the sending, then reads on and drops what comes, for at most a second, until the peer has closed too: else its
    /// system might throw away what it has not read yet.
    async fn linger(&self) {
        self.stream.shutdown(Shutdown::Write);
        let dropped = timeout(LINGER, poll_fn(|task| self.drop_all(task)));
        dropped.await.unwrap_or_default();
    }

    /// Drops what comes, until nothing does any more.
    fn drop_all(&self, task: &mut Context<'_>) -> Poll<()> {
        let mut dropped = [0; 4096];
        loop {
            if ready!(self.stream.poll_readable(task)).is_err() {
                return Poll::Ready(());
            }
            match self.stream.receive(&mut dropped) {
                Ok(1..) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Ok(0) | Err(_) => return Poll::Ready(()),
            }
        }
    }
}
