//! What a channel can be told.

use std::time::Duration;

use crate::net::busy_poll::LONGEST;
use crate::proto::Limits;
use crate::proto::options::{OptionError, at_least, at_most, not_longer, some_time};

/// The most that is kept of a call for sending it again, in bytes: a longer payload may be taken when it is queued, see
/// `ClientConnection::open`.
const MOST_KEPT: usize = 65_536;

/// What a channel can be told. A value that makes no sense is refused, with `InvalidArgument`, when the channel is made.
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
    /// certainly did not run, and those of idempotent methods that were lost with their connection. Default 3, at least 1.
    pub attempts: u32,
    /// Packed arguments that are kept for sending a call again, in bytes for each call that is under way. Calls with more
    /// are sent once. At most 65,536. Default 16 KiB.
    pub resend_size: usize,
    /// Silence of the server, while calls are open, before it is sent a PING; up to a quarter more, since it is looked for
    /// every now and then. Zero: it is never sent one. Default 30 s.
    pub keepalive: Duration,
    /// Silence after a PING before the server counts as gone. More than zero. Default 30 s.
    pub keepalive_timeout: Duration,
    /// How long the thread that waits for an answer looks for it again and again before it sleeps, while answers come within that
    /// time. A call is then several times faster where client and server have cores of their own, and the processor has less to do
    /// than with sleeping and waking; where answers take longer, it only tries again now and then. 50 µs are a good choice; at most 1 ms.
    /// Channels on tokio do not heed it. Default zero: it sleeps at once.
    pub busy_poll: Duration,
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
            busy_poll: Duration::ZERO,
        }
    }
}

impl ChannelOptions {
    /// Refuses values that make no sense.
    ///
    /// # Errors
    ///
    /// When one is below its least or above its most.
    pub(super) fn check(&self) -> Result<(), OptionError> {
        self.limits.check()?;
        some_time("ChannelOptions::connect_timeout", self.connect_timeout)?;
        at_least("ChannelOptions::attempts", self.attempts, 1)?;
        at_most("ChannelOptions::resend_size", self.resend_size, MOST_KEPT)?;
        some_time("ChannelOptions::keepalive_timeout", self.keepalive_timeout)?;
        not_longer("ChannelOptions::busy_poll", self.busy_poll, LONGEST)
    }

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

    /// R58: the refusal names the option, its value and what it may be.
    #[test]
    fn values_that_make_no_sense_are_refused_by_name() {
        let good = ChannelOptions::default();
        assert_eq!(good.check(), Ok(()));
        for (options, option) in [
            (ChannelOptions { connect_timeout: Duration::ZERO, ..good.clone() }, "ChannelOptions::connect_timeout"),
            (ChannelOptions { attempts: 0, ..good.clone() }, "ChannelOptions::attempts"),
            (ChannelOptions { resend_size: 65_537, ..good.clone() }, "ChannelOptions::resend_size"),
            (ChannelOptions { keepalive_timeout: Duration::ZERO, ..good.clone() }, "ChannelOptions::keepalive_timeout"),
            (ChannelOptions { limits: Limits { queued: 0, ..Limits::default() }, ..good.clone() }, "Limits::queued"),
        ] {
            assert_eq!(options.check().map_err(|error| error.option()), Err(option));
        }
    }

    #[test]
    fn waits_double_up_to_the_longest() {
        let options = ChannelOptions::default();
        let bounds = [1, 2, 3, 7, 8, 33, u32::MAX].map(|failures| options.bound(failures).as_millis());
        assert_eq!(bounds, [50, 100, 200, 3200, 5000, 5000, 5000]);
        assert!((0..100).all(|failures| options.pause(failures) <= options.bound(failures)));
    }
}
