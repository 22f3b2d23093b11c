//! Random values of the test types.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;

use super::types::{Empty, Level, Op, Person, Problem, Sample};
use super::unpack;

/// Any point in time that has a packed form.
pub(crate) fn time() -> impl Strategy<Value = SystemTime> {
    any::<i64>().prop_map(|nanoseconds| {
        let distance = Duration::from_nanos(nanoseconds.unsigned_abs());
        if nanoseconds < 0 { UNIX_EPOCH - distance } else { UNIX_EPOCH + distance }
    })
}

/// Any duration that has a packed form.
pub(crate) fn duration() -> impl Strategy<Value = Duration> {
    any::<u64>().prop_map(Duration::from_nanos)
}

/// A float, among them infinities and NaNs of any payload.
pub(crate) fn float() -> impl Strategy<Value = f32> {
    any::<u32>().prop_map(f32::from_bits)
}

pub(crate) fn level() -> impl Strategy<Value = Level> {
    prop_oneof![Just(Level::Low), Just(Level::High)]
}

pub(crate) fn op() -> impl Strategy<Value = Op> {
    any::<u8>().prop_map(Op::from)
}

/// Text of at most `bytes` bytes, of characters of every length.
pub(crate) fn text(bytes: usize) -> impl Strategy<Value = String> {
    vec(any::<char>(), 0..=bytes / 4).prop_map(|characters| characters.into_iter().collect())
}

pub(crate) fn sample() -> impl Strategy<Value = Sample> {
    let numbers = (any::<bool>(), level(), op(), any::<i8>(), any::<u64>(), [float(), float(), float()]);
    let rest = (any::<[bool; 5]>(), [level(), level()], time(), duration());
    (numbers, rest).prop_map(|((flag, level, op, a, b, point), (bits, levels, at, took))| Sample {
        flag,
        level,
        op,
        a,
        b,
        point,
        bits,
        levels,
        empty: Empty {},
        at,
        took,
    })
}

/// Any problem; unknown ones come from their packed form, as they would.
pub(crate) fn problem() -> impl Strategy<Value = Problem> {
    let unknown = (8..=8191_u16, vec(any::<u8>(), 0..20)).prop_map(|(ordinal, value)| {
        let length = u32::try_from(value.len()).unwrap();
        let bytes = [&ordinal.to_be_bytes()[..], &length.to_be_bytes(), &value].concat();
        unpack(&bytes).unwrap()
    });
    prop_oneof![
        Just(Problem::Gone),
        any::<u32>().prop_map(|bits| Problem::Overflow { bits }),
        text(8).prop_map(Problem::Named),
        unknown,
    ]
}

/// A person with no others in it.
fn lonely() -> impl Strategy<Value = Person> {
    let texts = (any::<u64>(), text(64), vec(any::<u8>(), 0..9), vec(text(32), 0..4), [text(80), text(80)]);
    let lists = (vec(sample(), 0..4), vec(float(), 0..99));
    let maps = (btree_map(text(8), any::<u32>(), 0..5), btree_map(op(), option::of(any::<i64>()), 0..5));
    (texts, lists, maps, option::of(problem())).prop_map(
        |((id, name, photo, tags, lines), (samples, weights), (scores, ops), problem)| Person {
            id,
            name,
            photo,
            tags,
            samples,
            weights,
            parent: None,
            children: Vec::new(),
            scores,
            ops,
            lines,
            problem,
        },
    )
}

/// A person with parents and children.
pub(crate) fn person() -> impl Strategy<Value = Person> {
    lonely().prop_recursive(4, 8, 3, |inner| {
        (lonely(), option::of(inner.clone()), vec(inner, 0..3)).prop_map(|(person, parent, children)| Person {
            parent: parent.map(Box::new),
            children,
            ..person
        })
    })
}
