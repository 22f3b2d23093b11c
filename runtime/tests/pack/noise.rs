//! A million random inputs: none makes the unpacker panic, and what unpacks has one form.

use std::env;

use fastrand::Rng;
use rpcgen_runtime::pack::{Pack, Unpack};

use super::types::{Level, Op, Person, Problem, Sample};
use super::{pack, unpack};

/// Inputs for each of the five types: over a million together.
const CASES: u32 = 220_000;

fn cases() -> u32 {
    env::var("RPCGEN_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(CASES)
}

/// Mostly zeros and small numbers, so that lengths and counts often fit.
fn noise(random: &mut Rng) -> Vec<u8> {
    let length = random.usize(..60);
    let byte = |random: &mut Rng| match random.u8(..8) {
        0..5 => 0,
        5 | 6 => random.u8(1..9),
        _ => random.u8(..),
    };
    (0..length).map(|_| byte(random)).collect()
}

/// How many of the inputs were values.
fn tried<T: Pack + for<'a> Unpack<'a>>(random: &mut Rng) -> u32 {
    let mut values = 0;
    for _ in 0..cases() {
        let bytes = noise(random);
        if let Ok(value) = unpack::<T>(&bytes) {
            assert_eq!(pack(&value).expect("what was unpacked can be packed"), bytes);
            values += 1;
        }
    }
    values
}

#[test]
fn a_million_random_inputs_never_panic() {
    let mut random = Rng::with_seed(0x5eed);
    let mut values = tried::<Person>(&mut random) + tried::<Problem>(&mut random) + tried::<Sample>(&mut random);
    values += tried::<[Level; 4]>(&mut random) + tried::<[Op; 4]>(&mut random);
    assert!(values > 100, "only {values} inputs were values: the noise is too wild");
}
