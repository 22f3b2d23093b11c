//! Optional values that lead back to what holds them.

use std::fmt::{self, Debug, Formatter};
use std::marker::PhantomData;

use super::View;
use crate::pack::{UnpackError, Unpacker};

/// A value that may be absent, of a type that may hold itself. Where the owned form has a box, this keeps the checked bytes,
/// and reads them when it is asked for the value.
pub struct OptionView<'a, V> {
    bytes: Option<&'a [u8]>,
    value: PhantomData<fn() -> V>,
}

impl<'a, V> OptionView<'a, V> {
    /// A value in bytes that were checked, or none.
    #[inline]
    pub(in crate::pack) fn new(bytes: Option<&'a [u8]>) -> Self {
        Self { bytes, value: PhantomData }
    }

    /// Whether there is a value.
    #[inline]
    pub fn is_some(&self) -> bool {
        self.bytes.is_some()
    }
}

impl<'a, V: View<'a>> OptionView<'a, V> {
    /// The value, where there is one.
    #[inline]
    pub fn get(&self) -> Option<V> {
        V::view(&mut Unpacker::of_checked(self.bytes?)).ok()
    }
}

impl<V> Clone for OptionView<'_, V> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<V> Copy for OptionView<'_, V> {}

impl<'a, V: View<'a> + Debug> Debug for OptionView<'a, V> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.get().fmt(f)
    }
}

impl<'a, V: View<'a>> View<'a> for OptionView<'a, V> {
    type Owned = Option<Box<V::Owned>>;

    #[inline]
    fn view(input: &mut Unpacker<'a>) -> Result<Self, UnpackError> {
        input.boxed_option_view(Unpacker::view::<V>)
    }

    #[inline]
    fn owned(&self) -> Self::Owned {
        self.get().map(|value| Box::new(value.owned()))
    }
}
