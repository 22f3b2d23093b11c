//! Values to bytes.

use std::collections::BTreeMap;

use byteorder::{BigEndian, ByteOrder as _};

use super::path::{Segment, key_text};
use super::{Fixed, Pack, PackError, PackErrorKind, PackLimits, TableOut, UNBOUNDED, Unit, UnknownVariant, bulk};
use crate::buffers::{self, Packed};

/// At most so many bytes are copied though they could be left where they are: then all fits into one frame.
const COPIED: usize = 64 << 10;

/// Writes values behind what a buffer holds already.
///
/// Bounds are given as `max`: bytes for strings and bytes, elements or pairs otherwise, [`UNBOUNDED`] for none.
///
/// Every method may refuse: a bound is exceeded, a time does not fit, or the value nests too deep. A part of the value
/// may then have been written; who owns the buffer cuts it back to where the value began.
///
/// ```
/// use rpcgen_runtime::pack::{PackLimits, Packer, UNBOUNDED};
///
/// let mut bytes = b"header".to_vec();
/// let mut out = Packer::new(&mut bytes, &PackLimits::default());
/// out.list(&["a", "bc"], UNBOUNDED, |out, item| out.string(item, 8))?;
/// out.option(Some(7_u8), |out, item| out.fixed(&item))?;
/// assert_eq!(bytes, b"header\0\0\0\x02\0\0\0\x01a\0\0\0\x02bc\x01\x07");
/// # Ok::<(), rpcgen_runtime::pack::PackError>(())
/// ```
#[derive(Debug)]
pub struct Packer<'b> {
    out: &'b mut Vec<u8>,
    /// Where a long last value is left.
    tail: Option<&'b mut Vec<u8>>,
    limits: PackLimits,
    /// How many levels may still be entered.
    levels: u32,
}

impl<'b> Packer<'b> {
    /// Appends to `out`.
    #[inline]
    pub fn new(out: &'b mut Vec<u8>, limits: &PackLimits) -> Self {
        Self { out, tail: None, limits: *limits, levels: limits.nesting }
    }

    /// Appends to `packed`, of which a long last value may become the second piece.
    #[inline]
    pub fn onto(packed: &'b mut Packed, limits: &PackLimits) -> Self {
        let Packed { head, tail } = packed;
        Self { tail: Some(tail), ..Self::new(head, limits) }
    }

    /// Bytes in the buffer, with those that were there before.
    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.out.len()
    }

    /// How many levels may still be entered.
    pub(super) const fn levels(&self) -> u32 {
        self.levels
    }

    /// What was written behind so many bytes.
    pub(super) fn written(&self, start: usize) -> &[u8] {
        self.out.get(start..).unwrap_or_default()
    }

    /// A list of so many elements that were packed before.
    pub(super) fn packed_list(&mut self, count: usize, elements: &[u8]) -> Result<(), PackError> {
        self.count(count, UNBOUNDED, Unit::Elements)?;
        buffers::reserve(self.out, elements.len());
        self.out.extend_from_slice(elements);
        Ok(())
    }

    /// A value of fixed size.
    ///
    /// # Errors
    /// It has no packed form: a time that does not fit.
    #[inline]
    pub fn fixed<T: Fixed>(&mut self, value: &T) -> Result<(), PackError> {
        bulk::append_one(value, self.out)
    }

    /// A struct of varying size, a table, an error or a union: one level further in.
    ///
    /// # Errors
    /// As its own [`Pack::pack`], or it nests too deep.
    #[inline]
    pub fn value<T: Pack>(&mut self, value: &T) -> Result<(), PackError> {
        self.enter(|out| value.pack(out))
    }

    /// A string of at most `max` bytes: a `u32` of its length, and its UTF-8.
    ///
    /// # Errors
    /// It is longer.
    #[inline]
    pub fn string(&mut self, value: &str, max: u32) -> Result<(), PackError> {
        self.bytes(value.as_bytes(), max)
    }

    /// At most `max` bytes: a `u32` of their count, and they themselves.
    ///
    /// # Errors
    /// There are more.
    #[inline]
    pub fn bytes(&mut self, value: &[u8], max: u32) -> Result<(), PackError> {
        self.count(value.len(), max, Unit::Bytes)?;
        buffers::reserve(self.out, value.len());
        self.out.extend_from_slice(value);
        Ok(())
    }

    /// As [`bytes`](Self::bytes), for what is given away and nothing is packed behind: long ones are not copied into a
    /// [`Packed`].
    ///
    /// # Errors
    /// There are more.
    #[inline]
    pub fn last_bytes(&mut self, value: Vec<u8>, max: u32) -> Result<(), PackError> {
        // Memory of which most is empty would be kept until all is sent.
        let is_left = value.len() > COPIED.max(value.capacity() / 2);
        match self.tail.take_if(|_| is_left) {
            Some(tail) => {
                self.count(value.len(), max, Unit::Bytes)?;
                *tail = value;
                Ok(())
            }
            None => self.bytes(&value, max),
        }
    }

    /// As [`string`](Self::string), and [`last_bytes`](Self::last_bytes).
    ///
    /// # Errors
    /// It is longer.
    #[inline]
    pub fn last_string(&mut self, value: String, max: u32) -> Result<(), PackError> {
        self.last_bytes(value.into_bytes(), max)
    }

    /// A list of values of fixed size, with one check of the room in the buffer for all.
    ///
    /// # Errors
    /// It has more than `max` elements, or one of them has no packed form.
    #[inline]
    pub fn fixed_list<T: Fixed>(&mut self, items: &[T], max: u32) -> Result<(), PackError> {
        self.enter(|out| {
            out.count(items.len(), max, Unit::Elements)?;
            bulk::append_list(items, out.out)
        })
    }

    /// A list of at most `max` elements: a `u32` of their count, and what `item` writes for each.
    ///
    /// # Errors
    /// It has more, or `item` refuses one: the path then has its index.
    #[inline]
    pub fn list<T>(
        &mut self,
        items: &[T],
        max: u32,
        item: impl FnMut(&mut Self, &T) -> Result<(), PackError>,
    ) -> Result<(), PackError> {
        self.enter(|out| {
            out.count(items.len(), max, Unit::Elements)?;
            out.array(items, item)
        })
    }

    /// An array of elements that are not of fixed size: what `item` writes for each, with nothing before.
    ///
    /// # Errors
    /// `item` refuses one: the path then has its index.
    #[inline]
    pub fn array<T>(
        &mut self,
        items: &[T],
        mut item: impl FnMut(&mut Self, &T) -> Result<(), PackError>,
    ) -> Result<(), PackError> {
        for (index, value) in items.iter().enumerate() {
            item(self, value).map_err(|error| error.within(Segment::Index(index)))?;
        }
        Ok(())
    }

    /// A map of at most `max` pairs: a `u32` of their count, and each key and value, ascending by key.
    ///
    /// # Errors
    /// It has more, or `key` or `value` refuses one: the path then has the key, or the place of a refused key.
    #[inline]
    pub fn map<K, V>(
        &mut self,
        pairs: &BTreeMap<K, V>,
        max: u32,
        mut key: impl FnMut(&mut Self, &K) -> Result<(), PackError>,
        mut value: impl FnMut(&mut Self, &V) -> Result<(), PackError>,
    ) -> Result<(), PackError> {
        self.enter(|out| {
            out.count(pairs.len(), max, Unit::Pairs)?;
            for (index, (k, v)) in pairs.iter().enumerate() {
                let start = out.out.len();
                key(out, k).map_err(|error| error.within(Segment::Pair(index)))?;
                let end = out.out.len();
                value(out, v).map_err(|error| error.within(out.key_segment::<K>(start, end)))?;
            }
            Ok(())
        })
    }

    /// A value that may be absent: a byte, 0 or 1, and what `item` writes for it.
    ///
    /// # Errors
    /// As `item`, or it nests too deep.
    #[inline]
    pub fn option<T>(
        &mut self,
        value: Option<T>,
        item: impl FnOnce(&mut Self, T) -> Result<(), PackError>,
    ) -> Result<(), PackError> {
        self.out.push(u8::from(value.is_some()));
        match value {
            Some(value) => self.enter(|out| item(out, value)),
            None => Ok(()),
        }
    }

    /// A table: a `u32` of the bytes that follow, and the fields that `body` writes.
    ///
    /// # Errors
    /// As `body`, or it takes over 4 GiB.
    ///
    /// ```
    /// # use rpcgen_runtime::pack::{At as _, PackLimits, Packer};
    /// let mut bytes = Vec::new();
    /// Packer::new(&mut bytes, &PackLimits::default()).table(|fields| {
    ///     fields.string(2, "Ada", 64).at("name")?;
    ///     fields.fixed(3, &36_u16).at("age")
    /// })?;
    /// assert_eq!(bytes, b"\0\0\0\x0d\0\x14\0\0\0\x03Ada\0\x19\0\x24");
    /// # Ok::<(), rpcgen_runtime::pack::PackError>(())
    /// ```
    #[inline]
    pub fn table(
        &mut self,
        body: impl FnOnce(&mut TableOut<'_, 'b>) -> Result<(), PackError>,
    ) -> Result<(), PackError> {
        self.measured(|out| body(&mut TableOut::new(out)))
    }

    /// A variant of an error or an open union: a `u16` of its ordinal, a `u32` of the bytes that follow, and what
    /// `body` writes.
    ///
    /// # Errors
    /// As `body`, or it takes over 4 GiB.
    #[inline]
    pub fn variant(
        &mut self,
        ordinal: u16,
        body: impl FnOnce(&mut Self) -> Result<(), PackError>,
    ) -> Result<(), PackError> {
        self.out.extend_from_slice(&ordinal.to_be_bytes());
        self.measured(body)
    }

    /// A variant of a closed union: a `u16` of its ordinal, and what `body` writes.
    ///
    /// # Errors
    /// As `body`.
    #[inline]
    pub fn closed_variant(
        &mut self,
        ordinal: u16,
        body: impl FnOnce(&mut Self) -> Result<(), PackError>,
    ) -> Result<(), PackError> {
        self.out.extend_from_slice(&ordinal.to_be_bytes());
        body(self)
    }

    /// A variant that this version of the interface does not know, as it came.
    ///
    /// # Errors
    /// None: its bytes came with a length that fits.
    pub fn unknown_variant(&mut self, unknown: &UnknownVariant) -> Result<(), PackError> {
        self.variant(unknown.ordinal(), |out| {
            out.out.extend_from_slice(unknown.bytes());
            Ok(())
        })
    }

    /// A `u32` of the bytes that follow, and what `body` writes.
    #[inline]
    pub(super) fn measured(&mut self, body: impl FnOnce(&mut Self) -> Result<(), PackError>) -> Result<(), PackError> {
        let length = self.out.len();
        self.out.extend_from_slice(&[0; 4]);
        body(self)?;
        self.fill_length(length)
    }

    /// Does `work` one level further in.
    #[inline]
    fn enter(&mut self, work: impl FnOnce(&mut Self) -> Result<(), PackError>) -> Result<(), PackError> {
        let limit = self.limits.nesting;
        self.levels = self.levels.checked_sub(1).ok_or(PackErrorKind::TooDeep { limit })?;
        let result = work(self);
        self.levels += 1;
        result
    }

    /// Writes a count, if `bound` allows it.
    #[inline]
    fn count(&mut self, size: usize, bound: u32, unit: Unit) -> Result<(), PackError> {
        match u32::try_from(size) {
            Ok(count) if count <= bound => self.out.extend_from_slice(&count.to_be_bytes()),
            _ => return Err(PackErrorKind::TooLong { unit, size, bound }.into()),
        }
        Ok(())
    }

    /// Writes into the four bytes at `place` how many bytes follow them.
    #[inline]
    fn fill_length(&mut self, place: usize) -> Result<(), PackError> {
        let Some((length, body)) = self.out.get_mut(place..).and_then(<[u8]>::split_first_chunk_mut::<4>) else {
            return Err(PackErrorKind::WrongSize.into());
        };
        let too_long = |_| PackErrorKind::TooLong { unit: Unit::Bytes, size: body.len(), bound: UNBOUNDED };
        BigEndian::write_u32(length, u32::try_from(body.len()).map_err(too_long)?);
        Ok(())
    }

    /// The step to the value whose key was written from `start` to `end`.
    #[cold]
    fn key_segment<K>(&self, start: usize, end: usize) -> Segment {
        Segment::Key(key_text::<K>(self.out.get(start..end).unwrap_or_default()))
    }
}
