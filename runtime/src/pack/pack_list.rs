//! What is packed as a list without being one.

use super::{ListView, PackError, PackErrorKind, Packer, UnpackError, UnpackLimits, Unpacker, View};

/// What can be packed as a list of `T`: whatever gives a slice of them, such as `Vec<T>`, `&[T]` or `Arc<[T]>`, and a
/// [`ListView`] of views of `T`, which is copied as it is. Handlers whose results may be read in place answer with one.
///
/// ```
/// use rpcgen_runtime::pack::{PackList, UnpackLimits, Unpacker};
///
/// fn len(list: &impl PackList<u16>) -> usize {
///     list.len()
/// }
///
/// let received = b"\0\0\0\x02\0\x07\0\x08";
/// let view = Unpacker::new(received, &UnpackLimits::default()).fixed_list_view::<u16>(10)?;
/// assert_eq!((len(&view), len(&vec![7, 8, 9])), (2, 3));
/// # Ok::<(), rpcgen_runtime::pack::UnpackError>(())
/// ```
pub trait PackList<T> {
    /// How many elements there are.
    fn len(&self) -> usize;

    /// Whether there are none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Packs the list: `slice` a slice, and `check` sees to it that elements which are copied as they are may be elements of
    /// this list. For generated code.
    ///
    /// # Errors
    /// As `slice`, or as `check` reads what was written.
    fn pack_list(
        &self,
        out: &mut Packer<'_>,
        slice: impl FnOnce(&mut Packer<'_>, &[T]) -> Result<(), PackError>,
        check: impl FnOnce(&mut Unpacker<'_>) -> Result<(), UnpackError>,
    ) -> Result<(), PackError>;
}

impl<T, L: AsRef<[T]>> PackList<T> for L {
    fn len(&self) -> usize {
        self.as_ref().len()
    }

    #[inline]
    fn pack_list(
        &self,
        out: &mut Packer<'_>,
        slice: impl FnOnce(&mut Packer<'_>, &[T]) -> Result<(), PackError>,
        _: impl FnOnce(&mut Unpacker<'_>) -> Result<(), UnpackError>,
    ) -> Result<(), PackError> {
        slice(out, self.as_ref())
    }
}

impl<'a, V: View<'a>> PackList<V::Owned> for ListView<'a, V> {
    fn len(&self) -> usize {
        Self::len(self)
    }

    #[inline]
    fn pack_list(
        &self,
        out: &mut Packer<'_>,
        _: impl FnOnce(&mut Packer<'_>, &[V::Owned]) -> Result<(), PackError>,
        check: impl FnOnce(&mut Unpacker<'_>) -> Result<(), UnpackError>,
    ) -> Result<(), PackError> {
        out.list_in_place(self.len(), self.bytes(), check)
    }
}

impl Packer<'_> {
    /// A list whose elements were packed before.
    fn list_in_place(
        &mut self,
        count: usize,
        elements: &[u8],
        check: impl FnOnce(&mut Unpacker<'_>) -> Result<(), UnpackError>,
    ) -> Result<(), PackError> {
        let start = self.len();
        self.packed_list(count, elements)?;
        let limits = UnpackLimits { nesting: self.levels(), memory: usize::MAX };
        let checked = check(&mut Unpacker::new(self.written(start), &limits));
        checked.map_err(|error| PackErrorKind::InPlace { why: error.to_string() }.into())
    }
}
