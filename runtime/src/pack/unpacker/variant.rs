//! Variants of errors and unions.

use super::{UNBOUNDED, Unit, Unpacker};
use crate::pack::{UnknownVariant, UnpackError, UnpackErrorKind};

impl Unpacker<'_> {
    /// A variant: `body` is given its ordinal, and sees no bytes but those announced for it.
    ///
    /// # Errors
    /// As `body`, or it nests too deep, or the bytes end within it, or `body` leaves some of them.
    ///
    /// ```
    /// # use rpcgen_runtime::pack::{UnpackLimits, Unpacker};
    /// let bytes = b"\x00\x02\0\0\0\x04\0\0\0\x20";
    /// let mut input = Unpacker::new(bytes, &UnpackLimits::default());
    /// assert_eq!(input.variant(|ordinal, input| Ok((ordinal, input.fixed::<u32>()?)))?, (2, 32));
    ///
    /// let mut input = Unpacker::new(bytes, &UnpackLimits::default());
    /// let error = input.variant(|_, input| input.fixed::<u16>()).unwrap_err();
    /// assert_eq!(error.to_string(), "2 bytes are left over of the 4 announced for the variant (at byte 8)");
    /// # Ok::<(), rpcgen_runtime::pack::UnpackError>(())
    /// ```
    #[inline]
    pub fn variant<T>(
        &mut self,
        body: impl FnOnce(u16, &mut Self) -> Result<T, UnpackError>,
    ) -> Result<T, UnpackError> {
        let start = self.offset();
        let ordinal = self.fixed()?;
        let length = self.count(UNBOUNDED, Unit::Bytes)? as usize;
        self.within(length, |input| {
            let value = input.enter(|input| body(ordinal, input))?;
            input.used_all(length)?;
            input.charge_kept(start)?;
            Ok(value)
        })
    }

    /// Keeps what is left of a variant that this version of the interface does not know. Within
    /// [`variant`](Self::variant), which sees to it that the limit on memory is kept.
    pub fn unknown_variant(&mut self, ordinal: u16) -> UnknownVariant {
        let bytes = std::mem::take(&mut self.rest);
        self.kept += bytes.len();
        UnknownVariant::new(ordinal, bytes)
    }

    /// Does `work` with no bytes to be seen but the next `length`.
    #[inline]
    fn within<T>(
        &mut self,
        length: usize,
        work: impl FnOnce(&mut Self) -> Result<T, UnpackError>,
    ) -> Result<T, UnpackError> {
        let Some((inner, outer)) = self.rest.split_at_checked(length) else { return Err(self.truncated(length)) };
        (self.rest, self.end) = (inner, self.end - outer.len());
        let value = work(self)?;
        (self.rest, self.end) = (outer, self.end + outer.len());
        Ok(value)
    }

    /// Sees to it that all of the variant's `length` bytes were read.
    #[inline]
    fn used_all(&self, length: usize) -> Result<(), UnpackError> {
        match self.rest.len() {
            0 => Ok(()),
            left => Err(UnpackError::new(UnpackErrorKind::VariantTooLong { left, length }, self.offset())),
        }
    }

    /// Charges for the bytes of an unknown variant. They were copied before: all of them had arrived, so the copy is
    /// no larger than the message.
    #[inline]
    fn charge_kept(&mut self, start: usize) -> Result<(), UnpackError> {
        let kept = std::mem::take(&mut self.kept);
        self.charge(kept, start)
    }
}
