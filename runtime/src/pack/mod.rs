//! Packing: values to bytes and back, as `docs/wire.md` lays them out.
//!
//! All numbers are big-endian, with no padding and no tags: what Python's `struct` packs with `!`.
//!
//! | file | holds |
//! |---|---|
//! | [`Packer`], [`Unpacker`] | one method a kind of value: `string`, `list`, `map`, `option`, `variant` … |
//! | [`TableOut`], [`TableIn`] | the fields of a table |
//! | [`Fixed`] | types whose packed size is known beforehand: numbers, enums, times, structs of these |
//! | [`Pack`], [`Unpack`] | types of varying size; every [`Fixed`] type is one as well |
//! | [`View`] | types that are read where they were received: [`Text`], [`ListView`], [`MapView`], [`OptionView`] |
//! | [`PackError`], [`UnpackError`] | what is wrong, in which field, at which byte |
//! | [`PackLimits`], [`UnpackLimits`] | how deep and how large |
//!
//! This room names no other room of the runtime but the one that keeps memory. Nothing a peer sends makes it panic, overflow
//! the stack, or reserve memory for a count that was not checked against the bytes that are there.
//!
//! ```
//! use rpcgen_runtime::pack::{PackLimits, Packer, UnpackLimits, Unpacker};
//!
//! let mut bytes = Vec::new();
//! let mut out = Packer::new(&mut bytes, &PackLimits::default());
//! out.fixed(&7_u16)?;
//! out.string("seven", 64)?;
//! assert_eq!(bytes, b"\x00\x07\x00\x00\x00\x05seven");
//!
//! let mut input = Unpacker::new(&bytes, &UnpackLimits::default());
//! assert_eq!(input.fixed::<u16>()?, 7);
//! assert_eq!(input.str(64)?, "seven");
//! input.end()?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod array;
mod bulk;
mod cursor;
mod error;
mod fixed;
mod kind;
mod limits;
mod number;
mod pack_list;
mod packer;
mod path;
mod table;
mod time;
mod unknown;
mod unpacker;
mod utf8;
mod view;

pub use crate::buffers::Packed;
pub use cursor::{FixedIn, FixedOut};
pub use error::{At, PackError, UnpackError};
pub use fixed::Fixed;
pub use kind::{PackErrorKind, Unit, UnpackErrorKind};
pub use limits::{PackLimits, UNBOUNDED, UnpackLimits};
pub use pack_list::PackList;
pub use packer::Packer;
pub use path::Path;
pub use table::TableOut;
pub use unknown::{UnknownBits, UnknownValue, UnknownVariant};
pub use unpacker::{TableIn, Unpacker};
pub use view::{ListIter, ListView, MapIter, MapView, OptionView, Text, View};

/// A value that can be packed. Every [`Fixed`] type is one.
///
/// ```
/// use rpcgen_runtime::pack::{At as _, Pack, PackError, PackLimits, Packer};
///
/// struct Person { id: u64, name: String }
///
/// impl Pack for Person {
///     fn pack(&self, out: &mut Packer<'_>) -> Result<(), PackError> {
///         out.fixed(&self.id).at("id")?;
///         out.string(&self.name, 8).at("name")
///     }
/// }
///
/// let person = Person { id: 1, name: "Bartholomew".to_owned() };
/// let error = person.pack(&mut Packer::new(&mut Vec::new(), &PackLimits::default())).unwrap_err();
/// assert_eq!(error.to_string(), "name: 11 bytes where at most 8 are allowed");
/// ```
pub trait Pack {
    /// Writes the value behind what `out` holds already.
    ///
    /// # Errors
    /// A bound is exceeded, a time does not fit, or the value nests too deep. A part of the value may then have been
    /// written: cut the buffer back to where it began.
    fn pack(&self, out: &mut Packer<'_>) -> Result<(), PackError>;
}

/// A value that can be unpacked from bytes that live for `'a`. Every [`Fixed`] type is one.
pub trait Unpack<'a>: Sized {
    /// The fewest bytes that a value takes.
    const MIN_SIZE: usize;

    /// Reads the next value.
    ///
    /// # Errors
    /// The bytes are not the one form of a value, or a limit is exceeded. What `input` stands at is then unspecified.
    fn unpack(input: &mut Unpacker<'a>) -> Result<Self, UnpackError>;
}

impl<T: Fixed> Pack for T {
    #[inline]
    fn pack(&self, out: &mut Packer<'_>) -> Result<(), PackError> {
        out.fixed(self)
    }
}

impl<'a, T: Fixed> Unpack<'a> for T {
    const MIN_SIZE: usize = T::SIZE;

    #[inline]
    fn unpack(input: &mut Unpacker<'a>) -> Result<Self, UnpackError> {
        input.fixed()
    }
}
