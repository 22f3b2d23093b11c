//! What a channel can be told.

use std::time::Duration;

use crate::proto::Limits;

/// What a channel can be told.
///
/// ```
/// use std::time::Duration;
///
/// use rpcgen_runtime::ChannelOptions;
///
/// let impatient = ChannelOptions { connection_wait: Duration::from_secs(1), ..ChannelOptions::default() };
/// assert_eq!(impatient.attempts, 3);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelOptions {
    /// What is accepted from the server.
    pub limits: Limits,
    /// How long each address of a server, or its Unix socket, may take to accept a connection. More than zero. Default 10 s.
    pub connect_timeout: Duration,
    /// How long a call waits for a connection, if its own time is not over before. Default 10 s.
    pub connection_wait: Duration,
    /// Whether calls fail at once while the channel waits before it tries to connect again. Otherwise they wait with it.
    /// Default no.
    pub fail_fast: bool,
    /// The longest wait after the first connection that failed; it doubles with each further one. The actual wait is
    /// chosen at random below it. Default 50 ms.
    pub backoff: Duration,
    /// The longest wait after a connection that failed, however many failed before. Default 5 s.
    pub backoff_most: Duration,
    /// How often a call is sent at most, the first time included; 1 for never again. What is sent again: calls that
    /// certainly did not run, and those of idempotent methods that were lost with their connection. Default 3.
    pub attempts: u32,
    /// Packed arguments that are kept for sending a call again, in bytes for each call that is under way. Calls with more
    /// are sent once. At most 65,536. Default 16 KiB.
    pub resend_size: usize,
    /// Silence of the server, while calls are open, before it is sent a PING; up to a quarter more, since it is looked for
    /// every now and then. Zero: it is never sent one. Default 30 s.
    pub keepalive: Duration,
    /// Silence after a PING before the server counts as gone. Default 30 s.
    pub keepalive_timeout: Duration,
}

impl Default for ChannelOptions {
    fn default() -> Self {
        Self {
            limits: Limits::default(),
            connect_timeout: Duration::from_secs(10),
            connection_wait: Duration::from_secs(10),
            fail_fast: false,
            backoff: Duration::from_millis(50),
            backoff_most: Duration::from_secs(5),
            attempts: 3,
            resend_size: 16 << 10,
            keepalive: Duration::from_secs(30),
            keepalive_timeout: Duration::from_secs(30),
        }
    }
}

impl ChannelOptions {
    /// How long to wait after so many failures in a row: anything up to a bound that doubles with each (full jitter), so
    /// that clients who lost the same server do not all come back at the same time.
    pub(super) fn pause(&self, failures: u32) -> Duration {
        self.bound(failures).mul_f64(fastrand::f64())
    }

    fn bound(&self, failures: u32) -> Duration {
        let doubled = 1_u32.checked_shl(failures.saturating_sub(1)).unwrap_or(u32::MAX);
        self.backoff.saturating_mul(doubled).min(self.backoff_most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_longest() {
        let options = ChannelOptions::default();
        let bounds = [1, 2, 3, 7, 8, 33, u32::MAX].map(|failures| options.bound(failures).as_millis());
        assert_eq!(bounds, [50, 100, 200, 3200, 5000, 5000, 5000]);
        assert!((0..100).all(|failures| options.pause(failures) <= options.bound(failures)));
    }
}
