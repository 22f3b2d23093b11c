//! Finds out whether a silent peer is still there: a PING after a time without a byte, and the end of the connection when
//! nothing comes after it.
//!
//! What comes is only noted, and somebody looks every now and then: so a call pays for no clock.

use std::time::{Duration, Instant};

use super::link::Broken;

/// Looks in an idle time.
const LOOKS: u32 = 4;

/// The clocks of a side that waits for its peer. Without an idle time they stand still.
#[derive(Debug, Default)]
pub(super) struct Keepalive {
    /// Silence before a PING.
    idle: Option<Duration>,
    /// Silence after a PING.
    patience: Duration,
    /// Bytes have come since the last look.
    has_heard: bool,
    /// The first look that found nothing new.
    silent_since: Option<Instant>,
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
        self.has_heard = true;
    }

    /// Whether a PING is to be sent now. Nothing is expected of a peer that has no calls, or whose answers nobody reads.
    pub(super) fn look(&mut self, is_expecting: bool, now: Instant) -> Result<bool, Broken> {
        let Some(idle) = self.idle else { return Ok(false) };
        if std::mem::take(&mut self.has_heard) || !is_expecting {
            (self.silent_since, self.gone) = (None, None);
        }
        if self.gone.is_some_and(|gone| gone <= now) {
            let Self { patience, .. } = self;
            let reason = format!("nothing came for {patience:?} after a PING (ChannelOptions::keepalive_timeout)");
            return Err(Broken::stalled(reason));
        }
        let silent_since = *self.silent_since.get_or_insert(now);
        let is_due = is_expecting && self.gone.is_none() && now.saturating_duration_since(silent_since) >= idle;
        if is_due {
            self.gone = now.checked_add(self.patience);
        }
        Ok(is_due)
    }

    /// When to look again.
    pub(super) fn next_look(&self, now: Instant) -> Option<Instant> {
        let next = now.checked_add(self.idle? / LOOKS);
        next.into_iter().chain(self.gone).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_silent_peer_is_asked_once_and_then_given_up() {
        let now = Instant::now();
        let mut keepalive = Keepalive::new(4 * SECOND, 2 * SECOND);
        for (second, asks) in [(0, false), (1, false), (3, false), (4, true), (5, false)] {
            assert_eq!(keepalive.look(true, now + second * SECOND), Ok(asks), "{second}");
        }
        assert_eq!(keepalive.next_look(now + 5 * SECOND), Some(now + 6 * SECOND));
        assert!(keepalive.look(true, now + 6 * SECOND).is_err());
    }

    #[test]
    fn any_byte_shows_that_the_peer_is_there() {
        let now = Instant::now();
        let mut keepalive = Keepalive::new(4 * SECOND, 2 * SECOND);
        assert_eq!(keepalive.look(true, now), Ok(false));
        assert_eq!(keepalive.look(true, now + 4 * SECOND), Ok(true));
        keepalive.received();
        assert_eq!(keepalive.look(true, now + 7 * SECOND), Ok(false));
        assert_eq!(keepalive.look(true, now + 10 * SECOND), Ok(false));
        assert_eq!(keepalive.look(true, now + 11 * SECOND), Ok(true));
    }

    #[test]
    fn nothing_is_expected_where_nobody_waits() {
        let now = Instant::now();
        let mut keepalive = Keepalive::new(4 * SECOND, 2 * SECOND);
        assert_eq!(keepalive.look(true, now), Ok(false));
        assert_eq!(keepalive.look(true, now + 4 * SECOND), Ok(true));
        assert_eq!(keepalive.look(false, now + 9 * SECOND), Ok(false));
        assert_eq!(keepalive.look(true, now + 10 * SECOND), Ok(false));
    }

    #[test]
    fn without_an_idle_time_nobody_is_asked() {
        let now = Instant::now();
        let mut keepalive = Keepalive::new(Duration::ZERO, SECOND);
        assert_eq!(keepalive.next_look(now), None);
        assert_eq!(keepalive.look(true, now + 9 * SECOND), Ok(false));
    }
}
