//! The packing room, through the types that generated code would hold.

mod errors;
mod evolution;
mod generate;
mod limits;
mod malformed;
mod noise;
mod round_trip;
mod table_errors;
mod table_types;
mod tables;
mod types;
mod vectors;
mod views;

use std::env;

use proptest::test_runner::Config;
use rpcgen_runtime::pack::{Pack, PackError, PackLimits, Packer, Unpack, UnpackError, UnpackLimits, Unpacker};

/// How many cases a property is tried with: `RPCGEN_CASES`, or as many as take about a second.
fn cases(default: u32) -> Config {
    let cases = env::var("RPCGEN_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(default);
    Config { cases, failure_persistence: None, ..Config::default() }
}

fn pack<T: Pack>(value: &T) -> Result<Vec<u8>, PackError> {
    let mut bytes = Vec::new();
    value.pack(&mut Packer::new(&mut bytes, &PackLimits::default()))?;
    Ok(bytes)
}

/// A value that takes all of `bytes`.
fn unpack<'a, T: Unpack<'a>>(bytes: &'a [u8]) -> Result<T, UnpackError> {
    unpack_with(bytes, &UnpackLimits::default())
}

fn unpack_with<'a, T: Unpack<'a>>(bytes: &'a [u8], limits: &UnpackLimits) -> Result<T, UnpackError> {
    let mut input = Unpacker::new(bytes, limits);
    let value = T::unpack(&mut input)?;
    input.end()?;
    Ok(value)
}
