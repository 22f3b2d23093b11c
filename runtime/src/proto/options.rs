//! Options that make no sense are refused where they are given, before anything is listened on or connected to.

use std::fmt::{Debug, Display};
use std::time::Duration;

/// A value that an option cannot have.
///
/// ```
/// use rpcgen_runtime::{Channel, ChannelOptions};
///
/// let options = ChannelOptions { attempts: 0, ..ChannelOptions::default() };
/// let error = Channel::connect_with("tcp://127.0.0.1:7000", options).unwrap_err();
/// assert_eq!(error.message(), "ChannelOptions::attempts is 0, and must be at least 1");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{option} is {given}, and must be {rule}")]
pub struct OptionError {
    option: &'static str,
    given: String,
    rule: String,
}

impl OptionError {
    /// The option, as in `ServerOptions::connections`.
    pub const fn option(&self) -> &'static str {
        self.option
    }

    fn new(option: &'static str, given: impl Debug, rule: String) -> Self {
        Self { option, given: format!("{given:?}"), rule }
    }
}

/// Refuses what is below the least.
pub(crate) fn at_least<T: Copy + PartialOrd + Debug + Display>(
    option: &'static str,
    given: T,
    least: T,
) -> Result<(), OptionError> {
    if given < least { Err(OptionError::new(option, given, format!("at least {least}"))) } else { Ok(()) }
}

/// Refuses what is above the most.
pub(crate) fn at_most<T: Copy + PartialOrd + Debug + Display>(
    option: &'static str,
    given: T,
    most: T,
) -> Result<(), OptionError> {
    if given > most { Err(OptionError::new(option, given, format!("at most {most}"))) } else { Ok(()) }
}

/// Refuses a time that is longer than the longest.
pub(crate) fn not_longer(option: &'static str, given: Duration, longest: Duration) -> Result<(), OptionError> {
    if given > longest { Err(OptionError::new(option, given, format!("at most {longest:?}"))) } else { Ok(()) }
}

/// Refuses no time at all.
pub(crate) fn some_time(option: &'static str, given: Duration) -> Result<(), OptionError> {
    if given.is_zero() { Err(OptionError::new(option, given, "longer than that".to_owned())) } else { Ok(()) }
}
