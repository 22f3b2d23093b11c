//! What errors say: the field, the size, the bound, the byte.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use rpcgen_runtime::pack::{
    At as _, Fixed, FixedIn, FixedOut, PackError, PackErrorKind, PackLimits, Packer, UNBOUNDED, UnpackError,
    UnpackErrorKind, UnpackLimits, Unpacker,
};

use super::types::{Level, Person, Problem, Sample};
use super::{pack, unpack};

fn person() -> Person {
    Person {
        id: 1,
        name: "Ada".to_owned(),
        photo: Vec::new(),
        tags: Vec::new(),
        samples: Vec::new(),
        weights: Vec::new(),
        parent: None,
        children: Vec::new(),
        scores: BTreeMap::new(),
        ops: BTreeMap::new(),
        lines: Default::default(),
        problem: None,
    }
}

/// What packing `person` is refused with.
fn refused(person: &Person) -> String {
    pack(person).unwrap_err().to_string()
}

/// What unpacking `bytes` by `read` is refused with.
fn unpack_refused<T>(bytes: &[u8], read: impl Fn(&mut Unpacker<'_>) -> Result<T, UnpackError>) -> String {
    read(&mut Unpacker::new(bytes, &UnpackLimits::default())).err().unwrap().to_string()
}

#[test]
fn an_error_is_one_word() {
    assert_eq!(size_of::<PackError>(), size_of::<usize>());
    assert_eq!(size_of::<Result<(), PackError>>(), size_of::<usize>());
    assert_eq!(size_of::<Result<(), UnpackError>>(), size_of::<usize>());
}

#[test]
fn packing_names_the_field() {
    let long = |length| "x".repeat(length);
    assert_eq!(refused(&Person { name: long(65), ..person() }), "name: 65 bytes where at most 64 are allowed");
    let tags = vec![String::new(), long(40)];
    assert_eq!(refused(&Person { tags, ..person() }), "tags[1]: 40 bytes where at most 32 are allowed");
    let tags = vec![String::new(); 17];
    assert_eq!(refused(&Person { tags, ..person() }), "tags: 17 elements where at most 16 are allowed");
    let lines = [String::new(), long(81)];
    assert_eq!(refused(&Person { lines, ..person() }), "lines[1]: 81 bytes where at most 80 are allowed");
    let problem = Some(Problem::Named(long(9)));
    assert_eq!(refused(&Person { problem, ..person() }), "problem.Named: 9 bytes where at most 8 are allowed");
    let child = Person { parent: Some(Box::new(Person { name: long(70), ..person() })), ..person() };
    let nested = Person { children: vec![person(), child], ..person() };
    assert_eq!(refused(&nested), "children[1].parent.name: 70 bytes where at most 64 are allowed");
}

#[test]
fn packing_names_the_key() {
    let scores = [("a".to_owned(), 1), ("too long a key".to_owned(), 2)].into();
    assert_eq!(refused(&Person { scores, ..person() }), "scores[key #1]: 14 bytes where at most 8 are allowed");
    let map = BTreeMap::from([("it's", "fine"), ("not", "fine!")]);
    let mut bytes = Vec::new();
    let error = Packer::new(&mut bytes, &PackLimits::default())
        .map(&map, 9, |out, key| out.string(key, 9), |out, value| out.string(value, 4))
        .at("map")
        .unwrap_err();
    assert_eq!(error.to_string(), "map[\"not\"]: 5 bytes where at most 4 are allowed");
    let error = Packer::new(&mut bytes, &PackLimits::default())
        .map(&map, 1, |out, key| out.string(key, 9), |out, value| out.string(value, 4))
        .unwrap_err();
    assert_eq!(error.to_string(), "2 pairs where at most 1 are allowed");
}

#[test]
fn times_that_do_not_fit_are_refused() {
    let far = SystemTime::UNIX_EPOCH + Duration::from_secs(300 * 365 * 86400);
    let early = SystemTime::UNIX_EPOCH - Duration::from_secs(300 * 365 * 86400);
    assert_eq!(pack(&far).unwrap_err().kind(), &PackErrorKind::TimeTooFar);
    assert_eq!(pack(&early).unwrap_err().kind(), &PackErrorKind::TimeTooFar);
    let error = pack(&[Duration::ZERO, Duration::MAX]).unwrap_err();
    let expected = format!("[1]: a duration of {} s is too long: its nanoseconds do not fit in 64 bits", u64::MAX);
    assert_eq!(error.to_string(), expected);
}

/// R34: the path, and the offset.
#[test]
fn unpacking_names_the_field_and_the_byte() {
    let tags = b"\0\0\0\x02\0\0\0\x01a\0\0\0\x28...";
    assert_eq!(
        unpack_refused(tags, |input| input.list(16, 4, |input| input.string(32)).at("tags")),
        "tags[1]: 40 bytes where at most 32 are allowed (at byte 9)"
    );
    assert_eq!(
        unpack_refused(b"\0\0\0\x11", |input| input.fixed_list::<u8>(16).at("tags").at("order")),
        "order.tags: 17 elements where at most 16 are allowed (at byte 0)"
    );
    assert_eq!(
        unpack_refused(b"\0\0\0\x01\0\0\0", |input| input.list(16, 3, Unpacker::fixed::<u32>)),
        "[0]: 4 bytes are needed where 3 are left (at byte 4)"
    );
    assert_eq!(
        unpack_refused(b"\0\0\0\x02\0\0\0", |input| input.fixed_list::<u16>(16).at("tags")),
        "tags: 2 elements of at least 2 bytes each are announced where 3 bytes are left (at byte 0)"
    );
    assert_eq!(
        unpack_refused(b"\x02", |input| input.option(Unpacker::fixed::<u8>).at("age")),
        "age: 2 is neither 0 (no value) nor 1 (a value follows) (at byte 0)"
    );
    assert_eq!(
        unpack_refused(b"\0\0\0\x03ab\xff", |input| input.string(9).at("name")),
        "name: the string is not UTF-8 from its byte 2 on (at byte 0)"
    );
}

/// Every field has a value.
fn good() -> Sample {
    Sample {
        flag: true,
        level: Level::High,
        op: 9.into(),
        a: 0,
        b: 0,
        point: [0.0; 3],
        bits: [true; 5],
        levels: [Level::Low; 2],
        empty: super::types::Empty {},
        at: SystemTime::UNIX_EPOCH,
        took: Duration::ZERO,
    }
}

/// Elements are read in blocks, the smaller the larger they are.
#[test]
fn any_element_of_a_long_list_is_found() {
    let check = |size: usize, refused: &dyn Fn(&[u8]) -> String, path: &str| {
        let mut bytes = [&70_u32.to_be_bytes(), &pack(&good()).unwrap().repeat(70 * size / Sample::SIZE)[..]].concat();
        for index in 0..70 {
            let place = 4 + (index + 1) * size - Sample::SIZE;
            bytes[place] = 3;
            let expected = format!("[{index}]{path}.flag: 3 is neither 0 (false) nor 1 (true) (at byte {place})");
            assert_eq!(refused(&bytes), expected);
            bytes[place] = 1;
        }
    };
    check(Sample::SIZE, &|bytes| unpack_refused(bytes, |input| input.fixed_list::<Sample>(UNBOUNDED)), "");
    let two = |bytes: &[u8]| unpack_refused(bytes, |input| input.fixed_list::<[Sample; 2]>(UNBOUNDED));
    check(2 * Sample::SIZE, &two, "[1]");
    let six = |bytes: &[u8]| unpack_refused(bytes, |input| input.fixed_list::<[Sample; 6]>(UNBOUNDED));
    check(6 * Sample::SIZE, &six, "[5]");
}

#[test]
fn a_field_of_a_fixed_struct_is_found_within_a_list() {
    let mut bytes = vec![0, 0, 0, 2];
    let good = good();
    bytes.extend([pack(&good).unwrap(), pack(&good).unwrap()].concat());
    let refused = |place: usize, byte| {
        let mut bytes = bytes.clone();
        bytes[place] = byte;
        unpack_refused(&bytes, |input| input.fixed_list::<Sample>(UNBOUNDED).at("samples"))
    };
    let second = 4 + Sample::SIZE;
    assert_eq!(refused(second, 3), format!("samples[1].flag: 3 is neither 0 (false) nor 1 (true) (at byte {second})"));
    assert_eq!(refused(second + 2, 6), format!("samples[1].level: 6 is no value of Level (at byte {})", second + 1));
    assert_eq!(
        refused(second + 27, 7),
        format!("samples[1].bits[2]: 7 is neither 0 (false) nor 1 (true) (at byte {})", second + 27)
    );
    assert_eq!(refused(4 + 33, 0), "samples[0].levels[1]: -256 is no value of Level (at byte 36)".to_owned());
}

#[test]
fn a_list_of_truth_values_names_the_first_that_is_none() {
    assert_eq!(
        unpack_refused(b"\0\0\0\x04\x01\0\x02\x03", |input| input.fixed_list::<bool>(9).at("bits")),
        "bits[2]: 2 is neither 0 (false) nor 1 (true) (at byte 6)"
    );
    assert_eq!(
        unpack_refused(b"\0\0\0\x02\0\x02", |input| input.fixed_list::<bool>(9)),
        "[1]: 2 is neither 0 (false) nor 1 (true) (at byte 5)"
    );
}

/// R50: each key is above the one before it.
#[test]
fn keys_ascend() {
    let read = |input: &mut Unpacker<'_>| input.map::<i16, bool>(9, 3, Unpacker::fixed, Unpacker::fixed).at("map");
    let unsorted = b"\0\0\0\x02\0\x01\0\xff\xff\0";
    assert_eq!(unpack_refused(unsorted, read), "map[-1]: the key is below the one before it: keys ascend (at byte 7)");
    let doubled = b"\0\0\0\x02\xff\xff\0\xff\xff\0";
    assert_eq!(unpack_refused(doubled, read), "map[-1]: the key is there twice (at byte 7)");
    let value = b"\0\0\0\x02\xff\xff\0\0\x07\x02";
    assert_eq!(unpack_refused(value, read), "map[7]: 2 is neither 0 (false) nor 1 (true) (at byte 9)");
    let key = b"\0\0\0\x01\0\0\0\x09";
    assert_eq!(
        unpack_refused(key, |input| input.map(9, 4, |input| input.string(8), |_| Ok(())).at("map")),
        "map[key #0]: 9 bytes where at most 8 are allowed (at byte 4)"
    );
}

#[test]
fn a_variant_takes_all_of_its_bytes_and_no_more() {
    assert_eq!(
        unpack::<Problem>(b"\0\x02\0\0\0\x03\0\0\0\x01").unwrap_err().to_string(),
        "Overflow.bits: 4 bytes are needed where 3 are left (at byte 6)"
    );
    assert_eq!(
        unpack::<Problem>(b"\0\x02\0\0\0\x05\0\0\0\x01\0").unwrap_err().to_string(),
        "1 bytes are left over of the 5 announced for the variant (at byte 10)"
    );
    assert_eq!(
        unpack::<Problem>(b"\0\x09\0\0\0\x05\0\0\0\x01").unwrap_err().kind(),
        &UnpackErrorKind::Truncated { needed: 5, left: 4 }
    );
    let Problem::Unknown(unknown) = unpack::<Problem>(b"\0\x09\0\0\0\x02hi").unwrap() else { panic!("known") };
    assert_eq!((unknown.0.ordinal(), unknown.0.bytes()), (9, b"hi".as_slice()));
}

#[test]
fn offsets_go_on_behind_a_variant() {
    let bytes = b"\0\x01\0\0\0\0\x02";
    let mut input = Unpacker::new(bytes, &UnpackLimits::default());
    input.value::<Problem>().unwrap();
    assert_eq!(input.offset(), 6);
    assert_eq!(input.fixed::<bool>().unwrap_err().offset(), 6);
}

/// Implementations whose `SIZE` is not what they take.
#[derive(Debug, Clone, Copy)]
struct Wrong<const SIZE: usize>;

impl<const SIZE: usize> Fixed for Wrong<SIZE> {
    const SIZE: usize = SIZE;

    fn put(&self, out: &mut FixedOut<'_>) -> Result<(), PackError> {
        [1_u16, 2].put(out)?;
        3_u8.put(out)
    }

    fn get(input: &mut FixedIn<'_>) -> Result<Self, UnpackError> {
        <[u16; 2]>::get(input)?;
        u8::get(input)?;
        Ok(Self)
    }
}

#[test]
fn a_wrong_size_is_an_error_and_no_panic() {
    assert!(pack(&Wrong::<5>).is_ok());
    assert!(unpack::<Wrong<5>>(&[0; 5]).is_ok());
    assert_eq!(pack(&Wrong::<3>).unwrap_err().kind(), &PackErrorKind::WrongSize);
    assert_eq!(pack(&Wrong::<4>).unwrap_err().kind(), &PackErrorKind::WrongSize);
    assert_eq!(pack(&Wrong::<300>).unwrap_err().kind(), &PackErrorKind::WrongSize);
    assert_eq!(unpack::<Wrong<3>>(&[0; 3]).unwrap_err().kind(), &UnpackErrorKind::WrongSize);
    assert_eq!(unpack::<Wrong<4>>(&[0; 4]).unwrap_err().kind(), &UnpackErrorKind::WrongSize);
    assert_eq!(unpack::<Wrong<6>>(&[0; 6]).unwrap_err().kind(), &UnpackErrorKind::WrongSize);
}
