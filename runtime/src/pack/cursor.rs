//! Cursors over bytes whose length was checked once, for a whole value of fixed size.
//!
//! Where the size is known to the compiler, it sees that no step can fail and drops the checks within.

use super::{PackError, PackErrorKind, UnpackError, UnpackErrorKind};

/// The bytes that a value of fixed size is written to.
#[derive(Debug)]
pub struct FixedOut<'a> {
    rest: &'a mut [u8],
}

impl<'a> FixedOut<'a> {
    /// Writes over `bytes`, from the first on.
    #[inline]
    pub fn new(bytes: &'a mut [u8]) -> Self {
        Self { rest: bytes }
    }

    /// The next `N` bytes.
    ///
    /// # Errors
    /// Fewer are left: the value is larger than its `SIZE`.
    #[inline]
    pub fn chunk<const N: usize>(&mut self) -> Result<&'a mut [u8; N], PackError> {
        let (chunk, rest) = std::mem::take(&mut self.rest).split_first_chunk_mut().ok_or(PackErrorKind::WrongSize)?;
        self.rest = rest;
        Ok(chunk)
    }

    /// The next `length` bytes.
    ///
    /// # Errors
    /// Fewer are left: the value is larger than its `SIZE`.
    #[inline]
    pub fn slice(&mut self, length: usize) -> Result<&'a mut [u8], PackError> {
        let (slice, rest) =
            std::mem::take(&mut self.rest).split_at_mut_checked(length).ok_or(PackErrorKind::WrongSize)?;
        self.rest = rest;
        Ok(slice)
    }

    /// Sees to it that all bytes were written.
    ///
    /// # Errors
    /// Some are left: the value is smaller than its `SIZE`.
    #[inline]
    pub fn end(self) -> Result<(), PackError> {
        if self.rest.is_empty() { Ok(()) } else { Err(PackErrorKind::WrongSize.into()) }
    }
}

/// The bytes that a value of fixed size is read from.
#[derive(Debug)]
pub struct FixedIn<'a> {
    rest: &'a [u8],
    /// The length of what was taken last: a value found wrong began so far back.
    last: usize,
}

impl<'a> FixedIn<'a> {
    /// Reads `bytes`, from the first on.
    #[inline]
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes, last: 0 }
    }

    /// The next `N` bytes.
    ///
    /// # Errors
    /// Fewer are left: the value is larger than its `SIZE`.
    #[inline]
    pub fn chunk<const N: usize>(&mut self) -> Result<&'a [u8; N], UnpackError> {
        let (chunk, rest) = self.rest.split_first_chunk().ok_or(UnpackErrorKind::WrongSize)?;
        (self.rest, self.last) = (rest, N);
        Ok(chunk)
    }

    /// The next `length` bytes.
    ///
    /// # Errors
    /// Fewer are left: the value is larger than its `SIZE`.
    #[inline]
    pub fn slice(&mut self, length: usize) -> Result<&'a [u8], UnpackError> {
        let (slice, rest) = self.rest.split_at_checked(length).ok_or(UnpackErrorKind::WrongSize)?;
        (self.rest, self.last) = (rest, length);
        Ok(slice)
    }

    /// Sees to it that all bytes were read.
    ///
    /// # Errors
    /// Some are left: the value is smaller than its `SIZE`.
    #[inline]
    pub fn end(self) -> Result<(), UnpackError> {
        if self.rest.is_empty() { Ok(()) } else { Err(UnpackErrorKind::WrongSize.into()) }
    }

    /// How many bytes from the end what was taken last began.
    pub(super) fn last_from_end(&self) -> usize {
        self.rest.len() + self.last
    }
}
