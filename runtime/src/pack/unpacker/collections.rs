//! Lists, arrays, maps and options.

use std::collections::BTreeMap;

use super::budget::first_reservation;
use super::{Unit, Unpacker};
use crate::pack::path::{Segment, key_text};
use crate::pack::{Fixed, UnpackError, UnpackErrorKind, bulk};

/// Pairs that the smallest tree has room for: a map of one pair takes as much memory.
const NODE: u32 = 11;

impl<'a> Unpacker<'a> {
    /// A list of values of fixed size, with one check of the length for all.
    ///
    /// All of its bytes are there when memory is reserved, so it is reserved at once.
    ///
    /// # Errors
    /// It has more than `max` elements, the bytes end within it, it takes more memory than is left, or an element
    /// stands for no value.
    #[inline]
    pub fn fixed_list<T: Fixed>(&mut self, max: u32) -> Result<Vec<T>, UnpackError> {
        self.enter(|input| {
            let count = input.elements(max, T::SIZE, size_of::<T>(), Unit::Elements)?;
            let start = input.offset();
            let bytes = input.take(count as usize * T::SIZE)?;
            bulk::read_list(bytes).map_err(|error| error.shift(start))
        })
    }

    /// A list of at most `max` elements, of which `item` reads each and none takes fewer than `least` bytes.
    ///
    /// # Errors
    /// It has more, or more than the bytes left can hold, or takes more memory than is left, or `item` refuses one: the
    /// path then has its index.
    #[inline]
    pub fn list<T>(
        &mut self,
        max: u32,
        least: usize,
        mut item: impl FnMut(&mut Self) -> Result<T, UnpackError>,
    ) -> Result<Vec<T>, UnpackError> {
        self.enter(|input| {
            let count = input.elements(max, least, size_of::<T>(), Unit::Elements)?;
            let mut items = Vec::with_capacity(first_reservation::<T>(count));
            for index in 0..count as usize {
                items.push(item(input).map_err(|error| error.within(Segment::Index(index)))?);
            }
            Ok(items)
        })
    }

    /// An array of elements that are not of fixed size, of which `item` reads each.
    ///
    /// # Errors
    /// `item` refuses one: the path then has its index.
    #[inline]
    pub fn array<T, const N: usize>(
        &mut self,
        mut item: impl FnMut(&mut Self) -> Result<T, UnpackError>,
    ) -> Result<[T; N], UnpackError> {
        let mut items = Vec::new();
        for index in 0..N {
            items.push(item(self).map_err(|error| error.within(Segment::Index(index)))?);
        }
        // It has N elements, so the conversion does not fail.
        items.try_into().map_err(|_| UnpackErrorKind::WrongSize.into())
    }

    /// A map of at most `max` pairs, of which `key` and `value` read each and none takes fewer than `least` bytes.
    ///
    /// # Errors
    /// It has more, or more than the bytes left can hold, or takes more memory than is left; a key is not above the one
    /// before it; or `key` or `value` refuses one: the path then has the key, or the place of a refused key.
    #[inline]
    pub fn map<K: Ord, V>(
        &mut self,
        max: u32,
        least: usize,
        mut key: impl FnMut(&mut Self) -> Result<K, UnpackError>,
        mut value: impl FnMut(&mut Self) -> Result<V, UnpackError>,
    ) -> Result<BTreeMap<K, V>, UnpackError> {
        self.enter(|input| {
            let count = input.pairs::<K, V>(max, least)?;
            let mut pairs: Vec<(K, V)> = Vec::with_capacity(first_reservation::<(K, V)>(count));
            for index in 0..count as usize {
                let (k, packed) = input.key::<K, K>(&mut key, pairs.last().map(|(last, _)| last), index)?;
                pairs.push((k, value(input).map_err(|error| error.within(key_segment::<K>(packed)))?));
            }
            // A tree built from a sorted list takes one pass.
            Ok(pairs.into_iter().collect())
        })
    }

    /// A value that may be absent, which `item` reads where it is there.
    ///
    /// # Errors
    /// As `item`, or it nests too deep, or the byte that says so is neither 0 nor 1.
    #[inline]
    pub fn option<T>(
        &mut self,
        item: impl FnOnce(&mut Self) -> Result<T, UnpackError>,
    ) -> Result<Option<T>, UnpackError> {
        self.present(|input| input.held(item))
    }

    /// What `item` reads, one level further in, where a value is there.
    #[inline]
    pub(super) fn present<T>(
        &mut self,
        item: impl FnOnce(&mut Self) -> Result<T, UnpackError>,
    ) -> Result<Option<T>, UnpackError> {
        let start = self.offset();
        match self.fixed::<u8>()? {
            0 => Ok(None),
            1 => self.enter(item).map(Some),
            value => Err(UnpackError::new(UnpackErrorKind::NotOption { value }, start)),
        }
    }

    /// Reads a `T` and notes how much room there is for it: a larger value within is in a box and costs memory.
    #[inline]
    pub(super) fn held<T>(&mut self, item: impl FnOnce(&mut Self) -> Result<T, UnpackError>) -> Result<T, UnpackError> {
        self.held_in(size_of::<T>(), item)
    }

    /// The same for a value that takes so many bytes of memory.
    #[inline]
    pub(super) fn held_in<T>(
        &mut self,
        size: usize,
        item: impl FnOnce(&mut Self) -> Result<T, UnpackError>,
    ) -> Result<T, UnpackError> {
        self.holder = size;
        let value = item(self);
        self.holder = usize::MAX;
        value
    }

    /// The count of pairs of which one takes `least` bytes packed, whose memory is charged.
    #[inline]
    pub(super) fn pairs<K, V>(&mut self, max: u32, least: usize) -> Result<u32, UnpackError> {
        let begin = self.offset();
        let count = self.elements(max, least, size_of::<(K, V)>(), Unit::Pairs)?;
        if (1..NODE).contains(&count) {
            self.charge((NODE - count) as usize * size_of::<(K, V)>(), begin)?;
        }
        Ok(count)
    }

    /// The key of pair `index`, which is above the `last`, and its bytes. Errors show it as a `K`.
    #[inline]
    pub(super) fn key<K, L: Ord>(
        &mut self,
        key: impl FnOnce(&mut Self) -> Result<L, UnpackError>,
        last: Option<&L>,
        index: usize,
    ) -> Result<(L, &'a [u8]), UnpackError> {
        let start = self.rest;
        let k = key(self).map_err(|error| error.within(Segment::Pair(index)))?;
        let packed = self.since(start);
        self.check_order::<K, L>(last, &k, packed)?;
        Ok((k, packed))
    }

    /// The bytes read since `rest` was what was left.
    #[inline]
    pub(super) fn since(&self, rest: &'a [u8]) -> &'a [u8] {
        rest.get(..rest.len() - self.rest.len()).unwrap_or_default()
    }

    /// Sees to it that `key`, which was just read from `packed`, is above the one before it.
    #[inline]
    fn check_order<K, L: Ord>(&self, last: Option<&L>, key: &L, packed: &[u8]) -> Result<(), UnpackError> {
        let kind = match last {
            Some(last) if key < last => UnpackErrorKind::KeyOrder,
            Some(last) if key == last => UnpackErrorKind::KeyDoubled,
            _ => return Ok(()),
        };
        Err(UnpackError::new(kind, self.offset() - packed.len()).within(key_segment::<K>(packed)))
    }
}

/// The step to the value whose key was read from `packed`.
#[cold]
pub(super) fn key_segment<K>(packed: &[u8]) -> Segment {
    Segment::Key(key_text::<K>(packed))
}
