//! What holds for the unpacker of every type: it takes one form of a value only, and no more memory than it may.

#![allow(dead_code, reason = "not every target uses all of it")]

use peak_alloc::PeakAlloc;
use rpcgen_runtime::pack::{
    Pack, PackError, PackErrorKind, PackLimits, Packer, Unpack, UnpackError, UnpackLimits, Unpacker, View,
};

use super::script::Script;
use super::types::TYPES;

/// Whoever calls [`unpack`] must have this as its allocator.
pub(crate) static MEMORY: PeakAlloc = PeakAlloc;

/// What a value may take beside what it is charged for, in bytes: what an error says.
const SLACK: usize = 16 << 10;

/// Spare room of lists that grow and of trees, times what is charged.
const SPARE: usize = 4;

/// A type, and what to do with bytes that may be one of its values.
pub(crate) struct Type {
    pub(crate) name: &'static str,
    pub(super) try_bytes: fn(&[u8], UnpackLimits),
}

/// The first byte chooses a type, the second how much memory it may take.
pub(crate) fn unpack(bytes: &[u8]) {
    let mut script = Script::new(bytes);
    let chosen = &TYPES[usize::from(script.byte()) % TYPES.len()];
    let memory = script.choose(&[0, 100, 4 << 10, 64 << 10, 1 << 20]);
    (chosen.try_bytes)(script.bytes(usize::MAX), UnpackLimits { memory, ..UnpackLimits::default() });
}

impl Type {
    /// A type in which there is no table: what unpacks has one form.
    pub(crate) const fn frozen<T: Pack + for<'a> Unpack<'a>>(name: &'static str) -> Self {
        let try_bytes = |bytes: &[u8], limits| {
            if let Ok(value) = measured(bytes, limits, Unpacker::value::<T>) {
                assert_eq!(pack(&value).expect("what was unpacked can be packed"), bytes);
            }
        };
        Self { name, try_bytes }
    }

    /// A type with a table in it: fields may come that it does not know, and others may be absent. What it packs has one
    /// form.
    pub(crate) const fn evolving<T: Pack + for<'a> Unpack<'a>>(name: &'static str) -> Self {
        Self { name, try_bytes: |bytes, limits| evolves::<T>(measured(bytes, limits, Unpacker::value)) }
    }
}

fn evolves<T: Pack + for<'a> Unpack<'a>>(value: Result<T, UnpackError>) {
    let Ok(value) = value else { return };
    match pack(&value) {
        Ok(packed) => {
            let again: T = read(&packed, UnpackLimits::default()).expect("what was packed can be unpacked");
            assert_eq!(pack(&again).expect("what was packed once"), packed);
        }
        // A field that was absent is written, and what it holds is one level further in.
        Err(error) => assert!(matches!(error.kind(), PackErrorKind::TooDeep { .. }), "{error}"),
    }
}

/// A view and its value are refused alike, or hold the same.
pub(super) fn agree<'a, V: View<'a, Owned: Pack + for<'b> Unpack<'b>>>(bytes: &'a [u8], limits: UnpackLimits) {
    let view = measured(bytes, limits, Unpacker::view::<V>);
    match (view, read::<V::Owned>(bytes, limits)) {
        (Ok(view), Ok(value)) => assert_eq!(pack(&view.owned()).ok(), pack(&value).ok()),
        (Err(view), Err(value)) => assert_eq!(format!("{view:?}"), format!("{value:?}")),
        (view, value) => panic!("a view is refused with {:?}, its value with {:?}", view.err(), value.err()),
    }
}

fn pack<T: Pack>(value: &T) -> Result<Vec<u8>, PackError> {
    let mut bytes = Vec::new();
    Packer::new(&mut bytes, &PackLimits::default()).value(value)?;
    Ok(bytes)
}

fn read<T: for<'a> Unpack<'a>>(bytes: &[u8], limits: UnpackLimits) -> Result<T, UnpackError> {
    whole(bytes, limits, Unpacker::value)
}

/// What `item` reads, of all of the bytes.
fn whole<'a, T>(
    bytes: &'a [u8],
    limits: UnpackLimits,
    item: impl FnOnce(&mut Unpacker<'a>) -> Result<T, UnpackError>,
) -> Result<T, UnpackError> {
    let mut input = Unpacker::new(bytes, &limits);
    let value = item(&mut input)?;
    input.end()?;
    Ok(value)
}

/// Unpacks, and looks how much memory that takes.
fn measured<'a, T>(
    bytes: &'a [u8],
    limits: UnpackLimits,
    item: impl FnOnce(&mut Unpacker<'a>) -> Result<T, UnpackError>,
) -> Result<T, UnpackError> {
    MEMORY.reset_peak_usage();
    let before = MEMORY.current_usage();
    let value = whole(bytes, limits, item);
    let took = MEMORY.peak_usage().saturating_sub(before);
    let most = SPARE * limits.memory + SLACK;
    assert!(took <= most, "{took} bytes of memory, where {} may be charged", limits.memory);
    if let Err(error) = &value {
        assert!(error.offset() <= bytes.len(), "{error}");
        let _said = error.to_string();
    }
    value
}
