//! What unpacking may cost: levels of the stack, and memory.

use super::{Unit, Unpacker};
use crate::pack::{UnpackError, UnpackErrorKind};

/// The most bytes of memory that a list or map reserves before its first element was read.
const FIRST_RESERVATION: usize = 4096;

/// The room for `count` elements to begin with. The least that it may be is one.
pub(super) fn first_reservation<T>(count: u32) -> usize {
    let fits = FIRST_RESERVATION / size_of::<T>().max(1);
    fits.max(1).min(count as usize)
}

impl Unpacker<'_> {
    /// Does `work` one level further in.
    #[inline]
    pub(super) fn enter<T>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T, UnpackError>,
    ) -> Result<T, UnpackError> {
        self.levels = self.levels.checked_sub(1).ok_or_else(|| self.too_deep())?;
        self.holder = usize::MAX;
        let result = work(self);
        self.levels += 1;
        result
    }

    /// The count of elements of which one takes `least` bytes packed and `size` in memory, for which it charges.
    ///
    /// Refuses, in this order: more than `bound`, elements that take no bytes, more than the bytes left can hold, more
    /// memory than is left.
    #[inline]
    pub(super) fn elements(&mut self, bound: u32, least: usize, size: usize, unit: Unit) -> Result<u32, UnpackError> {
        let start = self.offset();
        let count = self.count(bound, unit)?;
        if least == 0 || u64::from(count).saturating_mul(least as u64) > self.rest.len() as u64 {
            return Err(self.too_few(count, least, unit, start));
        }
        self.charge_wide(u64::from(count).saturating_mul(size as u64), start)?;
        Ok(count)
    }

    /// Takes `bytes` of memory from what is left, for the value that begins at `start`.
    #[inline]
    pub(super) fn charge(&mut self, bytes: usize, start: usize) -> Result<(), UnpackError> {
        self.charge_wide(bytes as u64, start)
    }

    #[inline]
    pub(super) fn charge_wide(&mut self, needed: u64, start: usize) -> Result<(), UnpackError> {
        let left = usize::try_from(needed).ok().and_then(|needed| self.memory.checked_sub(needed));
        self.memory = left.ok_or_else(|| self.out_of_memory(needed, start))?;
        Ok(())
    }

    /// Charges for a value that does not fit where it was asked for: it will be in a box.
    #[inline]
    pub(super) fn charge_box<T>(&mut self) -> Result<(), UnpackError> {
        if size_of::<T>() > self.holder { self.charge(size_of::<T>(), self.offset()) } else { Ok(()) }
    }

    #[cold]
    fn too_deep(&self) -> UnpackError {
        UnpackError::new(UnpackErrorKind::TooDeep { limit: self.limits.nesting }, self.offset())
    }

    #[cold]
    fn too_few(&self, count: u32, least: usize, unit: Unit, start: usize) -> UnpackError {
        let left = self.rest.len();
        UnpackError::new(
            match least {
                0 => UnpackErrorKind::NoSize { unit },
                _ => UnpackErrorKind::TooFewBytes { unit, count, least, left },
            },
            start,
        )
    }

    #[cold]
    fn out_of_memory(&self, needed: u64, start: usize) -> UnpackError {
        UnpackError::new(UnpackErrorKind::Memory { needed, left: self.memory, limit: self.limits.memory }, start)
    }
}
