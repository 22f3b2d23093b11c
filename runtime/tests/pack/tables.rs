//! Tables: one form, every field absent or not, unknown ones skipped.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use rpcgen_runtime::pack::{Pack, Unpack};

use super::table_types::{Access, Everything, Key, Mode, Profile};
use super::{cases, generate, pack, unpack};

/// The bytes of a field: its key, and what follows.
pub(crate) fn field(ordinal: u16, class: u16, rest: &[u8]) -> Vec<u8> {
    [&(ordinal * 8 + class).to_be_bytes(), rest].concat()
}

/// A length of four bytes, and what it counts.
pub(crate) fn measured(bytes: &[u8]) -> Vec<u8> {
    [&u32::try_from(bytes.len()).unwrap().to_be_bytes(), bytes].concat()
}

/// The bytes of a table of these fields.
pub(crate) fn table(fields: &[Vec<u8>]) -> Vec<u8> {
    measured(&fields.concat())
}

pub(crate) fn profile() -> impl Strategy<Value = Profile> {
    let tags = vec(generate::text(32), 0..4);
    (generate::text(64), option::of(generate::text(90)), any::<u32>(), tags)
        .prop_map(|(name, email, age, tags)| Profile { name, email, age, tags })
}

fn key() -> impl Strategy<Value = Key> {
    prop_oneof![any::<u64>().prop_map(Key::Id), generate::text(32).prop_map(Key::Name), Just(Key::Nothing)]
}

fn lonely() -> impl Strategy<Value = Everything> {
    let small = (
        any::<bool>(),
        option::of(generate::op()),
        option::of(generate::level()),
        any::<u32>().prop_map(Access),
        (0..4_u8).prop_map(|bits| Mode::try_from(bits).unwrap()),
    );
    let large = (
        vec(any::<u8>(), 0..9),
        option::of(any::<[u16; 3]>()),
        option::of(key()),
        option::of(generate::problem()),
        vec(any::<i16>().prop_map(f32::from), 0..9),
    );
    (small, large, generate::time(), option::of(generate::duration())).prop_map(
        |((flag, op, level, access, mode), (photo, point, key, problem, weights), at, took)| Everything {
            flag,
            op,
            level,
            access,
            mode,
            photo,
            point,
            key,
            problem,
            next: None,
            weights,
            at,
            took,
        },
    )
}

pub(crate) fn everything() -> impl Strategy<Value = Everything> {
    lonely().prop_recursive(4, 4, 1, |inner| {
        (lonely(), inner).prop_map(|(outer, inner)| Everything { next: Some(Box::new(inner)), ..outer })
    })
}

/// Any field that may stand in a table, by its ordinal.
fn any_field(ordinal: u16) -> impl Strategy<Value = Vec<u8>> {
    let sized = (0..4_u16, any::<[u8; 8]>()).prop_map(move |(class, rest)| field(ordinal, class, &rest[..1 << class]));
    let measured = vec(any::<u8>(), 0..20).prop_map(move |bytes| field(ordinal, 4, &measured(&bytes)));
    prop_oneof![sized, measured]
}

/// The fields of a packed table, one by one, with their ordinals.
fn fields(packed: &[u8]) -> Vec<(u16, Vec<u8>)> {
    let mut rest = &packed[4..];
    let mut fields = Vec::new();
    while let Some((key, value)) = rest.split_first_chunk() {
        let key = u16::from_be_bytes(*key);
        let size = match key % 8 {
            4 => 4 + u32::from_be_bytes(*value.first_chunk().unwrap()) as usize,
            class => 1 << class,
        };
        let field;
        (field, rest) = rest.split_at(2 + size);
        fields.push((key / 8, field.to_vec()));
    }
    fields
}

/// A value that came from strange bytes packs to its one form, which stays as it is. (A NaN is not equal to itself, but
/// its bytes are.)
fn check_stable<T: Pack + for<'a> Unpack<'a>>(bytes: &[u8]) -> Result<(), TestCaseError> {
    match unpack::<T>(bytes) {
        Ok(value) => {
            let form = pack(&value).unwrap();
            prop_assert_eq!(pack(&unpack::<T>(&form).unwrap()).unwrap(), form);
        }
        Err(error) => prop_assert!(error.offset() <= bytes.len(), "{}", error),
    }
    Ok(())
}

proptest! {
    #![proptest_config(cases(500))]

    #[test]
    fn round_trip(profile in profile(), everything in everything(), key in key()) {
        let bytes = pack(&profile).unwrap();
        let back: Profile = unpack(&bytes).unwrap();
        prop_assert_eq!(pack(&back).unwrap(), bytes);
        prop_assert_eq!(back, profile);
        let bytes = pack(&everything).unwrap();
        let back: Everything = unpack(&bytes).unwrap();
        prop_assert_eq!(pack(&back).unwrap(), bytes);
        prop_assert_eq!(back, everything);
        prop_assert_eq!(unpack::<Key>(&pack(&key).unwrap()).unwrap(), key);
    }

    #[test]
    fn no_prefix_is_a_table(everything in lonely()) {
        let bytes = pack(&everything).unwrap();
        for length in 0..bytes.len() {
            prop_assert!(unpack::<Everything>(&bytes[..length]).is_err(), "{} of {} bytes", length, bytes.len());
        }
    }

    /// R60: what is absent is its default, or has no value.
    #[test]
    fn any_of_the_fields_may_be_absent(profile in profile(), there in any::<[bool; 6]>()) {
        let kept = fields(&pack(&profile).unwrap()).into_iter().filter(|(ordinal, _)| there[*ordinal as usize]);
        let bytes = table(&kept.map(|(_, bytes)| bytes).collect::<Vec<_>>());
        let absent = Profile::default();
        let expected = Profile {
            name: if there[1] { profile.name } else { absent.name },
            email: if there[2] { profile.email } else { absent.email },
            age: if there[3] { profile.age } else { absent.age },
            tags: if there[5] { profile.tags } else { absent.tags },
        };
        prop_assert_eq!(unpack::<Profile>(&bytes).unwrap(), expected);
    }

    /// R62: by their class, whatever their bytes.
    #[test]
    fn unknown_fields_are_skipped(
        profile in profile(),
        (fourth, sixth, last) in (any_field(4), any_field(6), any_field(8191)),
    ) {
        let known = fields(&pack(&profile).unwrap());
        let mut all: Vec<_> = known.into_iter().chain([(4, fourth), (6, sixth), (8191, last)]).collect();
        all.sort();
        let bytes = table(&all.into_iter().map(|(_, bytes)| bytes).collect::<Vec<_>>());
        prop_assert_eq!(unpack::<Profile>(&bytes).unwrap(), profile);
    }

    #[test]
    fn fields_in_another_order_are_refused(everything in lonely(), first in 0..13_usize, second in 0..13_usize) {
        let mut all = fields(&pack(&everything).unwrap());
        let (first, second) = (first % all.len(), second % all.len());
        all.swap(first, second);
        let bytes = table(&all.into_iter().map(|(_, bytes)| bytes).collect::<Vec<_>>());
        prop_assert_eq!(unpack::<Everything>(&bytes).is_ok(), first == second);
    }
}

proptest! {
    #![proptest_config(cases(3000))]

    #[test]
    fn random_bytes(bytes in vec(prop_oneof![4 => Just(0_u8), 2 => 1..30_u8, 1 => any::<u8>()], 0..80)) {
        check_stable::<Profile>(&bytes)?;
        check_stable::<Everything>(&measured(&bytes))?;
        check_stable::<Key>(&bytes)?;
    }

    #[test]
    fn random_fields(fields in vec((0..3_u16).prop_flat_map(|step| (Just(step), any_field(0))), 0..12)) {
        let mut ordinal = 0;
        let mut bytes = Vec::new();
        for (step, mut field) in fields {
            ordinal += step;
            let key = ordinal * 8 + u16::from(field[1]);
            field[..2].copy_from_slice(&key.to_be_bytes());
            bytes.push(field);
        }
        check_stable::<Profile>(&table(&bytes))?;
        check_stable::<Everything>(&table(&bytes))?;
    }

    #[test]
    fn one_byte_changed(everything in everything(), place in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut bytes = pack(&everything).unwrap();
        let place = place.index(bytes.len());
        bytes[place] = byte;
        check_stable::<Everything>(&bytes)?;
    }
}
