//! Tables, closed unions and flags that are refused: why, in which field, at which byte.

use rpcgen_runtime::pack::UnpackErrorKind;

use super::table_types::{Everything, Key, Profile};
use super::tables::{field, measured, table};
use super::types::Problem;
use super::{pack, unpack};

/// What unpacking a `Profile` of these fields is refused with.
fn refused(fields: &[Vec<u8>]) -> String {
    unpack::<Profile>(&table(fields)).unwrap_err().to_string()
}

/// R61: whether known or not.
#[test]
fn fields_have_an_ordinal_and_ascend() {
    let age = || field(3, 2, &[0, 0, 0, 9]);
    let unknown = |ordinal| field(ordinal, 0, &[1]);
    assert_eq!(refused(&[field(0, 0, &[1])]), "0 is no ordinal: they are 1 to 8191 (at byte 4)");
    assert_eq!(refused(&[age(), field(0, 0, &[1])]), "0 is no ordinal: they are 1 to 8191 (at byte 10)");
    assert_eq!(refused(&[age(), age()]), "field @3 is there twice (at byte 10)");
    assert_eq!(refused(&[age(), field(1, 4, &[0; 4])]), "field @1 comes behind field @3: they ascend (at byte 10)");
    assert_eq!(refused(&[unknown(9), age()]), "field @3 comes behind field @9: they ascend (at byte 7)");
    assert_eq!(refused(&[unknown(9), unknown(9)]), "field @9 is there twice (at byte 7)");
    assert_eq!(refused(&[unknown(9), unknown(8)]), "field @8 comes behind field @9: they ascend (at byte 7)");
}

/// R59, R61: classes are 0 to 4.
#[test]
fn classes_5_to_7_are_refused_wherever_they_are() {
    for class in 5..8 {
        let error = |ordinal| format!("field @{ordinal} has class {class}: classes are 0 to 4 (at byte 4)");
        assert_eq!(refused(&[field(3, class, &[0; 4])]), error(3));
        assert_eq!(refused(&[field(9, class, &[0; 4])]), error(9));
        assert_eq!(refused(&[field(8191, class, &[])]), error(8191));
    }
}

#[test]
fn a_known_field_of_another_class_is_refused() {
    let theirs = "the sender has another type for this field (at byte 4)";
    assert_eq!(
        refused(&[field(3, 3, &[0; 8])]),
        format!("age: class 3 (8 bytes) came where class 2 (4 bytes) is expected: {theirs}")
    );
    assert_eq!(
        refused(&[field(1, 0, &[0])]),
        format!("name: class 0 (1 byte) came where class 4 (a length and its bytes) is expected: {theirs}")
    );
    for class in (0..5).filter(|class| *class != 2) {
        let error = unpack::<Profile>(&table(&[field(3, class, &[0; 8])])).unwrap_err();
        let came = u8::try_from(class).unwrap();
        assert_eq!(error.kind(), &UnpackErrorKind::WrongClass { class: came, expected: 2 });
    }
}

#[test]
fn every_length_is_filled() {
    let tags = |length: u8, rest: &[u8]| field(5, 4, &[&[0, 0, 0, length], rest].concat());
    assert_eq!(refused(&[tags(4, &[0, 0, 0, 0]), vec![1]]), "2 bytes are needed where 1 are left (at byte 14)");
    assert_eq!(
        refused(&[tags(5, &[0; 5])]),
        "tags: 1 bytes are left over of the 5 announced for the field (at byte 14)"
    );
    assert_eq!(refused(&[tags(3, &[0; 3])]), "tags: 4 bytes are needed where 3 are left (at byte 10)");
    assert_eq!(refused(&[tags(9, &[0; 8])]), "tags: 9 bytes are needed where 8 are left (at byte 10)");
    assert_eq!(refused(&[field(3, 2, &[0; 3])]), "age: 4 bytes are needed where 3 are left (at byte 6)");
    assert_eq!(refused(&[field(9, 3, &[0; 7])]), "8 bytes are needed where 7 are left (at byte 6)");
    assert_eq!(refused(&[field(9, 4, &[0, 0, 0, 2, 1])]), "2 bytes are needed where 1 are left (at byte 10)");
    assert_eq!(refused(&[field(9, 4, &[0, 0, 0])]), "4 bytes are needed where 3 are left (at byte 6)");
    let too_long = unpack::<Profile>(&[0, 0, 0, 1]).unwrap_err();
    assert_eq!(too_long.to_string(), "1 bytes are needed where 0 are left (at byte 4)");
    let trailing = unpack::<Profile>(&[0, 0, 0, 0, 7]).unwrap_err();
    assert_eq!(trailing.kind(), &UnpackErrorKind::Trailing { left: 1 });
}

#[test]
fn what_is_wrong_with_an_unknown_field_is_no_fault_of_a_known_one() {
    // Field @4 is cut, and found while `tags` is looked for.
    let error = refused(&[field(1, 4, &[0; 4]), field(4, 3, &[0; 2])]);
    assert_eq!(error, "8 bytes are needed where 2 are left (at byte 12)");
}

#[test]
fn bounds_and_values_are_checked_within_a_field() {
    let long = Profile { name: "x".repeat(65), ..Profile::default() };
    assert_eq!(pack(&long).unwrap_err().to_string(), "name: 65 bytes where at most 64 are allowed");
    let error = refused(&[field(1, 4, &measured(&[b'x'; 65]))]);
    assert_eq!(error, "name: 65 bytes where at most 64 are allowed (at byte 6)");
    let error = refused(&[field(2, 4, &measured(b"\xff"))]);
    assert_eq!(error, "email: the string is not UTF-8 from its byte 0 on (at byte 6)");
    let error = unpack::<Everything>(&table(&[field(1, 0, &[2])])).unwrap_err().to_string();
    assert_eq!(error, "flag: 2 is neither 0 (false) nor 1 (true) (at byte 6)");
    let error = unpack::<Everything>(&table(&[field(6, 0, &[0x9a])])).unwrap_err().to_string();
    assert_eq!(error, "mode: Mode has no bits 0x98 (at byte 6)");
    let inner = table(&[field(6, 0, &[4])]);
    let error = unpack::<Everything>(&table(&[field(32, 4, &measured(&inner))])).unwrap_err().to_string();
    assert_eq!(error, "next.mode: Mode has no bits 0x4 (at byte 16)");
}

#[test]
fn an_unknown_ordinal_of_a_closed_union_is_refused() {
    let error = unpack::<Everything>(&table(&[field(9, 4, &measured(&[0, 4, 1]))])).unwrap_err().to_string();
    assert_eq!(error, "key: @4 is no variant of Key (at byte 10)");
    let error = unpack::<Key>(&[0, 2, 0, 0, 0, 33]).unwrap_err().to_string();
    assert_eq!(error, "name: 33 bytes where at most 32 are allowed (at byte 2)");
}

#[test]
fn ordinals_of_variants_are_1_to_8191() {
    for ordinal in [0, 8192, u16::MAX] {
        let bytes = [&ordinal.to_be_bytes()[..], &[0; 4]].concat();
        let error = unpack::<Problem>(&bytes).unwrap_err();
        assert_eq!(error.kind(), &UnpackErrorKind::NoOrdinal { ordinal });
        assert_eq!(error.offset(), 0);
    }
    assert!(unpack::<Problem>(&[0x1f, 0xff, 0, 0, 0, 0]).is_ok());
}
