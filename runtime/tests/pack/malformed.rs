//! Bytes that are no value: refused with an error, whatever they are.

use proptest::collection::vec;
use proptest::prelude::*;
use rpcgen_runtime::pack::{Pack, Unpack, UnpackErrorKind};

use super::types::{Level, Op, Person, Problem, Sample};
use super::{cases, generate, pack, unpack};

/// What unpacks at all has one form: it packs to the same bytes.
fn check_canonical<T: Pack + for<'a> Unpack<'a>>(bytes: &[u8]) -> Result<(), TestCaseError> {
    match unpack::<T>(bytes) {
        Ok(value) => prop_assert_eq!(pack(&value).unwrap(), bytes),
        Err(error) => prop_assert!(error.offset() <= bytes.len(), "{}", error),
    }
    Ok(())
}

/// No prefix of a packed value is a value.
fn check_prefixes<T: for<'a> Unpack<'a>>(bytes: &[u8]) -> Result<(), TestCaseError> {
    for length in 0..bytes.len() {
        let error = unpack::<T>(&bytes[..length]).err();
        prop_assert!(error.is_some_and(|error| error.offset() <= length), "{} of {} bytes", length, bytes.len());
    }
    Ok(())
}

proptest! {
    #![proptest_config(cases(10_000))]

    #[test]
    fn random_bytes(bytes in vec(prop_oneof![4 => Just(0_u8), 2 => 1..9_u8, 1 => any::<u8>()], 0..160)) {
        check_canonical::<Person>(&bytes)?;
        check_canonical::<Problem>(&bytes)?;
        check_canonical::<Sample>(&bytes)?;
        check_canonical::<[Level; 4]>(&bytes)?;
        check_canonical::<[Op; 4]>(&bytes)?;
    }
}

proptest! {
    #![proptest_config(cases(1000))]

    /// R51: a value has one form.
    #[test]
    fn one_byte_changed(person in generate::person(), place in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut bytes = pack(&person).unwrap();
        let place = place.index(bytes.len());
        bytes[place] = byte;
        check_canonical::<Person>(&bytes)?;
    }

    #[test]
    fn prefixes_of_a_fixed_struct_or_an_error(sample in generate::sample(), problem in generate::problem()) {
        check_prefixes::<Sample>(&pack(&sample).unwrap())?;
        check_prefixes::<Problem>(&pack(&problem).unwrap())?;
    }

    /// R34, R51: bytes left over are refused.
    #[test]
    fn trailing_bytes(person in generate::person(), more in vec(any::<u8>(), 1..4)) {
        let mut bytes = pack(&person).unwrap();
        let offset = bytes.len();
        bytes.extend_from_slice(&more);
        let error = unpack::<Person>(&bytes).unwrap_err();
        prop_assert_eq!(error.kind(), &UnpackErrorKind::Trailing { left: more.len() });
        prop_assert_eq!(error.offset(), offset);
    }
}

proptest! {
    #![proptest_config(cases(30))]

    #[test]
    fn prefixes_of_a_struct_of_varying_size(person in generate::person()) {
        check_prefixes::<Person>(&pack(&person).unwrap())?;
    }
}
