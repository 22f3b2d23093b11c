//! Strings and bytes in place.

use std::fmt::{self, Debug, Display, Formatter};

use super::View;
use crate::pack::{UNBOUNDED, UnpackError, Unpacker};

/// A string within a view.
///
/// That it is UTF-8 was checked when the view was made. [`as_str`](Self::as_str) looks once more, as safe Rust has to:
/// a string that nobody asks for is looked at once only, however often what holds it is read.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text<'a>(&'a [u8]);

impl<'a> Text<'a> {
    /// Text in bytes that were checked.
    #[inline]
    pub(in crate::pack) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// The string.
    #[inline]
    pub fn as_str(self) -> &'a str {
        std::str::from_utf8(self.0).unwrap_or_default()
    }
}

impl Debug for Text<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        Debug::fmt(self.as_str(), f)
    }
}

impl Display for Text<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        Display::fmt(self.as_str(), f)
    }
}

impl<'a> View<'a> for Text<'a> {
    type Owned = String;

    #[inline]
    fn view(input: &mut Unpacker<'a>) -> Result<Self, UnpackError> {
        input.text(UNBOUNDED)
    }

    #[inline]
    fn owned(&self) -> String {
        self.as_str().to_owned()
    }
}

impl<'a> View<'a> for &'a str {
    type Owned = String;

    #[inline]
    fn view(input: &mut Unpacker<'a>) -> Result<Self, UnpackError> {
        input.text(UNBOUNDED).map(Text::as_str)
    }

    #[inline]
    fn owned(&self) -> String {
        str::to_owned(self)
    }
}

impl<'a> View<'a> for &'a [u8] {
    type Owned = Vec<u8>;

    #[inline]
    fn view(input: &mut Unpacker<'a>) -> Result<Self, UnpackError> {
        input.bytes_view(UNBOUNDED)
    }

    #[inline]
    fn owned(&self) -> Vec<u8> {
        self.to_vec()
    }
}
