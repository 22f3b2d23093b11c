//! Types whose packed size is known beforehand.

#![expect(clippy::inline_always, reason = "what is done with wide instructions must be one function: see `bulk::wide`")]

use super::path::Segment;
use super::{FixedIn, FixedOut, PackError, UnpackError, UnpackErrorKind, bulk};

/// A value that always takes [`SIZE`](Self::SIZE) bytes: numbers, truth values, times, enums, and arrays and structs
/// of these. Plain data, so it is [`Copy`].
///
/// The length is checked once for the whole value, and for a list of them once for the whole list. `put` and `get`
/// should be `#[inline]` where the type is not generic, so that the checks within disappear.
///
/// Implementations give `SIZE`, `put` and `get`; the other methods have bodies, which numbers replace by faster ones, and structs
/// one of them.
///
/// ```
/// use rpcgen_runtime::pack::{At as _, Fixed, FixedIn, FixedOut, PackError, UnpackError};
///
/// #[derive(Debug, Clone, Copy, PartialEq)]
/// struct Point { x: f64, y: f64 }
///
/// impl Fixed for Point {
///     const SIZE: usize = 16;
///
///     #[inline]
///     fn put(&self, out: &mut FixedOut<'_>) -> Result<(), PackError> {
///         Fixed::put(&self.x, out).at("x")?;
///         Fixed::put(&self.y, out).at("y")
///     }
///
///     #[inline]
///     fn get(input: &mut FixedIn<'_>) -> Result<Self, UnpackError> {
///         Ok(Self { x: Fixed::get(input).at("x")?, y: Fixed::get(input).at("y")? })
///     }
/// }
///
/// let mut bytes = [0; Point::SIZE];
/// Point { x: 1.0, y: -1.0 }.put(&mut FixedOut::new(&mut bytes))?;
/// assert_eq!(bytes, *b"\x3f\xf0\0\0\0\0\0\0\xbf\xf0\0\0\0\0\0\0");
/// assert_eq!(Point::get(&mut FixedIn::new(&bytes))?, Point { x: 1.0, y: -1.0 });
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Fixed: Copy {
    /// How many bytes a packed value takes.
    const SIZE: usize;

    /// Writes exactly [`SIZE`](Self::SIZE) bytes.
    ///
    /// # Errors
    /// The value has no packed form (a time that does not fit).
    fn put(&self, out: &mut FixedOut<'_>) -> Result<(), PackError>;

    /// Reads exactly [`SIZE`](Self::SIZE) bytes.
    ///
    /// # Errors
    /// The bytes stand for no value.
    fn get(input: &mut FixedIn<'_>) -> Result<Self, UnpackError>;

    /// Reads exactly [`SIZE`](Self::SIZE) bytes in place of what this was. Lists of structs are read so: their fields come
    /// where they belong, and the compiler turns many at once. By [`get`](Self::get) they pass through a result each.
    ///
    /// # Errors
    /// As [`get`](Self::get); some fields may be new then.
    #[inline]
    fn assign(&mut self, input: &mut FixedIn<'_>) -> Result<(), UnpackError> {
        *self = Self::get(input)?;
        Ok(())
    }

    /// Writes the elements of an array, one behind the other.
    ///
    /// # Errors
    /// As [`put`](Self::put), with the index of the element.
    #[inline]
    fn put_array<const N: usize>(items: &[Self; N], out: &mut FixedOut<'_>) -> Result<(), PackError> {
        for (index, item) in items.iter().enumerate() {
            item.put(out).map_err(|error| error.within(Segment::Index(index)))?;
        }
        Ok(())
    }

    /// Reads the elements of an array, one behind the other.
    ///
    /// # Errors
    /// As [`get`](Self::get), with the index of the element.
    #[inline]
    fn get_array<const N: usize>(input: &mut FixedIn<'_>) -> Result<[Self; N], UnpackError> {
        if N == 0 {
            // There is no first element to fill the array with; the empty slice always converts.
            return <[Self; N]>::try_from([].as_slice()).map_err(|_| UnpackErrorKind::WrongSize.into());
        }
        let mut items = [Self::get(input).map_err(|error| error.within(Segment::Index(0)))?; N];
        for (index, item) in items.iter_mut().enumerate().skip(1) {
            *item = Self::get(input).map_err(|error| error.within(Segment::Index(index)))?;
        }
        Ok(items)
    }

    /// Reads the elements of an array in place of what they were, one behind the other.
    ///
    /// # Errors
    /// As [`assign`](Self::assign), with the index of the element.
    #[inline]
    fn assign_array<const N: usize>(items: &mut [Self; N], input: &mut FixedIn<'_>) -> Result<(), UnpackError> {
        for (index, item) in items.iter_mut().enumerate() {
            item.assign(input).map_err(|error| error.within(Segment::Index(index)))?;
        }
        Ok(())
    }

    /// Appends all of `items` to `out`.
    ///
    /// # Errors
    /// As [`put`](Self::put), with the index of the element.
    #[inline(always)]
    fn put_list(items: &[Self], out: &mut Vec<u8>) -> Result<(), PackError> {
        for (index, item) in items.iter().enumerate() {
            bulk::append_one(item, out).map_err(|error| error.within(Segment::Index(index)))?;
        }
        Ok(())
    }

    /// Appends what `bytes` hold to `items`. Bytes beyond the last whole element are not looked at.
    ///
    /// # Errors
    /// As [`get`](Self::get), with the index of the element; elements that take no bytes are refused.
    #[inline(always)]
    fn get_list(bytes: &[u8], items: &mut Vec<Self>) -> Result<(), UnpackError> {
        bulk::read_each(bytes, items)
    }
}
