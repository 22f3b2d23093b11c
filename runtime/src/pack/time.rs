//! Points in time and durations, as nanoseconds in 64 bits.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::{Fixed, FixedIn, FixedOut, PackError, PackErrorKind, UnpackError, UnpackErrorKind};

/// An `i64`: nanoseconds since the Unix epoch, negative before it.
///
/// It reaches from 1677 to 2262. A time beyond is refused when packed. One that this system's clock cannot tell is
/// refused when unpacked; where the clock is coarser than a nanosecond (100 ns on Windows) it is rounded.
impl Fixed for SystemTime {
    const SIZE: usize = 8;

    #[inline]
    fn put(&self, out: &mut FixedOut<'_>) -> Result<(), PackError> {
        nanoseconds(*self).ok_or(PackErrorKind::TimeTooFar)?.put(out)
    }

    #[inline]
    fn get(input: &mut FixedIn<'_>) -> Result<Self, UnpackError> {
        let nanoseconds = i64::get(input)?;
        time(nanoseconds).ok_or_else(|| UnpackErrorKind::TimeTooFar { nanoseconds }.into())
    }
}

/// Nanoseconds since the Unix epoch, where they fit.
fn nanoseconds(time: SystemTime) -> Option<i64> {
    match time.duration_since(UNIX_EPOCH) {
        Ok(after) => i64::try_from(after.as_nanos()).ok(),
        // A signed number, so that the earliest one fits too.
        Err(before) => i64::try_from(-before.duration().as_nanos().cast_signed()).ok(),
    }
}

/// The point in time so many nanoseconds from the Unix epoch, where this system can tell it.
fn time(nanoseconds: i64) -> Option<SystemTime> {
    let distance = Duration::from_nanos(nanoseconds.unsigned_abs());
    if nanoseconds < 0 { UNIX_EPOCH.checked_sub(distance) } else { UNIX_EPOCH.checked_add(distance) }
}

/// A `u64`: nanoseconds. It reaches to 584 years; a longer duration is refused when packed.
impl Fixed for Duration {
    const SIZE: usize = 8;

    #[inline]
    fn put(&self, out: &mut FixedOut<'_>) -> Result<(), PackError> {
        let too_long = |_| PackErrorKind::DurationTooLong { seconds: self.as_secs() };
        u64::try_from(self.as_nanos()).map_err(too_long)?.put(out)
    }

    #[inline]
    fn get(input: &mut FixedIn<'_>) -> Result<Self, UnpackError> {
        u64::get(input).map(Self::from_nanos)
    }
}
