//! Cursors over bytes whose length was checked once, for a whole value of fixed size.
//!
//! Their steps cannot fail: one that would go past the end is noted, does nothing, and is reported when the value is
//! complete. So the code of a struct has no branches but those of its own fields, and where the compiler knows the
//! size, it sees that no step goes past the end and drops the notes too.

use super::{PackError, PackErrorKind, UnpackError, UnpackErrorKind};

/// The bytes that a value of fixed size is written to.
#[derive(Debug)]
pub struct FixedOut<'a> {
    rest: &'a mut [u8],
    overrun: bool,
}

impl<'a> FixedOut<'a> {
    /// Writes over `bytes`, from the first on.
    #[inline]
    pub fn new(bytes: &'a mut [u8]) -> Self {
        Self { rest: bytes, overrun: false }
    }

    /// Writes the next `N` bytes.
    #[inline]
    pub fn write<const N: usize>(&mut self, bytes: [u8; N]) {
        match std::mem::take(&mut self.rest).split_first_chunk_mut() {
            Some((chunk, rest)) => (*chunk, self.rest) = (bytes, rest),
            None => self.overrun = true,
        }
    }

    /// The next `length` bytes, to be written; none where fewer are left.
    #[inline]
    pub fn slice(&mut self, length: usize) -> Option<&'a mut [u8]> {
        let split = std::mem::take(&mut self.rest).split_at_mut_checked(length);
        self.overrun |= split.is_none();
        let (slice, rest) = split?;
        self.rest = rest;
        Some(slice)
    }

    /// Sees to it that all bytes were written, and no more.
    ///
    /// # Errors
    /// Some are left, or were missing: the value does not take as many as its `SIZE` says.
    #[inline]
    pub fn end(self) -> Result<(), PackError> {
        if self.rest.is_empty() && !self.overrun { Ok(()) } else { Err(PackErrorKind::WrongSize.into()) }
    }
}

/// The bytes that a value of fixed size is read from.
#[derive(Debug)]
pub struct FixedIn<'a> {
    rest: &'a [u8],
    /// The length of what was taken last: a value found wrong began so far back.
    last: usize,
    overrun: bool,
}

impl<'a> FixedIn<'a> {
    /// Reads `bytes`, from the first on.
    #[inline]
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes, last: 0, overrun: false }
    }

    /// The next `N` bytes; zeros where fewer are left.
    #[inline]
    pub fn read<const N: usize>(&mut self) -> [u8; N] {
        let Some((chunk, rest)) = self.rest.split_first_chunk() else {
            self.overrun = true;
            return [0; N];
        };
        (self.rest, self.last) = (rest, N);
        *chunk
    }

    /// The next `length` bytes; none where fewer are left.
    #[inline]
    pub fn slice(&mut self, length: usize) -> Option<&'a [u8]> {
        let split = self.rest.split_at_checked(length);
        self.overrun |= split.is_none();
        let (slice, rest) = split?;
        (self.rest, self.last) = (rest, length);
        Some(slice)
    }

    /// Sees to it that all bytes were read, and no more.
    ///
    /// # Errors
    /// Some are left, or were missing: the value does not take as many as its `SIZE` says.
    #[inline]
    pub fn end(self) -> Result<(), UnpackError> {
        if self.rest.is_empty() && !self.overrun { Ok(()) } else { Err(UnpackErrorKind::WrongSize.into()) }
    }

    /// How many bytes from the end what was taken last began.
    pub(super) fn last_from_end(&self) -> usize {
        self.rest.len() + self.last
    }
}
