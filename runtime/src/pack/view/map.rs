//! Maps in place.

use std::collections::BTreeMap;
use std::fmt::{self, Debug, Formatter};
use std::iter::FusedIterator;
use std::marker::PhantomData;

use super::View;
use crate::pack::{UNBOUNDED, UnpackError, Unpacker};

/// A map whose pairs were checked and are read where they lie, by ascending key.
pub struct MapView<'a, K, V> {
    /// The pairs, without their count.
    bytes: &'a [u8],
    count: u32,
    pair: PhantomData<fn() -> (K, V)>,
}

impl<'a, K, V> MapView<'a, K, V> {
    /// So many pairs in bytes that were checked.
    #[inline]
    pub(in crate::pack) fn new(bytes: &'a [u8], count: u32) -> Self {
        Self { bytes, count, pair: PhantomData }
    }

    /// How many pairs there are.
    #[inline]
    pub fn len(&self) -> usize {
        self.count as usize
    }

    /// Whether there are none.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }
}

impl<'a, K: View<'a> + Ord, V: View<'a>> MapView<'a, K, V> {
    /// The pairs, by ascending key.
    #[inline]
    pub fn iter(&self) -> MapIter<'a, K, V> {
        MapIter { input: Unpacker::of_checked(self.bytes), left: self.count, pair: PhantomData }
    }

    /// The value of this key. It reads the pairs up to there.
    #[inline]
    pub fn get(&self, key: &K) -> Option<V> {
        let (found, value) = self.iter().find(|(other, _)| other >= key)?;
        (found == *key).then_some(value)
    }
}

impl<K, V> Clone for MapView<'_, K, V> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K, V> Copy for MapView<'_, K, V> {}

impl<K, V> Default for MapView<'_, K, V> {
    fn default() -> Self {
        Self::new(&[], 0)
    }
}

impl<'a, K: View<'a> + Ord + Debug, V: View<'a> + Debug> Debug for MapView<'a, K, V> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self).finish()
    }
}

impl<'a, K: View<'a> + Ord, V: View<'a>> IntoIterator for MapView<'a, K, V> {
    type Item = (K, V);
    type IntoIter = MapIter<'a, K, V>;

    #[inline]
    fn into_iter(self) -> MapIter<'a, K, V> {
        self.iter()
    }
}

impl<'a, K: View<'a> + Ord, V: View<'a>> IntoIterator for &MapView<'a, K, V> {
    type Item = (K, V);
    type IntoIter = MapIter<'a, K, V>;

    #[inline]
    fn into_iter(self) -> MapIter<'a, K, V> {
        self.iter()
    }
}

impl<'a, K: View<'a, Owned: Ord> + Ord, V: View<'a>> View<'a> for MapView<'a, K, V> {
    type Owned = BTreeMap<K::Owned, V::Owned>;

    #[inline]
    fn view(input: &mut Unpacker<'a>) -> Result<Self, UnpackError> {
        input.map_view(UNBOUNDED, 1, K::view, Unpacker::view::<V>)
    }

    #[inline]
    fn owned(&self) -> Self::Owned {
        self.iter().map(|(key, value)| (key.owned(), value.owned())).collect()
    }
}

/// The pairs of a [`MapView`].
#[derive(Debug)]
pub struct MapIter<'a, K, V> {
    input: Unpacker<'a>,
    left: u32,
    pair: PhantomData<fn() -> (K, V)>,
}

impl<'a, K: View<'a>, V: View<'a>> Iterator for MapIter<'a, K, V> {
    type Item = (K, V);

    #[inline]
    fn next(&mut self) -> Option<(K, V)> {
        self.left = self.left.checked_sub(1)?;
        // The same steps over the same bytes went well when the map was checked.
        Some((K::view(&mut self.input).ok()?, V::view(&mut self.input).ok()?))
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left as usize, Some(self.left as usize))
    }
}

impl<'a, K: View<'a>, V: View<'a>> ExactSizeIterator for MapIter<'a, K, V> {}
impl<'a, K: View<'a>, V: View<'a>> FusedIterator for MapIter<'a, K, V> {}
