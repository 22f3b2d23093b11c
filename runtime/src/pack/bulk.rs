//! Values of fixed size at the speed of the memory: singly, and whole lists with one check of the length.

#![expect(clippy::inline_always, reason = "what is done with wide instructions must be one function: see `bulk::wide`")]

use super::path::Segment;
use super::{Fixed, FixedIn, FixedOut, PackError, Unit, UnpackError, UnpackErrorKind};
use crate::buffers;

/// Appends one value.
///
/// It is put together in a small block whose length the compiler knows, and copied from there: to make room in `out`
/// first would mean to fill that room with zeros, which costs more.
#[inline(always)]
pub(super) fn append_one<T: Fixed>(value: &T, out: &mut Vec<u8>) -> Result<(), PackError> {
    match T::SIZE {
        // Single numbers, mostly: where nothing is left to find out, to append is one store.
        4 => append_exactly::<T, 4>(value, out),
        8 => append_exactly::<T, 8>(value, out),
        0..=16 => append_by_block::<T, 16>(value, out),
        17..=64 => append_by_block::<T, 64>(value, out),
        65..=256 => append_by_block::<T, 256>(value, out),
        _ => append_in_place(value, out),
    }
}

#[inline(always)]
fn append_by_block<T: Fixed, const N: usize>(value: &T, out: &mut Vec<u8>) -> Result<(), PackError> {
    let mut block = [0; N];
    let mut cursor = FixedOut::new(&mut block);
    let bytes = cursor.slice(T::SIZE).unwrap_or_default();
    write_one(value, bytes)?;
    out.extend_from_slice(bytes);
    Ok(())
}

#[inline(always)]
fn append_exactly<T: Fixed, const SIZE: usize>(value: &T, out: &mut Vec<u8>) -> Result<(), PackError> {
    let mut block = [0; SIZE];
    write_one(value, &mut block)?;
    out.extend_from_slice(&block);
    Ok(())
}

#[inline]
fn append_in_place<T: Fixed>(value: &T, out: &mut Vec<u8>) -> Result<(), PackError> {
    let start = out.len();
    out.resize(start + T::SIZE, 0);
    write_one(value, out.get_mut(start..).unwrap_or_default())
}

#[inline(always)]
fn write_one<T: Fixed>(value: &T, bytes: &mut [u8]) -> Result<(), PackError> {
    let mut out = FixedOut::new(bytes);
    value.put(&mut out)?;
    out.end()
}

/// Reads one value from exactly its bytes. The offset of an error counts from their start.
#[inline(always)]
pub(super) fn read_one<T: Fixed>(bytes: &[u8]) -> Result<T, UnpackError> {
    let mut input = FixedIn::new(bytes);
    let value = T::get(&mut input).map_err(|error| error.shift(bytes.len() - input.last_from_end()))?;
    input.end()?;
    Ok(value)
}

/// Appends a list of values.
#[inline]
pub(super) fn append_list<T: Fixed>(items: &[T], out: &mut Vec<u8>) -> Result<(), PackError> {
    let size = items.len().saturating_mul(T::SIZE);
    buffers::reserve(out, size);
    wide(
        size,
        #[inline(always)]
        || T::put_list(items, out),
    )
}

/// Reads as many values as `bytes` hold.
#[inline]
pub(super) fn read_list<T: Fixed>(bytes: &[u8]) -> Result<Vec<T>, UnpackError> {
    let mut items = Vec::with_capacity(bytes.len().checked_div(T::SIZE).unwrap_or(0));
    wide(
        bytes.len(),
        #[inline(always)]
        || T::get_list(bytes, &mut items),
    )?;
    Ok(items)
}

/// From how many bytes on it pays to ask for the processor's wide instructions.
#[cfg(target_arch = "x86_64")]
const WIDE_FROM: usize = 256;

/// Does `work` on `size` bytes, with AVX2 where the processor has it: it turns big-endian numbers eight at a time,
/// while what every x86-64 processor has needs twice as long as a plain copy. (AVX-512 would be slower here: LLVM
/// scatters the fields of a struct with it.)
///
/// What `work` calls is `#[inline(always)]` for that: a function by itself would be without these instructions.
#[cfg(target_arch = "x86_64")]
#[inline]
fn wide<R>(size: usize, work: impl FnOnce() -> R) -> R {
    use fearless_simd::{Level, Simd as _};

    let level = if size < WIDE_FROM { None } else { Level::new().as_avx2() };
    match level {
        Some(avx2) => avx2.vectorize(work),
        None => work(),
    }
}

/// Does `work`: other processors turn numbers with what they all have.
#[cfg(not(target_arch = "x86_64"))]
#[inline]
fn wide<R>(_size: usize, work: impl FnOnce() -> R) -> R {
    work()
}

/// Reads as many values as `bytes` hold, and appends them.
#[inline(always)]
pub(super) fn read_each<T: Fixed>(bytes: &[u8], items: &mut Vec<T>) -> Result<(), UnpackError> {
    // The compiler turns the numbers of many values at once where it knows how many those are, and that they are many.
    match T::SIZE {
        0 => Err(UnpackErrorKind::NoSize { unit: Unit::Elements }.into()),
        1..=8 => read_blocks::<T, 64>(bytes, items),
        9..=64 => read_blocks::<T, 32>(bytes, items),
        65..=256 => read_blocks::<T, 16>(bytes, items),
        _ => read_blocks::<T, 1>(bytes, items),
    }
}

/// Reads blocks of so many values, and what is left behind the last one.
#[inline(always)]
fn read_blocks<T: Fixed, const N: usize>(bytes: &[u8], items: &mut Vec<T>) -> Result<(), UnpackError> {
    let Some(head) = bytes.get(..T::SIZE) else { return Ok(()) };
    let first = read_one::<T>(head).map_err(|error| in_element(error, 0, T::SIZE))?;
    let blocks = bytes.chunks_exact(N * T::SIZE);
    let (rest, done) = (blocks.remainder(), blocks.len() * N);
    // A short list need not fill a block first.
    if done > 0 {
        let mut block = [first; N];
        for (number, bytes) in blocks.enumerate() {
            read_block(&mut block, bytes).map_err(|(error, index)| in_element(error, number * N + index, T::SIZE))?;
            items.extend_from_slice(&block);
        }
    }
    for (index, bytes) in rest.chunks_exact(T::SIZE).enumerate() {
        let mut value = first;
        assign_one(&mut value, bytes).map_err(|error| in_element(error, done + index, T::SIZE))?;
        items.push(value);
    }
    Ok(())
}

/// Reads a value in place of each; an error is that of the one with this index.
#[inline(always)]
fn read_block<T: Fixed, const N: usize>(block: &mut [T; N], bytes: &[u8]) -> Result<(), (UnpackError, usize)> {
    for (index, (value, bytes)) in block.iter_mut().zip(bytes.chunks_exact(T::SIZE)).enumerate() {
        assign_one(value, bytes).map_err(|error| (error, index))?;
    }
    Ok(())
}

/// As [`read_one`], in place of a value.
#[inline(always)]
fn assign_one<T: Fixed>(value: &mut T, bytes: &[u8]) -> Result<(), UnpackError> {
    let mut input = FixedIn::new(bytes);
    value.assign(&mut input).map_err(|error| error.shift(bytes.len() - input.last_from_end()))?;
    input.end()
}

/// Sees to it that `bytes` hold values, as many as there are. Nothing is left of this for types of which all bytes are values.
#[inline]
pub(super) fn check_each<T: Fixed>(bytes: &[u8]) -> Result<(), UnpackError> {
    for (index, chunk) in bytes.chunks_exact(T::SIZE.max(1)).enumerate() {
        read_one::<T>(chunk).map_err(|error| in_element(error, index, T::SIZE))?;
    }
    Ok(())
}

/// An error within an element of a list whose elements take `size` bytes each.
#[cold]
fn in_element(error: UnpackError, index: usize, size: usize) -> UnpackError {
    error.shift(index * size).within(Segment::Index(index))
}
