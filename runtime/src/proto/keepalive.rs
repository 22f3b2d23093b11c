//! Finds out whether a silent peer is still there: a PING after a time without a byte, and the end of the connection when
//! nothing comes after it.

use std::time::{Duration, Instant};

use super::link::Broken;

/// The clocks of a side that waits for its peer. Without an idle time they stand still.
#[derive(Debug, Default)]
pub(super) struct Keepalive {
    /// Silence before a PING.
    idle: Option<Duration>,
    /// Silence after a PING.
    patience: Duration,
    /// When a PING is due, if nothing comes before.
    ping: Option<Instant>,
    /// When the peer counts as gone, if nothing comes before; a PING was sent.
    gone: Option<Instant>,
}

impl Keepalive {
    pub(super) fn new(idle: Duration, patience: Duration) -> Self {
        let idle = (!idle.is_zero()).then_some(idle);
        Self { idle, patience, ..Self::default() }
    }

    /// Bytes came, whichever: the peer is there.
    pub(super) const fn received(&mut self) {
        self.ping = None;
        self.gone = None;
    }

    /// Whether a PING was sent and nothing has come since.
    pub(super) const fn is_waiting(&self) -> bool {
        self.gone.is_some()
    }

    /// When to look again, where something is expected of the peer.
    pub(super) fn poll(&mut self, is_expecting: bool, now: Instant) -> Option<Instant> {
        let idle = self.idle.filter(|_| is_expecting);
        if self.gone.is_none() {
            self.ping = idle.and_then(|idle| self.ping.or_else(|| now.checked_add(idle)));
        }
        self.gone.or(self.ping)
    }

    /// Whether a PING is to be sent now.
    pub(super) fn check(&mut self, now: Instant) -> Result<bool, Broken> {
        if self.gone.is_some_and(|gone| gone <= now) {
            let Self { patience, .. } = self;
            let reason = format!("nothing came for {patience:?} after a PING (ChannelOptions::keepalive_timeout)");
            return Err(Broken::stalled(reason));
        }
        Ok(self.ping.is_some_and(|ping| ping <= now) && self.begin(now))
    }

    /// A time without a byte is over, as somebody else measured: whether a PING is to be sent now.
    pub(super) fn begin(&mut self, now: Instant) -> bool {
        let is_due = self.idle.is_some() && self.gone.is_none();
        if is_due {
            self.ping = None;
            self.gone = now.checked_add(self.patience);
        }
        is_due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_silent_peer_is_asked_once_and_then_given_up() {
        let now = Instant::now();
        let mut keepalive = Keepalive::new(3 * SECOND, 2 * SECOND);
        assert_eq!(keepalive.poll(false, now), None);
        assert_eq!(keepalive.poll(true, now), Some(now + 3 * SECOND));
        assert_eq!(keepalive.poll(true, now + SECOND), Some(now + 3 * SECOND));
        assert_eq!(keepalive.check(now + 2 * SECOND), Ok(false));
        assert_eq!(keepalive.check(now + 3 * SECOND), Ok(true));
        assert_eq!(keepalive.check(now + 3 * SECOND), Ok(false));
        assert_eq!(keepalive.poll(true, now + 4 * SECOND), Some(now + 5 * SECOND));
        assert!(keepalive.check(now + 5 * SECOND).is_err());
    }

    #[test]
    fn any_byte_shows_that_the_peer_is_there() {
        let now = Instant::now();
        let mut keepalive = Keepalive::new(3 * SECOND, 2 * SECOND);
        assert!(keepalive.begin(now) && keepalive.is_waiting());
        keepalive.received();
        assert!(!keepalive.is_waiting());
        assert_eq!(keepalive.check(now + 9 * SECOND), Ok(false));
        assert_eq!(keepalive.poll(true, now + 9 * SECOND), Some(now + 12 * SECOND));
    }

    #[test]
    fn without_an_idle_time_nobody_is_asked() {
        let now = Instant::now();
        let mut keepalive = Keepalive::new(Duration::ZERO, SECOND);
        assert_eq!(keepalive.poll(true, now), None);
        assert!(!keepalive.begin(now));
    }
}
