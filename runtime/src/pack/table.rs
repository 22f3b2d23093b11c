//! Fields of tables: their keys, and how they are written.

use std::fmt::{self, Display, Formatter};

use super::{Fixed, FixedIn, FixedOut, PackError, Packer, UnpackError};

/// How many classes a key has room for.
const CLASSES: u16 = 8;

/// How a field's value tells its own length, so that who does not know the field can skip it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Class(u8);

impl Class {
    /// A `u32` of a length, and that many bytes.
    pub(super) const LENGTH: Self = Self(4);

    /// The class of scalars, enums, flags and times. One that takes another number of bytes does not compile.
    pub(super) const fn of<T: Fixed>() -> Self {
        match T::SIZE {
            1 => Self(0),
            2 => Self(1),
            4 => Self(2),
            8 => Self(3),
            _ => panic!("this type has no class of its own: its fields go through `value`"),
        }
    }

    /// The class of this number.
    pub(super) const fn numbered(number: u8) -> Option<Self> {
        if number <= Self::LENGTH.0 { Some(Self(number)) } else { None }
    }

    /// Its number.
    pub(super) const fn number(self) -> u8 {
        self.0
    }

    /// The bytes of a value, where the class says it.
    pub(super) const fn size(self) -> Option<usize> {
        if self.0 < Self::LENGTH.0 { Some(1 << self.0) } else { None }
    }
}

/// A class by its number, as errors show it.
pub(super) struct ShownClass(pub(super) u8);

impl Display for ShownClass {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match Class::numbered(self.0).map(Class::size) {
            Some(Some(1)) => f.write_str("class 0 (1 byte)"),
            Some(Some(size)) => write!(f, "class {} ({size} bytes)", self.0),
            Some(None) => write!(f, "class {} (a length and its bytes)", self.0),
            None => write!(f, "class {} (of no meaning)", self.0),
        }
    }
}

/// What stands before the value of a field: its ordinal, and the class of its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Key(u16);

impl Key {
    /// The key of the field `ordinal`, which is 1 to 8191.
    pub(super) const fn new(ordinal: u16, class: Class) -> Self {
        Self(ordinal * CLASSES + class.0 as u16)
    }

    /// The field's ordinal.
    pub(super) const fn ordinal(self) -> u16 {
        self.0 / CLASSES
    }

    /// The number of the class.
    pub(super) const fn class(self) -> u8 {
        (self.0 % CLASSES) as u8
    }
}

impl Fixed for Key {
    const SIZE: usize = 2;

    #[inline]
    fn put(&self, out: &mut FixedOut<'_>) -> Result<(), PackError> {
        self.0.put(out)
    }

    #[inline]
    fn get(input: &mut FixedIn<'_>) -> Result<Self, UnpackError> {
        u16::get(input).map(Self)
    }
}

/// A key and a value of fixed size, written in one go.
#[derive(Debug, Clone, Copy)]
struct Keyed<T>(Key, T);

impl<T: Fixed> Fixed for Keyed<T> {
    const SIZE: usize = Key::SIZE + T::SIZE;

    #[inline]
    fn put(&self, out: &mut FixedOut<'_>) -> Result<(), PackError> {
        self.0.put(out)?;
        self.1.put(out)
    }

    #[inline]
    fn get(input: &mut FixedIn<'_>) -> Result<Self, UnpackError> {
        Ok(Self(Key::get(input)?, T::get(input)?))
    }
}

/// Writes the fields of a table: see [`Packer::table`].
///
/// Fields are given ascending by ordinal, 1 to 8191, each at most once; absent ones are left out.
#[derive(Debug)]
pub struct TableOut<'p, 'b> {
    out: &'p mut Packer<'b>,
}

impl<'p, 'b> TableOut<'p, 'b> {
    /// Writes the fields behind what `out` holds already.
    #[inline]
    pub(super) fn new(out: &'p mut Packer<'b>) -> Self {
        Self { out }
    }

    /// A scalar, enum, flags or time: its key, and 1, 2, 4 or 8 bytes. (An array or struct of fixed size is a
    /// [`value`](Self::value); here it would not compile, or not be read.)
    ///
    /// # Errors
    /// It has no packed form: a time that does not fit.
    #[inline]
    pub fn fixed<T: Fixed>(&mut self, ordinal: u16, value: &T) -> Result<(), PackError> {
        self.out.fixed(&Keyed(Key::new(ordinal, const { Class::of::<T>() }), *value))
    }

    /// A string of at most `max` bytes: its key, a `u32` of its length, and its UTF-8.
    ///
    /// # Errors
    /// It is longer.
    #[inline]
    pub fn string(&mut self, ordinal: u16, value: &str, max: u32) -> Result<(), PackError> {
        self.bytes(ordinal, value.as_bytes(), max)
    }

    /// At most `max` bytes: their key, a `u32` of their count, and they themselves.
    ///
    /// # Errors
    /// There are more.
    #[inline]
    pub fn bytes(&mut self, ordinal: u16, value: &[u8], max: u32) -> Result<(), PackError> {
        self.out.fixed(&Key::new(ordinal, Class::LENGTH))?;
        self.out.bytes(value, max)
    }

    /// Any other type: its key, a `u32` of the bytes that follow, and what `body` writes.
    ///
    /// # Errors
    /// As `body`, or it takes over 4 GiB.
    #[inline]
    pub fn value(
        &mut self,
        ordinal: u16,
        body: impl FnOnce(&mut Packer<'b>) -> Result<(), PackError>,
    ) -> Result<(), PackError> {
        self.out.fixed(&Key::new(ordinal, Class::LENGTH))?;
        self.out.measured(body)
    }
}
