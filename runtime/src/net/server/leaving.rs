//! How a session ends when its server wants that: the peer is told, hears its answers, and closes its end; or is not waited for.
//!
//! If a socket is closed while bytes of the peer are still coming, the peer's system may throw away what it was told (R45). So
//! only the sending is ended, and the reader reads on: whatever comes, or that the peer has closed too, makes it end the session
//! in its way. Where the peer just stays, the reader is woken after a lull.

use std::net::Shutdown;
use std::time::Duration;

use super::session::Session;
use super::wire::Wire;
use crate::net::sync::atomic::Ordering;

/// How long a peer that was told all, and sends nothing, may take to close its end. What it had sent before has come by then.
pub(in crate::net) const LULL: Duration = Duration::from_millis(100);

impl Session {
    /// If the peer was told that the connection ends, and no handler runs: begins the end.
    pub(super) fn part(&self, wire: &Wire) {
        if !self.is_over(wire) {
            return;
        }
        if wire.has_told_all() {
            self.socket().shutdown(Shutdown::Write);
        }
        match self.watch() {
            Some(watch) => watch.add_leaving(self.this.clone()),
            None => self.socket().shutdown(Shutdown::Read),
        }
    }

    /// After the lull: wakes the reader, if nothing that came has.
    pub(super) fn stop_reading(&self) {
        if self.is_over(&self.wire()) {
            self.socket().shutdown(Shutdown::Read);
        }
    }

    /// Whether there is nothing left to do but to wake the reader.
    fn is_over(&self, wire: &Wire) -> bool {
        let is_woken = self.pulse().is_busy() || self.is_ending.load(Ordering::Relaxed);
        wire.connection.has_said_goodbye() && !wire.has_detached() && !is_woken
    }
}
