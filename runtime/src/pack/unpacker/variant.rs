//! Variants of errors, unions and closed unions.

use super::{UNBOUNDED, Unit, Unpacker};
use crate::pack::{UnknownVariant, UnpackError, UnpackErrorKind};

/// The highest ordinal of a variant.
const LAST_ORDINAL: u16 = 8191;

impl Unpacker<'_> {
    /// A variant of an error or an open union: `body` is given its ordinal, and sees no bytes but those announced for
    /// it.
    ///
    /// # Errors
    /// As `body`, or the ordinal is none, or the bytes end within the variant, or `body` leaves some of them.
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
        let ordinal = self.ordinal()?;
        let length = self.count(UNBOUNDED, Unit::Bytes)? as usize;
        self.within(length, |input| {
            let value = body(ordinal, input)?;
            input.used_all(|left| UnpackErrorKind::VariantTooLong { left, length })?;
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

    /// A variant of a closed union: `body` is given its ordinal, and refuses one that is
    /// [unknown](Self::unknown_ordinal).
    ///
    /// # Errors
    /// As `body`, or the bytes end within the ordinal.
    ///
    /// ```
    /// # use rpcgen_runtime::pack::{UnpackLimits, Unpacker};
    /// let mut input = Unpacker::new(b"\0\x03", &UnpackLimits::default());
    /// let key = input.closed_variant(|ordinal, input| match ordinal {
    ///     1 => input.fixed::<u64>(),
    ///     _ => Err(input.unknown_ordinal("Key", ordinal)),
    /// });
    /// assert_eq!(key.unwrap_err().to_string(), "@3 is no variant of Key (at byte 0)");
    /// ```
    #[inline]
    pub fn closed_variant<T>(
        &mut self,
        body: impl FnOnce(u16, &mut Self) -> Result<T, UnpackError>,
    ) -> Result<T, UnpackError> {
        let ordinal = self.fixed()?;
        body(ordinal, self)
    }

    /// The closed union `type_name` has no variant `ordinal`. Within [`closed_variant`](Self::closed_variant), before
    /// anything else is read: the offset is that of the ordinal.
    #[cold]
    pub fn unknown_ordinal(&self, type_name: &'static str, ordinal: u16) -> UnpackError {
        let start = self.offset().saturating_sub(size_of::<u16>());
        UnpackError::new(UnpackErrorKind::UnknownOrdinal { type_name, ordinal }, start)
    }

    /// The ordinal of a variant, known or not.
    #[inline]
    fn ordinal(&mut self) -> Result<u16, UnpackError> {
        let start = self.offset();
        match self.fixed()? {
            ordinal @ 1..=LAST_ORDINAL => Ok(ordinal),
            ordinal => Err(UnpackError::new(UnpackErrorKind::NoOrdinal { ordinal }, start)),
        }
    }

    /// Does `work` with no bytes to be seen but the next `length`.
    #[inline]
    pub(super) fn within<T>(
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

    /// Sees to it that all bytes to be seen were read; `kind` is what is wrong if some are left.
    #[inline]
    pub(super) fn used_all(&self, kind: impl FnOnce(usize) -> UnpackErrorKind) -> Result<(), UnpackError> {
        match self.rest.len() {
            0 => Ok(()),
            left => Err(UnpackError::new(kind(left), self.offset())),
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
