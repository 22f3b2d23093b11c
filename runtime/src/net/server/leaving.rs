//! How a session ends when its server wants that: the peer is told, hears its answers, and closes its end; or is not waited for.
//!
//! If a socket is closed while bytes of the peer are still coming, the peer's system may throw away what it was told (R45). So
//! only the sending is ended, and the reader reads on: whatever comes, or that the peer has closed too, makes it end the session
//! in its way. A peer that just stays there makes it do so after a lull.

use std::net::Shutdown;
use std::time::{Duration, Instant};

use super::session::Session;
use super::wire::Wire;
use crate::net::socket::Readiness;

/// How long a peer that was told all, and sends nothing, may take to close its end. What it had sent before has come by then.
pub(super) const LULL: Duration = Duration::from_millis(100);

impl Session {
    /// Tells the peer to make no further calls here; ends when no handler runs, every answer is sent, and the peer has closed
    /// its end. In case it does not, somebody is to call [`stop_reading`](Self::stop_reading) after [`LULL`].
    pub(crate) fn go_away(&self, reason: &str) {
        let mut wire = self.wire();
        wire.connection.go_away(reason);
        wire.note_drain();
        match self.flush(&mut wire) {
            Ok(()) => self.stop_sending(&wire),
            Err(_) => self.socket().shutdown(Shutdown::Read),
        }
    }

    /// The same, when the last handler has returned whose thread no longer reads, and its answer is sent.
    pub(super) fn part(&self) {
        let wire = self.wire();
        self.stop_sending(&wire);
        let must_wait = self.is_over(&wire) && !self.is_ending();
        drop(wire);
        let until = Instant::now().checked_add(LULL);
        if must_wait && self.socket().wait(Readiness::READ, until).is_ok_and(|came| !came.read) {
            self.stop_reading();
        }
    }

    /// If the peer has heard all, tells it that nothing more comes.
    fn stop_sending(&self, wire: &Wire) {
        if self.is_over(wire) && wire.connection.queued() == 0 {
            self.socket().shutdown(Shutdown::Write);
        }
    }

    /// Wakes the reader of a session that is over, if nothing that came has.
    pub(super) fn stop_reading(&self) {
        let wire = self.wire();
        if self.is_over(&wire) && !self.is_ending() {
            self.socket().shutdown(Shutdown::Read);
        }
    }

    /// Whether the peer was told that the connection ends, and no handler runs.
    fn is_over(&self, wire: &Wire) -> bool {
        wire.connection.has_said_goodbye() && !wire.has_detached() && !self.pulse().is_busy()
    }

    /// Whether the peer was told that the connection ends, and was sent all its answers.
    pub(super) fn has_told_all(&self) -> bool {
        let wire = self.wire();
        self.is_over(&wire) && wire.connection.queued() == 0
    }
}
