//! Bytes to values.

mod budget;
mod collections;
mod table;
mod variant;
mod view;

pub use table::TableIn;

use super::{Fixed, UNBOUNDED, Unit, Unpack, UnpackError, UnpackErrorKind, UnpackLimits, bulk, utf8};

/// Reads values from the bytes of one message.
///
/// Bounds are given as `max`: bytes for strings and bytes, elements or pairs otherwise, [`UNBOUNDED`] for none.
///
/// Every method may refuse: the bytes end, a bound or a [limit](UnpackLimits) is exceeded, or the bytes are not the
/// one form of a value. What this stands at is then unspecified, and nothing more should be read.
///
/// ```
/// use rpcgen_runtime::pack::{UNBOUNDED, UnpackLimits, Unpacker};
///
/// let bytes = b"\0\0\0\x02\0\0\0\x01a\0\0\0\x02bc\x01\x07";
/// let mut input = Unpacker::new(bytes, &UnpackLimits::default());
/// assert_eq!(input.list(UNBOUNDED, 4, |input| input.str(8))?, ["a", "bc"]);
/// assert_eq!(input.option(Unpacker::fixed::<u8>)?, Some(7));
/// input.end()?;
/// # Ok::<(), rpcgen_runtime::pack::UnpackError>(())
/// ```
#[derive(Debug)]
pub struct Unpacker<'a> {
    rest: &'a [u8],
    /// The offset of the end of `rest` from the first packed value.
    end: usize,
    limits: UnpackLimits,
    /// How many levels may still be entered.
    levels: u32,
    /// Bytes of memory that may still be reserved.
    memory: usize,
    /// The room in memory that was charged for the value to come, where it may be too small for it: see `option`.
    holder: usize,
    /// Bytes kept of an unknown variant and not yet charged.
    kept: usize,
    /// Whether the bytes were checked before: strings are not looked at again.
    checked: bool,
}

impl<'a> Unpacker<'a> {
    /// Reads `bytes`, from the first on. Offsets in errors count from there.
    #[inline]
    pub fn new(bytes: &'a [u8], limits: &UnpackLimits) -> Self {
        Self {
            rest: bytes,
            end: bytes.len(),
            limits: *limits,
            levels: limits.nesting,
            memory: limits.memory,
            holder: usize::MAX,
            kept: 0,
            checked: false,
        }
    }

    /// A value of fixed size.
    ///
    /// # Errors
    /// The bytes end within it, or stand for no value.
    #[inline]
    pub fn fixed<T: Fixed>(&mut self) -> Result<T, UnpackError> {
        let start = self.offset();
        bulk::read_one(self.take(T::SIZE)?).map_err(|error| error.shift(start))
    }

    /// A struct of varying size, a table, an error or a union: one level further in.
    ///
    /// # Errors
    /// As its own [`Unpack::unpack`], or it nests too deep.
    #[inline]
    pub fn value<T: Unpack<'a>>(&mut self) -> Result<T, UnpackError> {
        self.charge_box::<T>()?;
        self.enter(T::unpack)
    }

    /// The same in a box, whose memory is charged.
    ///
    /// # Errors
    /// As [`value`](Self::value), or it takes more memory than is left.
    #[inline]
    pub fn boxed<T: Unpack<'a>>(&mut self) -> Result<Box<T>, UnpackError> {
        self.charge(size_of::<T>(), self.offset())?;
        self.enter(T::unpack).map(Box::new)
    }

    /// Any other type in a box, whose memory is charged before `item` reads it.
    ///
    /// # Errors
    /// As `item`, or it takes more memory than is left.
    #[inline]
    pub fn boxed_by<T>(
        &mut self,
        item: impl FnOnce(&mut Self) -> Result<T, UnpackError>,
    ) -> Result<Box<T>, UnpackError> {
        self.charge(size_of::<T>(), self.offset())?;
        self.held(item).map(Box::new)
    }

    /// A string of at most `max` bytes, copied.
    ///
    /// # Errors
    /// As [`str`](Self::str), or it takes more memory than is left.
    #[inline]
    pub fn string(&mut self, max: u32) -> Result<String, UnpackError> {
        let start = self.offset();
        let text = self.str(max)?;
        self.charge(text.len(), start)?;
        Ok(text.to_owned())
    }

    /// At most `max` bytes, copied.
    ///
    /// # Errors
    /// As [`byte_slice`](Self::byte_slice), or they take more memory than is left.
    #[inline]
    pub fn bytes(&mut self, max: u32) -> Result<Vec<u8>, UnpackError> {
        let start = self.offset();
        let bytes = self.byte_slice(max)?;
        self.charge(bytes.len(), start)?;
        Ok(bytes.to_owned())
    }

    /// A string of at most `max` bytes, borrowed.
    ///
    /// # Errors
    /// It is longer, is not UTF-8, or the bytes end within it.
    #[inline]
    pub fn str(&mut self, max: u32) -> Result<&'a str, UnpackError> {
        let start = self.offset();
        utf8::read(self.byte_slice(max)?).map_err(|valid_up_to| not_utf8(valid_up_to, start))
    }

    /// At most `max` bytes, borrowed.
    ///
    /// # Errors
    /// There are more, or the bytes end within them.
    #[inline]
    pub fn byte_slice(&mut self, max: u32) -> Result<&'a [u8], UnpackError> {
        let length = self.count(max, Unit::Bytes)?;
        self.take(length as usize)
    }

    /// Sees to it that all bytes were read.
    ///
    /// # Errors
    /// Some are left.
    #[inline]
    pub fn end(&self) -> Result<(), UnpackError> {
        match self.rest.len() {
            0 => Ok(()),
            left => Err(UnpackError::new(UnpackErrorKind::Trailing { left }, self.offset())),
        }
    }

    /// How many bytes were read.
    #[inline]
    pub fn offset(&self) -> usize {
        self.end - self.rest.len()
    }

    /// The next bytes, as many as `length`.
    #[inline]
    fn take(&mut self, length: usize) -> Result<&'a [u8], UnpackError> {
        let Some((taken, rest)) = self.rest.split_at_checked(length) else { return Err(self.truncated(length)) };
        self.rest = rest;
        Ok(taken)
    }

    /// A count that is at most `bound`.
    #[inline]
    fn count(&mut self, bound: u32, unit: Unit) -> Result<u32, UnpackError> {
        let start = self.offset();
        match self.fixed::<u32>()? {
            size if size <= bound => Ok(size),
            size => Err(UnpackError::new(UnpackErrorKind::TooLong { unit, size, bound }, start)),
        }
    }

    #[cold]
    fn truncated(&self, needed: usize) -> UnpackError {
        UnpackError::new(UnpackErrorKind::Truncated { needed, left: self.rest.len() }, self.offset())
    }
}

/// The string that begins at `start` is not UTF-8 from one of its bytes on.
#[cold]
fn not_utf8(valid_up_to: usize, start: usize) -> UnpackError {
    UnpackError::new(UnpackErrorKind::NotUtf8 { valid_up_to }, start)
}
