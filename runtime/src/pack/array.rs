//! Arrays of values of fixed size, which are of fixed size themselves.

use super::{Fixed, FixedIn, FixedOut, PackError, UnpackError};

impl<T: Fixed, const N: usize> Fixed for [T; N] {
    const SIZE: usize = T::SIZE * N;

    #[inline]
    fn put(&self, out: &mut FixedOut<'_>) -> Result<(), PackError> {
        T::put_array(self, out)
    }

    #[inline]
    fn get(input: &mut FixedIn<'_>) -> Result<Self, UnpackError> {
        T::get_array(input)
    }

    #[inline]
    fn assign(&mut self, input: &mut FixedIn<'_>) -> Result<(), UnpackError> {
        T::assign_array(self, input)
    }
}
