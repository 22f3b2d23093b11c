//! How deep values may nest and how much memory they may take.

/// The bound of a string, list or map that has none: as many as its `u32` prefix can count.
pub const UNBOUNDED: u32 = u32::MAX;

/// Levels that a value may nest, by default.
const NESTING: u32 = 64;

/// What one message may unpack to, by default: four times the largest message (64 MiB).
const MEMORY: usize = 4 * 64 * 1024 * 1024;

/// Limits while packing.
///
/// ```
/// # use rpcgen_runtime::pack::PackLimits;
/// assert_eq!(PackLimits::default().nesting, 64);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PackLimits {
    /// How many lists, maps, options, structs of varying size, tables, errors and unions may stand inside each other.
    /// Default 64.
    ///
    /// Each level takes a few hundred bytes of stack (some kilobytes in a debug build), so a value that was built in
    /// memory thousands of levels deep is refused before the stack ends.
    pub nesting: u32,
}

impl Default for PackLimits {
    fn default() -> Self {
        Self { nesting: NESTING }
    }
}

/// Limits while unpacking one message.
///
/// ```
/// # use rpcgen_runtime::pack::{UnpackLimits, Unpacker};
/// let limits = UnpackLimits { memory: 16, ..UnpackLimits::default() };
/// let mut input = Unpacker::new(b"\x00\x00\x00\x11more than sixteen", &limits);
/// let error = input.string(64).unwrap_err();
/// assert!(error.is_memory_limit());
/// assert_eq!(
///     error.to_string(),
///     "17 bytes of memory are needed where 16 are left of the 16 that one message may unpack to \
///      (Limits::unpacked) (at byte 0)"
/// );
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnpackLimits {
    /// How many lists, maps, options, structs of varying size, tables, errors and unions may stand inside each other.
    /// Default 64.
    ///
    /// A struct of fixed size does not count: it cannot contain itself. A peer's worst case is this many frames of
    /// the stack: a few hundred bytes each (some kilobytes in a debug build).
    pub nesting: u32,

    /// Bytes of memory that one message may unpack to. Default 256 MiB: four times the largest message.
    ///
    /// A local measure, charged before memory is reserved: a list costs its count × the size of an element in memory,
    /// a map its count × the size of a pair, or 11 × that where it has fewer, a string or bytes their length, a value in
    /// a box its size. Empty maps, and borrowed strings and bytes, cost nothing. The allocator's own needs and the spare room of a growing list are not counted:
    /// the worst case is about twice this. A [view](super::View) is charged as what it is a view of, though it takes no memory:
    /// so it can be copied without a further check.
    pub memory: usize,
}

impl Default for UnpackLimits {
    fn default() -> Self {
        Self { nesting: NESTING, memory: MEMORY }
    }
}
