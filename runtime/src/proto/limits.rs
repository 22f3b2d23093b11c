//! What a side accepts from its peer. The table of limits in `docs/wire.md`, with its defaults.

use std::time::Duration;

use super::options::{OptionError, at_least, at_most, some_time};
use crate::pack::{PackLimits, UnpackLimits};
use crate::wire::Preface;
use crate::wire::preface::{MINIMUM, MOST_CREDIT};

/// The deepest nesting that can be allowed: in a debug build a level takes some kilobytes of stack, and a thread's may have
/// 2 MiB.
const DEEPEST: u32 = 256;

/// The largest frame that can be allowed: all of it is in memory before any of it is looked at.
const LARGEST_FRAME: u32 = 1 << 30;

/// What one side of a connection accepts. Every refusal names the limit, its value, what came, and the field here that
/// changes it. A value that makes no sense is refused when the server or the channel is made: nothing may be zero, and
/// some have a least or a most, which stands with them.
///
/// ```
/// use rpcgen_runtime::Limits;
///
/// let small = Limits { message: 1 << 20, ..Limits::default() };
/// assert_eq!(small.frame, 1 << 20);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Payload of one frame, in bytes; announced to the peer. Default 1 MiB, at least 65,536, at most 1 GiB.
    pub frame: u32,
    /// A whole message, in bytes, as sent and as received. Default 64 MiB.
    pub message: usize,
    /// Unfinished messages and unread items held for one connection, in bytes. Default 128 MiB.
    pub held_by_connection: usize,
    /// Unfinished messages and unread items held in the whole process, in bytes. Default 1 GiB.
    pub held_by_process: usize,
    /// Replies waiting to be sent on one connection, in bytes; beyond it no further call is taken. In a channel, calls that
    /// wait to be sent; beyond it no further one is started. Default 4 MiB.
    pub queued: usize,
    /// Calls open at once on a connection; announced to the peer. Default 1,024, at least 64.
    pub open_calls: u16,
    /// Items of a stream that the peer may send ahead of what is read, in bytes; announced to it. Default 256 KiB, at least
    /// 16,384, at most 2 GiB.
    pub stream_window: u32,
    /// Levels of nesting while packing and unpacking. Default 64, at most 256.
    pub nesting: u32,
    /// Memory that one message may unpack to, in bytes. Default 256 MiB: four times the default of `message`.
    pub unpacked: usize,
    /// Time without progress in writing. Default 30 s.
    pub write_stall: Duration,
    /// Time without a byte of a frame that was begun. Default 30 s.
    pub frame_stall: Duration,
    /// Time to a valid preface. Default 10 s.
    pub preface: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            frame: 1 << 20,
            message: 64 << 20,
            held_by_connection: 128 << 20,
            held_by_process: 1 << 30,
            queued: 4 << 20,
            open_calls: 1024,
            stream_window: 256 << 10,
            nesting: 64,
            unpacked: 256 << 20,
            write_stall: Duration::from_secs(30),
            frame_stall: Duration::from_secs(30),
            preface: Duration::from_secs(10),
        }
    }
}

impl Limits {
    /// Refuses values that make no sense.
    ///
    /// # Errors
    ///
    /// When one is zero, below its least or above its most.
    pub(crate) fn check(&self) -> Result<(), OptionError> {
        at_least("Limits::frame", self.frame, MINIMUM.frame)?;
        at_most("Limits::frame", self.frame, LARGEST_FRAME)?;
        at_least("Limits::message", self.message, 1)?;
        at_least("Limits::held_by_connection", self.held_by_connection, 1)?;
        at_least("Limits::held_by_process", self.held_by_process, 1)?;
        at_least("Limits::queued", self.queued, 1)?;
        at_least("Limits::open_calls", self.open_calls, MINIMUM.calls)?;
        at_least("Limits::stream_window", self.stream_window, MINIMUM.window)?;
        at_most("Limits::stream_window", self.stream_window, MOST_CREDIT)?;
        at_least("Limits::nesting", self.nesting, 1)?;
        at_most("Limits::nesting", self.nesting, DEEPEST)?;
        at_least("Limits::unpacked", self.unpacked, 1)?;
        some_time("Limits::write_stall", self.write_stall)?;
        some_time("Limits::frame_stall", self.frame_stall)?;
        some_time("Limits::preface", self.preface)
    }

    /// What the peer is told of them. Values under the protocol's minimum are raised to it.
    pub(crate) fn preface(&self) -> Preface {
        Preface {
            calls: self.open_calls.max(MINIMUM.calls),
            frame: self.frame.max(MINIMUM.frame),
            window: self.stream_window.max(MINIMUM.window),
        }
    }

    /// The part that matters while packing.
    pub(crate) fn pack(&self) -> PackLimits {
        PackLimits { nesting: self.nesting }
    }

    /// The part that matters while unpacking.
    pub(crate) fn unpack(&self) -> UnpackLimits {
        UnpackLimits { nesting: self.nesting, memory: self.unpacked }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// R58: what cannot hold is refused, and the refusal names the option, its value and what it may be.
    #[test]
    fn values_that_make_no_sense_are_refused_by_name() {
        let good = Limits::default();
        assert_eq!(good.check(), Ok(()));
        let zero = Duration::ZERO;
        for (limits, refusal) in [
            (Limits { frame: 65_535, ..good.clone() }, "Limits::frame is 65535, and must be at least 65536"),
            (Limits { frame: u32::MAX, ..good.clone() }, "Limits::frame is 4294967295, and must be at most 1073741824"),
            (Limits { message: 0, ..good.clone() }, "Limits::message is 0, and must be at least 1"),
            (
                Limits { held_by_connection: 0, ..good.clone() },
                "Limits::held_by_connection is 0, and must be at least 1",
            ),
            (Limits { held_by_process: 0, ..good.clone() }, "Limits::held_by_process is 0, and must be at least 1"),
            (Limits { queued: 0, ..good.clone() }, "Limits::queued is 0, and must be at least 1"),
            (Limits { open_calls: 63, ..good.clone() }, "Limits::open_calls is 63, and must be at least 64"),
            (
                Limits { stream_window: 16_383, ..good.clone() },
                "Limits::stream_window is 16383, and must be at least 16384",
            ),
            (
                Limits { stream_window: (1 << 31) + 1, ..good.clone() },
                "Limits::stream_window is 2147483649, and must be at most 2147483648",
            ),
            (Limits { nesting: 0, ..good.clone() }, "Limits::nesting is 0, and must be at least 1"),
            (Limits { nesting: 257, ..good.clone() }, "Limits::nesting is 257, and must be at most 256"),
            (Limits { unpacked: 0, ..good.clone() }, "Limits::unpacked is 0, and must be at least 1"),
            (Limits { write_stall: zero, ..good.clone() }, "Limits::write_stall is 0ns, and must be longer than that"),
            (Limits { frame_stall: zero, ..good.clone() }, "Limits::frame_stall is 0ns, and must be longer than that"),
            (Limits { preface: zero, ..good.clone() }, "Limits::preface is 0ns, and must be longer than that"),
        ] {
            assert_eq!(limits.check().map_err(|error| error.to_string()), Err(refusal.to_owned()));
        }
    }
}
