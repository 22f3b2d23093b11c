//! Lists in place.

use std::fmt::{self, Debug, Formatter};
use std::iter::FusedIterator;
use std::marker::PhantomData;

use super::View;
use crate::pack::{Fixed, UNBOUNDED, UnpackError, Unpacker, bulk};

/// A list whose elements were checked, one after the other, and are read where they lie.
///
/// It is as cheap to copy as a slice. To iterate reads the elements again, without a check of what was checked; to
/// [`get`](Self::get) one by its index is for elements of fixed size.
pub struct ListView<'a, V> {
    /// The elements, without their count.
    bytes: &'a [u8],
    count: u32,
    element: PhantomData<fn() -> V>,
}

impl<'a, V> ListView<'a, V> {
    /// So many elements in bytes that were checked.
    #[inline]
    pub(in crate::pack) fn new(bytes: &'a [u8], count: u32) -> Self {
        Self { bytes, count, element: PhantomData }
    }

    /// The elements as they were packed.
    #[inline]
    pub(in crate::pack) fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// How many elements there are.
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

impl<'a, V: View<'a>> ListView<'a, V> {
    /// The elements, in order.
    #[inline]
    pub fn iter(&self) -> ListIter<'a, V> {
        ListIter { input: Unpacker::of_checked(self.bytes), left: self.count, element: PhantomData }
    }

    /// Copies of the elements, that live on their own.
    #[inline]
    pub fn to_vec(&self) -> Vec<V::Owned> {
        V::owned_list(*self)
    }
}

impl<T: Fixed> ListView<'_, T> {
    /// The element of this index, counted from 0; none beyond the last.
    ///
    /// ```
    /// # use rpcgen_runtime::pack::{UnpackLimits, Unpacker};
    /// let mut input = Unpacker::new(b"\0\0\0\x03\0\x07\0\x08\0\x09", &UnpackLimits::default());
    /// let numbers = input.fixed_list_view::<u16>(10)?;
    /// assert_eq!((numbers.get(1), numbers.get(3)), (Some(8), None));
    /// # Ok::<(), rpcgen_runtime::pack::UnpackError>(())
    /// ```
    #[inline]
    pub fn get(&self, index: usize) -> Option<T> {
        let start = index.checked_mul(T::SIZE)?;
        let bytes = self.bytes.get(start..start.checked_add(T::SIZE)?)?;
        bulk::read_one(bytes).ok()
    }

    /// All of them, at the speed of a list that is unpacked.
    #[inline]
    pub(super) fn read_all(&self) -> Vec<T> {
        bulk::read_list(self.bytes).unwrap_or_default()
    }
}

impl<V> Clone for ListView<'_, V> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<V> Copy for ListView<'_, V> {}

impl<V> Default for ListView<'_, V> {
    fn default() -> Self {
        Self::new(&[], 0)
    }
}

impl<'a, V: View<'a> + Debug> Debug for ListView<'a, V> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self).finish()
    }
}

impl<'a, V: View<'a>> IntoIterator for ListView<'a, V> {
    type Item = V;
    type IntoIter = ListIter<'a, V>;

    #[inline]
    fn into_iter(self) -> ListIter<'a, V> {
        self.iter()
    }
}

impl<'a, V: View<'a>> IntoIterator for &ListView<'a, V> {
    type Item = V;
    type IntoIter = ListIter<'a, V>;

    #[inline]
    fn into_iter(self) -> ListIter<'a, V> {
        self.iter()
    }
}

impl<'a, V: View<'a>> View<'a> for ListView<'a, V> {
    type Owned = Vec<V::Owned>;

    #[inline]
    fn view(input: &mut Unpacker<'a>) -> Result<Self, UnpackError> {
        input.list_view(UNBOUNDED, 1, Unpacker::view::<V>)
    }

    #[inline]
    fn owned(&self) -> Vec<V::Owned> {
        self.to_vec()
    }
}

/// The elements of a [`ListView`].
#[derive(Debug)]
pub struct ListIter<'a, V> {
    input: Unpacker<'a>,
    left: u32,
    element: PhantomData<fn() -> V>,
}

impl<'a, V: View<'a>> Iterator for ListIter<'a, V> {
    type Item = V;

    #[inline]
    fn next(&mut self) -> Option<V> {
        self.left = self.left.checked_sub(1)?;
        // The same steps over the same bytes went well when the list was checked.
        V::view(&mut self.input).ok()
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left as usize, Some(self.left as usize))
    }
}

impl<'a, V: View<'a>> ExactSizeIterator for ListIter<'a, V> {}
impl<'a, V: View<'a>> FusedIterator for ListIter<'a, V> {}
