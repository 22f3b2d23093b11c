//! Views: each method takes the steps of the one that unpacks the same kind of value, and copies nothing.

use super::collections::key_segment;
use super::{Unit, Unpacker, not_utf8};
use crate::pack::path::Segment;
use crate::pack::{Fixed, ListView, MapView, OptionView, Text, UnpackError, UnpackLimits, View, bulk, utf8};

/// Limits for what was found to keep others.
const KEPT: UnpackLimits = UnpackLimits { nesting: u32::MAX, memory: usize::MAX };

impl<'a> Unpacker<'a> {
    /// Reads again what was checked.
    #[inline]
    pub(in crate::pack) fn of_checked(bytes: &'a [u8]) -> Self {
        Self { checked: true, ..Self::new(bytes, &KEPT) }
    }

    /// The view of a struct of varying size, a table, an error or a union: as [`value`](Self::value).
    ///
    /// # Errors
    /// As its own [`View::view`], or it nests too deep.
    #[inline]
    pub fn view<V: View<'a>>(&mut self) -> Result<V, UnpackError> {
        self.charge_box::<V::Owned>()?;
        self.enter(V::view)
    }

    /// A string in place: as [`string`](Self::string).
    ///
    /// # Errors
    /// As there.
    #[inline]
    pub fn text(&mut self, max: u32) -> Result<Text<'a>, UnpackError> {
        let bytes = self.byte_slice(max)?;
        if !self.checked {
            self.check_text(bytes)?;
        }
        Ok(Text::new(bytes))
    }

    /// Checks the string that was just read. Not inlined, so that [`text`](Self::text) is, which reads again.
    #[inline(never)]
    fn check_text(&mut self, bytes: &[u8]) -> Result<(), UnpackError> {
        let start = self.offset() - bytes.len() - size_of::<u32>();
        if !utf8::is_ascii(bytes) {
            check_utf8(bytes, start)?;
        }
        self.charge(bytes.len(), start)
    }

    /// Bytes in place: as [`bytes`](Self::bytes).
    ///
    /// # Errors
    /// As there.
    #[inline]
    pub fn bytes_view(&mut self, max: u32) -> Result<&'a [u8], UnpackError> {
        let start = self.offset();
        let bytes = self.byte_slice(max)?;
        self.charge(bytes.len(), start)?;
        Ok(bytes)
    }

    /// A list of values of fixed size in place: as [`fixed_list`](Self::fixed_list).
    ///
    /// # Errors
    /// As there.
    #[inline]
    pub fn fixed_list_view<T: Fixed>(&mut self, max: u32) -> Result<ListView<'a, T>, UnpackError> {
        self.enter(|input| {
            let count = input.elements(max, T::SIZE, size_of::<T>(), Unit::Elements)?;
            let start = input.offset();
            let bytes = input.take(count as usize * T::SIZE)?;
            if !input.checked {
                bulk::check_each::<T>(bytes).map_err(|error| error.shift(start))?;
            }
            Ok(ListView::new(bytes, count))
        })
    }

    /// A list in place, of which `item` checks each element: as [`list`](Self::list).
    ///
    /// # Errors
    /// As there.
    #[inline]
    pub fn list_view<V: View<'a>, T>(
        &mut self,
        max: u32,
        least: usize,
        mut item: impl FnMut(&mut Self) -> Result<T, UnpackError>,
    ) -> Result<ListView<'a, V>, UnpackError> {
        self.enter(|input| {
            let count = input.elements(max, least, size_of::<V::Owned>(), Unit::Elements)?;
            let start = input.rest;
            for index in 0..count as usize {
                item(input).map_err(|error| error.within(Segment::Index(index)))?;
            }
            Ok(ListView::new(input.since(start), count))
        })
    }

    /// A map in place, of which `key` and `value` check each pair: as [`map`](Self::map).
    ///
    /// # Errors
    /// As there.
    #[inline]
    pub fn map_view<K: View<'a>, V: View<'a>, L: Ord, T>(
        &mut self,
        max: u32,
        least: usize,
        mut key: impl FnMut(&mut Self) -> Result<L, UnpackError>,
        mut value: impl FnMut(&mut Self) -> Result<T, UnpackError>,
    ) -> Result<MapView<'a, K, V>, UnpackError> {
        self.enter(|input| {
            let count = input.pairs::<K::Owned, V::Owned>(max, least)?;
            let (pairs, mut before) = (input.rest, None);
            for index in 0..count as usize {
                let (k, packed) = input.key::<K::Owned, L>(&mut key, before.as_ref(), index)?;
                before = Some(k);
                value(input).map_err(|error| error.within(key_segment::<K::Owned>(packed)))?;
            }
            Ok(MapView::new(input.since(pairs), count))
        })
    }

    /// A value that may be absent, in place: as [`option`](Self::option).
    ///
    /// # Errors
    /// As there.
    #[inline]
    pub fn option_view<V: View<'a>>(
        &mut self,
        item: impl FnOnce(&mut Self) -> Result<V, UnpackError>,
    ) -> Result<Option<V>, UnpackError> {
        self.present(|input| input.held_in(size_of::<V::Owned>(), item))
    }

    /// A value that may be absent and is in a box where it is owned: as [`option`](Self::option) of
    /// [`boxed`](Self::boxed) or [`boxed_by`](Self::boxed_by).
    ///
    /// # Errors
    /// As there.
    #[inline]
    pub fn boxed_option_view<V: View<'a>, T>(
        &mut self,
        item: impl FnOnce(&mut Self) -> Result<T, UnpackError>,
    ) -> Result<OptionView<'a, V>, UnpackError> {
        let bytes = self.present(|input| {
            let (start, size) = (input.rest, size_of::<V::Owned>());
            input.charge(size, input.offset())?;
            input.held_in(size, item)?;
            Ok(input.since(start))
        })?;
        Ok(OptionView::new(bytes))
    }
}

#[inline(never)]
fn check_utf8(bytes: &[u8], start: usize) -> Result<(), UnpackError> {
    utf8::read(bytes).map(drop).map_err(|valid_up_to| not_utf8(valid_up_to, start))
}
