//! What a side accepts from its peer. The table of limits in `docs/wire.md`, with its defaults.

use std::time::Duration;

use crate::pack::{PackLimits, UnpackLimits};
use crate::wire::Preface;
use crate::wire::preface::MINIMUM;

/// What one side of a connection accepts. Every refusal names the limit, its value, what came, and the field here that
/// changes it.
///
/// ```
/// use rpcgen_runtime::Limits;
///
/// let small = Limits { message: 1 << 20, ..Limits::default() };
/// assert_eq!(small.frame, 1 << 20);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Payload of one frame, in bytes; announced to the peer. Default 1 MiB, at least 65,536.
    pub frame: u32,
    /// A whole message, in bytes, as sent and as received. Default 64 MiB.
    pub message: usize,
    /// Unfinished messages held for one connection, in bytes. Default 128 MiB.
    pub held_by_connection: usize,
    /// Unfinished messages held in the whole process, in bytes. Default 1 GiB.
    pub held_by_process: usize,
    /// Replies waiting to be sent on one connection, in bytes; beyond it no further call is taken. Default 4 MiB.
    pub queued: usize,
    /// Calls open at once on a connection; announced to the peer. Default 1,024, at least 64.
    pub open_calls: u16,
    /// Levels of nesting while packing and unpacking. Default 64.
    pub nesting: u32,
    /// Memory that one message may unpack to, in bytes. Default 256 MiB.
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
            nesting: 64,
            unpacked: 256 << 20,
            write_stall: Duration::from_secs(30),
            frame_stall: Duration::from_secs(30),
            preface: Duration::from_secs(10),
        }
    }
}

impl Limits {
    /// What the peer is told of them. Values under the protocol's minimum are raised to it.
    pub(crate) fn preface(&self) -> Preface {
        Preface {
            calls: self.open_calls.max(MINIMUM.calls),
            frame: self.frame.max(MINIMUM.frame),
            window: MINIMUM.window.max(1 << 18),
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
