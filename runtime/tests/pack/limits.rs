//! Limits: how deep, how much memory, and nothing reserved for what is only announced.

use std::collections::BTreeMap;

use rpcgen_runtime::pack::{
    Pack, PackError, PackErrorKind, PackLimits, Packer, UNBOUNDED, Unit, Unpack, UnpackError, UnpackErrorKind,
    UnpackLimits, Unpacker,
};

use super::table_types::{Everything, Profile};
use super::tables::{field, measured, table};
use super::types::Problem;
use super::{pack, unpack, unpack_with};

/// `struct Chain { next: Chain? }` and what a mean peer makes of it: a box of 400 bytes for each byte sent.
#[derive(Debug, Default)]
struct Chain {
    next: Option<Box<Chain>>,
    _large: [[u64; 10]; 5],
}

impl Pack for Chain {
    fn pack(&self, out: &mut Packer<'_>) -> Result<(), PackError> {
        out.option(self.next.as_ref(), |out, item| out.value(&**item))
    }
}

impl<'a> Unpack<'a> for Chain {
    const MIN_SIZE: usize = 1;

    fn unpack(input: &mut Unpacker<'a>) -> Result<Self, UnpackError> {
        Ok(Self { next: input.option(|input| Ok(Box::new(input.value()?)))?, ..Self::default() })
    }
}

fn chain(length: usize) -> Chain {
    (0..length).fold(Chain::default(), |next, _| Chain { next: Some(Box::new(next)), ..Chain::default() })
}

/// Unpacks with `memory` bytes of memory.
fn memory(memory: usize) -> UnpackLimits {
    UnpackLimits { memory, ..UnpackLimits::default() }
}

/// R54, L10: writers refuse more too.
#[test]
fn packing_nests_64_levels_and_no_deeper() {
    // An option and the struct in it are a level each.
    assert_eq!(pack(&chain(32)).unwrap().len(), 33);
    assert_eq!(pack(&chain(33)).unwrap_err().kind(), &PackErrorKind::TooDeep { limit: 64 });
    assert!(pack(&chain(1000)).is_err());
}

/// R54, L10: readers refuse more.
#[test]
fn unpacking_nests_64_levels_and_no_deeper() {
    let nested = |levels| [vec![1; levels], vec![0]].concat();
    assert!(unpack::<Chain>(&nested(32)).is_ok());
    let error = unpack::<Chain>(&nested(33)).unwrap_err();
    assert_eq!(error.kind(), &UnpackErrorKind::TooDeep { limit: 64 });
    assert!(unpack::<Chain>(&vec![1; 1_000_000]).is_err());
    assert_eq!(error.to_string(), "nested deeper than 64 levels (Limits::nesting) (at byte 33)");
}

/// `levels` tables, one inside the other.
fn tables(levels: usize) -> Vec<u8> {
    (1..levels).fold(table(&[]), |inner, _| table(&[field(32, 4, &measured(&inner))]))
}

/// A value, one level further in.
fn one<T: for<'a> Unpack<'a>>(input: &mut Unpacker<'_>) -> Result<T, UnpackError> {
    input.value()
}

fn read<T: for<'a> Unpack<'a>>(bytes: &[u8]) -> Result<T, UnpackError> {
    one(&mut Unpacker::new(bytes, &UnpackLimits::default()))
}

/// What `value` writes, one level further in.
fn write<T: Pack>(value: &T) -> Result<Vec<u8>, PackError> {
    let mut bytes = Vec::new();
    Packer::new(&mut bytes, &PackLimits::default()).value(value)?;
    Ok(bytes)
}

#[test]
fn a_table_is_one_level() {
    assert!(read::<Everything>(&tables(64)).is_ok());
    let error = read::<Everything>(&tables(65)).unwrap_err();
    assert_eq!(error.kind(), &UnpackErrorKind::TooDeep { limit: 64 });
    // The innermost one's list, which is always written, is the 64th level.
    let deepest = read::<Everything>(&tables(63)).unwrap();
    assert_eq!(read::<Everything>(&write(&deepest).unwrap()).unwrap(), deepest);
    let deeper = Everything { next: Some(Box::new(deepest.clone())), ..deepest };
    assert_eq!(write(&deeper).unwrap_err().kind(), &PackErrorKind::TooDeep { limit: 64 });
}

#[test]
fn an_error_is_one_level() {
    let limits = PackLimits { nesting: 1 };
    let problem = Problem::Overflow { bits: 40 };
    let mut bytes = Vec::new();
    assert!(Packer::new(&mut bytes, &limits).value(&problem).is_ok());
    let limits = UnpackLimits { nesting: 1, ..UnpackLimits::default() };
    assert_eq!(Unpacker::new(&bytes, &limits).value::<Problem>().unwrap(), problem);
    let limits = UnpackLimits { nesting: 0, ..UnpackLimits::default() };
    assert!(Unpacker::new(&bytes, &limits).value::<Problem>().is_err());
}

#[test]
fn levels_left_are_given_back() {
    let mut out = Vec::new();
    let limits = PackLimits { nesting: 2 };
    let mut out = Packer::new(&mut out, &limits);
    for _ in 0..5 {
        out.list(&[[1_u8]], 1, |out, item| out.fixed_list(item, 1)).unwrap();
    }
    assert!(out.list(&[[[1_u8]]], 1, |out, a| out.list(a, 1, |out, b| out.fixed_list(b, 1))).is_err());
}

/// R53, L11: a count is checked against the bytes that are left.
#[test]
fn four_billion_in_twenty_bytes_is_refused_before_anything_is_reserved() {
    // The memory limit of 0 refuses the smallest reservation: what is refused for another reason came before any.
    let bytes = [[0xff; 4].as_slice(), &[0; 16]].concat();
    let limits = memory(0);
    let input = || Unpacker::new(&bytes, &limits);
    let too_few = |unit, least| UnpackErrorKind::TooFewBytes { unit, count: u32::MAX, least, left: 16 };
    let list = input().list(UNBOUNDED, 4, |input| input.string(9)).unwrap_err();
    assert_eq!(list.kind(), &too_few(Unit::Elements, 4));
    let fixed = input().fixed_list::<u64>(UNBOUNDED).unwrap_err();
    assert_eq!(fixed.kind(), &too_few(Unit::Elements, 8));
    let map = input().map::<u8, u8>(UNBOUNDED, 2, Unpacker::fixed, Unpacker::fixed).unwrap_err();
    assert_eq!(map.kind(), &too_few(Unit::Pairs, 2));
    let truncated = UnpackErrorKind::Truncated { needed: u32::MAX as usize, left: 16 };
    assert_eq!(input().string(UNBOUNDED).unwrap_err().kind(), &truncated);
    assert_eq!(input().bytes(UNBOUNDED).unwrap_err().kind(), &truncated);
}

/// L11: and reserves little at first.
#[test]
fn a_list_reserves_4_kib_before_its_first_element() {
    let bytes = [10_000_u32.to_be_bytes().as_slice(), &vec![0; 40_000]].concat();
    let mut input = Unpacker::new(&bytes, &UnpackLimits::default());
    let mut count = 0;
    let list: Vec<[u64; 16]> = input
        .list(UNBOUNDED, 4, |input| {
            count += 1;
            input.fixed::<u32>().map(|_| [0; 16])
        })
        .unwrap();
    assert_eq!((list.len(), count), (10_000, 10_000));
    // Growth doubles 4 KiB (32 elements); a reservation by the count would have been exact.
    assert_eq!(list.capacity(), 32 * 512);
}

/// R53: else a count would cost nothing.
#[test]
fn elements_that_take_no_bytes_are_refused() {
    let bytes = [0, 0, 0, 9];
    let mut input = Unpacker::new(&bytes, &UnpackLimits::default());
    let error = input.fixed_list::<[u8; 0]>(UNBOUNDED).unwrap_err();
    assert_eq!(error.kind(), &UnpackErrorKind::NoSize { unit: Unit::Elements });
    let mut input = Unpacker::new(&bytes, &UnpackLimits::default());
    assert!(input.list(UNBOUNDED, 0, |_| Ok(())).is_err());
}

/// Unpacks `bytes` by `read` with exactly `needed` bytes of memory, and not with one less.
fn check_memory<T>(bytes: &[u8], needed: usize, read: impl Fn(&mut Unpacker<'_>) -> Result<T, UnpackError>) {
    assert!(read(&mut Unpacker::new(bytes, &memory(needed))).is_ok());
    let error = read(&mut Unpacker::new(bytes, &memory(needed - 1))).err().unwrap();
    assert!(error.is_memory_limit(), "{error}");
}

/// L12: before it is reserved.
#[test]
fn memory_is_charged_for_everything_that_is_reserved() {
    check_memory(b"\0\0\0\x05hello", 5, |input| input.string(9));
    check_memory(b"\0\0\0\x05hello", 5, |input| input.bytes(9));
    check_memory(b"\0\0\0\x02\0\x01\0\x02", 4, |input| input.fixed_list::<u16>(9));
    let strings = b"\0\0\0\x02\0\0\0\x01a\0\0\0\x01b";
    check_memory(strings, 2 * size_of::<String>() + 2, |input| input.list(9, 4, |input| input.string(9)));
    for (pairs, charged) in [(1_u8, 11), (11, 11), (12, 12)] {
        let packed = (0..pairs).flat_map(|key| [key, 0, 0, 0, 2]);
        let bytes: Vec<u8> = [0, 0, 0, pairs].into_iter().chain(packed).collect();
        check_memory(&bytes, charged * size_of::<(u8, u32)>(), |input| {
            input.map::<u8, u32>(12, 5, Unpacker::fixed, Unpacker::fixed)
        });
    }
    check_memory(b"\0\x63\0\0\0\x03abc", 3, |input| input.variant(|ordinal, input| Ok(input.unknown_variant(ordinal))));
}

#[test]
fn what_is_borrowed_costs_nothing() {
    let bytes = b"\0\0\0\x05hello\0\0\0\x01!";
    let limits = memory(0);
    let mut input = Unpacker::new(bytes, &limits);
    assert_eq!(input.str(9).unwrap(), "hello");
    assert_eq!(input.byte_slice(9).unwrap(), b"!");
}

#[test]
fn a_value_in_a_box_is_charged() {
    let three = size_of::<Chain>() * 3;
    let bytes = [1, 1, 1, 0];
    assert!(unpack_with::<Chain>(&bytes, &memory(three)).is_ok());
    let error = unpack_with::<Chain>(&bytes, &memory(three - 1)).unwrap_err();
    assert!(error.is_memory_limit());
}

#[test]
fn tables_cost_what_their_values_cost() {
    let unknown: Vec<_> = (100..8192).map(|ordinal| field(ordinal, 4, &[0; 4])).collect();
    assert!(unpack_with::<Profile>(&table(&unknown), &memory(0)).is_ok());
    let known = table(&[field(1, 4, &measured(b"Ada")), field(9, 4, &measured(b"unknown"))]);
    check_memory(&known, 3, one::<Profile>);
    let problem = measured(b"\0\x63\0\0\0\x03abc");
    check_memory(&table(&[field(31, 4, &problem)]), 3, one::<Everything>);
    check_memory(&tables(4), 3 * size_of::<Everything>(), one::<Everything>);
}

#[test]
fn a_box_in_a_field_or_variant_is_charged() {
    let bytes = table(&[field(1, 4, &measured(&[0]))]);
    let size = size_of::<Chain>();
    check_memory(&bytes, size, |input| input.table(|fields| fields.value(1, Unpacker::boxed::<Chain>)));
    check_memory(&bytes, size, |input| {
        input.table(|fields| fields.value(1, |input| input.value::<Chain>().map(Box::new)))
    });
    check_memory(&[0, 1, 0, 0, 0, 1, 0], size, |input| input.variant(|_, input| input.boxed::<Chain>()));
    check_memory(&[0, 1, 0], size, |input| input.closed_variant(|_, input| input.boxed::<Chain>()));
    // In an option it is charged once.
    check_memory(&[1, 0], size, |input| input.option(Unpacker::boxed::<Chain>));
}

/// L12: a box around any other type, such as an option that an alias hides.
#[test]
fn a_box_around_an_option_is_charged() {
    let size = size_of::<Option<Chain>>();
    let maybe = |input: &mut Unpacker<'_>| input.option(Unpacker::value::<Chain>);
    check_memory(&[0], size, |input| input.boxed_by(maybe));
    check_memory(&[1, 0], size, |input| input.boxed_by(maybe));
    check_memory(&table(&[]), size, |input| input.table(|fields| fields.boxed(None::<Chain>)));
}

/// L12: what a field that is absent makes is charged for before it is made, and nothing where it is there.
#[test]
fn what_an_absent_field_makes_is_charged() {
    let read = |input: &mut Unpacker<'_>| {
        input.table(|fields| {
            let value = fields.string(1, 9)?;
            fields.or_made(value, 4, || "text".to_owned())
        })
    };
    check_memory(&table(&[]), 4, read);
    check_memory(&table(&[field(1, 4, &measured(b"Ada"))]), 3, read);
    let refused = Unpacker::new(&table(&[]), &memory(3))
        .table(|fields| fields.or_made(None, 4, || -> String { unreachable!("it is charged for first") }));
    assert!(refused.unwrap_err().is_memory_limit());
}

#[test]
fn a_value_that_is_not_in_a_box_is_charged_by_what_holds_it() {
    // The option's value lies in the element of the list, which was charged for.
    let bytes = b"\0\0\0\x02\x01\0\x01\0";
    let element = size_of::<Option<Chain>>();
    check_memory(bytes, 2 * element, |input| input.list(9, 1, |input| input.option(Unpacker::value::<Chain>)));
}

/// L12: one for the message.
#[test]
fn the_limit_on_memory_is_one_for_the_whole_message() {
    let bytes = b"\0\0\0\x05hello\0\0\0\x05hello";
    let limits = memory(9);
    let mut input = Unpacker::new(bytes, &limits);
    input.string(9).unwrap();
    let error = input.string(9).unwrap_err();
    assert_eq!(error.kind(), &UnpackErrorKind::Memory { needed: 5, left: 4, limit: 9 });
    assert_eq!(error.offset(), 9);
}

#[test]
fn sorted_pairs_become_the_map_they_were() {
    let map: BTreeMap<u8, String> = (0..200).map(|key| (key, key.to_string())).collect();
    let mut bytes = Vec::new();
    let mut out = Packer::new(&mut bytes, &PackLimits::default());
    out.map(&map, 200, Packer::fixed, |out, value| out.string(value, 3)).unwrap();
    let mut input = Unpacker::new(&bytes, &UnpackLimits::default());
    assert_eq!(input.map(200, 5, Unpacker::fixed, |input| input.string(3)).unwrap(), map);
}
