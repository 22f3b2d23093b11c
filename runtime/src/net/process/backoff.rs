//! How long a worker that crashed is not replaced.

use std::time::{Duration, Instant};

/// A worker that has served for so long is replaced at once when it ends.
const HEALTHY: Duration = Duration::from_secs(5);

/// The longest pause after the first worker that ended early; it doubles with each further one.
const FIRST: Duration = Duration::from_millis(100);

/// The longest pause, however many ended early.
const LONGEST: Duration = Duration::from_secs(10);

/// When the next worker may start in a place, by how those before it ended.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Backoff {
    /// Workers that ended early, in a row.
    failures: u32,
    not_before: Option<Instant>,
}

impl Backoff {
    /// A worker has ended that has served since then, if it has; how long to pause.
    pub(super) fn ended(&mut self, ready: Option<Instant>, now: Instant) -> Duration {
        let is_healthy = ready.is_some_and(|ready| now.saturating_duration_since(ready) >= HEALTHY);
        self.failures = if is_healthy { 0 } else { self.failures.saturating_add(1) };
        // At least half of it, or workers that crash at once would be started too often; not all the same, or all would be
        // started together.
        let pause = bound(self.failures).mul_f64(0.5 + fastrand::f64() / 2.0);
        self.not_before = now.checked_add(pause);
        pause
    }

    /// When the next one may start; `None` for now.
    pub(super) fn wait(&self, now: Instant) -> Option<Instant> {
        self.not_before.filter(|until| *until > now)
    }
}

fn bound(failures: u32) -> Duration {
    let Some(doublings) = failures.checked_sub(1) else { return Duration::ZERO };
    FIRST.saturating_mul(1_u32.checked_shl(doublings).unwrap_or(u32::MAX)).min(LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest() {
        let bounds = [0, 1, 2, 3, 7, 8, 33, u32::MAX].map(|failures| bound(failures).as_millis());
        assert_eq!(bounds, [0, 100, 200, 400, 6400, 10_000, 10_000, 10_000]);
    }

    #[test]
    fn crashes_in_a_row_pause_longer_and_one_that_has_served_for_long_makes_good() {
        let (now, mut backoff) = (Instant::now(), Backoff::default());
        assert_eq!(backoff.wait(now), None);
        for failures in 1..20 {
            let pause = backoff.ended(Some(now), now + HEALTHY / 2);
            assert!(pause <= bound(failures) && pause >= bound(failures) / 2, "{pause:?} after {failures}");
        }
        assert!(backoff.wait(now + HEALTHY / 2).is_some());
        assert_eq!(backoff.ended(Some(now), now + HEALTHY), Duration::ZERO);
        assert_eq!(backoff.wait(now + HEALTHY), None);
        assert!(backoff.ended(None, now + HEALTHY) > Duration::ZERO);
    }
}
