//! Views: values that were checked once and are read where they were received.
//!
//! A view is made by the same steps as the value itself, in the same order, with the same limits, so that both are
//! refused alike; only nothing is copied. A list keeps the bytes of its elements and reads each again when it is asked
//! for: by the same code over the same bytes, which therefore does not fail.

mod list;
mod map;
mod optional;
mod text;

pub use list::{ListIter, ListView};
pub use map::{MapIter, MapView};
pub use optional::OptionView;
pub use text::Text;

use super::{Fixed, UnpackError, Unpacker};

/// A value that is read in place, from bytes that live for `'a`. Every [`Fixed`] type is one: it is its own view.
///
/// ```
/// use rpcgen_runtime::pack::{At as _, ListView, Text, UnpackError, UnpackLimits, Unpacker, View};
///
/// struct Person { id: u64, name: String }
///
/// struct PersonView<'a> { id: u64, name: Text<'a> }
///
/// impl<'a> View<'a> for PersonView<'a> {
///     type Owned = Person;
///
///     fn view(input: &mut Unpacker<'a>) -> Result<Self, UnpackError> {
///         Ok(Self { id: input.fixed().at("id")?, name: input.text(8).at("name")? })
///     }
///
///     fn owned(&self) -> Person {
///         Person { id: self.id, name: self.name.owned() }
///     }
/// }
///
/// let bytes = b"\0\0\0\x02\0\0\0\0\0\0\0\x01\0\0\0\x03Ada\0\0\0\0\0\0\0\x02\0\0\0\x03Bob";
/// let mut input = Unpacker::new(bytes, &UnpackLimits::default());
/// let people: ListView<'_, PersonView<'_>> = input.list_view(100, 12, Unpacker::view::<PersonView<'_>>)?;
/// input.end()?;
/// assert_eq!(people.len(), 2);
/// assert_eq!(people.iter().map(|person| person.id).sum::<u64>(), 3);
/// assert!(people.iter().any(|person| person.name.as_str() == "Bob"));
/// # Ok::<(), UnpackError>(())
/// ```
pub trait View<'a>: Sized {
    /// What it is a view of. Its size in memory counts for the limit, so that to copy all of a message takes no more
    /// memory than to unpack it.
    type Owned;

    /// Checks the next value, and keeps what is needed to read it.
    ///
    /// # Errors
    /// The bytes are not the one form of a value, or a limit is exceeded: just where and as they would be for
    /// [`Owned`](Self::Owned).
    fn view(input: &mut Unpacker<'a>) -> Result<Self, UnpackError>;

    /// A copy that lives on its own.
    fn owned(&self) -> Self::Owned;

    /// Copies of all elements of a list.
    #[inline]
    fn owned_list(list: ListView<'a, Self>) -> Vec<Self::Owned> {
        list.iter().map(|item| item.owned()).collect()
    }
}

impl<'a, T: Fixed> View<'a> for T {
    type Owned = T;

    #[inline]
    fn view(input: &mut Unpacker<'a>) -> Result<Self, UnpackError> {
        input.fixed()
    }

    #[inline]
    fn owned(&self) -> T {
        *self
    }

    #[inline]
    fn owned_list(list: ListView<'a, Self>) -> Vec<T> {
        list.read_all()
    }
}

impl<'a, V: View<'a>> View<'a> for Option<V> {
    type Owned = Option<V::Owned>;

    #[inline]
    fn view(input: &mut Unpacker<'a>) -> Result<Self, UnpackError> {
        input.option_view(V::view)
    }

    #[inline]
    fn owned(&self) -> Self::Owned {
        self.as_ref().map(V::owned)
    }
}
