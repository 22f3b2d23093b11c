//! What was packed unpacks to the same value, and packs to the same bytes again.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::time::{Duration, SystemTime};

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use rpcgen_runtime::pack::{Fixed, PackLimits, Packer, UNBOUNDED, UnpackLimits, Unpacker};

use super::types::Person;
use super::{cases, generate, pack, unpack};

/// One value, an array of it, and a list of it, long enough to be done in wide blocks with some left over.
///
/// Packed forms are compared, and the values' texts: a NaN is not equal to itself.
fn check_fixed<T: Fixed + Debug>(items: &[T]) -> Result<(), TestCaseError> {
    let mut expected = Vec::new();
    for item in items {
        let bytes = pack(item).unwrap();
        prop_assert_eq!(bytes.len(), T::SIZE);
        let back: T = unpack(&bytes).unwrap();
        prop_assert_eq!(pack(&back).unwrap(), bytes.clone());
        prop_assert_eq!(format!("{back:?}"), format!("{item:?}"));
        expected.extend(bytes);
    }
    check_list(items, &expected)?;
    items.first_chunk::<3>().map_or(Ok(()), |array| check_array(array, &expected[..3 * T::SIZE]))
}

fn check_list<T: Fixed + Debug>(items: &[T], expected: &[u8]) -> Result<(), TestCaseError> {
    let mut bytes = b"before".to_vec();
    Packer::new(&mut bytes, &PackLimits::default()).fixed_list(items, UNBOUNDED).unwrap();
    prop_assert_eq!(&bytes[6..10], &u32::try_from(items.len()).unwrap().to_be_bytes());
    prop_assert_eq!(&bytes[10..], expected);
    let mut input = Unpacker::new(&bytes[6..], &UnpackLimits::default());
    let back: Vec<T> = input.fixed_list(UNBOUNDED).unwrap();
    input.end().unwrap();
    prop_assert_eq!(format!("{back:?}"), format!("{items:?}"));
    Ok(())
}

fn check_array<T: Fixed + Debug>(items: &[T; 3], expected: &[u8]) -> Result<(), TestCaseError> {
    prop_assert_eq!(pack(items).unwrap(), expected);
    let back: [T; 3] = unpack(expected).unwrap();
    prop_assert_eq!(format!("{back:?}"), format!("{items:?}"));
    Ok(())
}

macro_rules! fixed {
    ($($name:ident: $items:expr;)*) => {
        proptest! {
            #![proptest_config(cases(100))]
            $(#[test] fn $name(items in vec($items, 0..150)) { check_fixed(&items)?; })*
        }
    };
}

fixed! {
    bool: any::<bool>();
    u8: any::<u8>();
    u16: any::<u16>();
    u32: any::<u32>();
    u64: any::<u64>();
    i8: any::<i8>();
    i16: any::<i16>();
    i32: any::<i32>();
    i64: any::<i64>();
    f32: generate::float();
    f64: any::<u64>().prop_map(f64::from_bits);
    timestamp: generate::time();
    duration: generate::duration();
    open_enum: generate::op();
    closed_enum: generate::level();
    array_of_arrays: any::<[[u16; 3]; 2]>();
    array_of_times: [generate::time(), generate::time()];
    struct_of_fixed_size: generate::sample();
}

proptest! {
    #![proptest_config(cases(500))]

    #[test]
    fn struct_of_varying_size(person in generate::person()) {
        let bytes = pack(&person).unwrap();
        let back: Person = unpack(&bytes).unwrap();
        prop_assert_eq!(format!("{back:?}"), format!("{person:?}"));
        prop_assert_eq!(pack(&back).unwrap(), bytes);
    }

    #[test]
    fn error(problem in generate::problem()) {
        let bytes = pack(&problem).unwrap();
        prop_assert_eq!(unpack::<super::types::Problem>(&bytes).unwrap(), problem);
    }

    #[test]
    fn borrowed_text_is_what_owned_text_is(text in generate::text(200)) {
        let mut bytes = Vec::new();
        Packer::new(&mut bytes, &PackLimits::default()).string(&text, 200).unwrap();
        let input = || Unpacker::new(&bytes, &UnpackLimits::default());
        prop_assert_eq!(input().str(200).unwrap(), &text);
        prop_assert_eq!(input().string(200).unwrap(), text.clone());
        prop_assert_eq!(input().byte_slice(200).unwrap(), text.as_bytes());
        prop_assert_eq!(input().bytes(200).unwrap(), text.as_bytes());
    }

    #[test]
    fn map_with_signed_keys(map in btree_map(any::<i32>(), any::<bool>(), 0..40)) {
        let mut bytes = Vec::new();
        let mut out = Packer::new(&mut bytes, &PackLimits::default());
        out.map(&map, 40, Packer::fixed, Packer::fixed).unwrap();
        let mut input = Unpacker::new(&bytes, &UnpackLimits::default());
        let back: BTreeMap<i32, bool> = input.map(40, 5, Unpacker::fixed, Unpacker::fixed).unwrap();
        input.end().unwrap();
        prop_assert_eq!(back, map);
    }
}

#[test]
fn nan_payloads_are_kept() {
    for bits in [0x7fc0_0001_u32, 0x7f80_0001, 0xffff_ffff] {
        let bytes = pack(&f32::from_bits(bits)).unwrap();
        assert_eq!(bytes, bits.to_be_bytes());
        assert_eq!(unpack::<f32>(&bytes).unwrap().to_bits(), bits);
        assert_eq!(unpack::<[f32; 1]>(&bytes).unwrap()[0].to_bits(), bits);
    }
}

#[test]
fn times_reach_as_far_as_64_bits() {
    let ends = [(i64::MIN, SystemTime::UNIX_EPOCH - Duration::from_nanos(1 << 63)), (-1, before(1)), (0, before(0))];
    for (nanoseconds, time) in ends {
        assert_eq!(pack(&time).unwrap(), nanoseconds.to_be_bytes());
        assert_eq!(unpack::<SystemTime>(&nanoseconds.to_be_bytes()).unwrap(), time);
    }
    assert_eq!(pack(&Duration::from_nanos(u64::MAX)).unwrap(), u64::MAX.to_be_bytes());
}

fn before(nanoseconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH - Duration::from_nanos(nanoseconds)
}

#[test]
fn an_array_may_be_empty_or_large() {
    assert_eq!(unpack::<[bool; 0]>(&[]).unwrap(), [false; 0]);
    assert_eq!(unpack::<[u32; 0]>(&[]).unwrap(), [0; 0]);
    let large = [7_u16; 2048];
    assert_eq!(unpack::<[u16; 2048]>(&pack(&large).unwrap()).unwrap(), large);
}
