//! Codecs in this process: the same values to bytes and back, beside a copy of the bytes.

mod mesh;
#[cfg(feature = "peers")]
mod others;
mod ours;
#[cfg(feature = "peers")]
mod proto;
mod table;

use std::hint::black_box;
use std::time::Instant;

use anyhow::Result;

use crate::users::users;
use table::Table;

/// One codec and one set of values.
pub(crate) struct Case {
    name: &'static str,
    encode: Box<Encode>,
    decode: Box<Decode>,
}

/// Writes the values into a buffer that is empty, and has the memory of the last time.
type Encode = dyn Fn(&mut Vec<u8>) -> Result<()>;

/// Makes values that own their memory, and drops them; says how many there were.
type Decode = dyn Fn(&[u8]) -> Result<usize>;

impl Case {
    pub(crate) fn new(
        name: &'static str,
        encode: impl Fn(&mut Vec<u8>) -> Result<()> + 'static,
        decode: impl Fn(&[u8]) -> Result<usize> + 'static,
    ) -> Self {
        Self { name, encode: Box::new(encode), decode: Box::new(decode) }
    }
}

/// What one case takes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sample {
    bytes: usize,
    /// In seconds.
    encode: f64,
    decode: f64,
}

/// Measures all, and gives tables in Markdown. `triangles` is the size of the mesh, `rounds` how often each is done in one run.
pub(crate) fn compare(runs: usize, triangles: usize, rounds: u32) -> Result<Vec<String>> {
    let sets = [
        (format!("Mesh: {triangles} triangles of `f32`"), mesh::cases(triangles)?, rounds.div_ceil(100)),
        ("Users: 100 records".to_owned(), user_cases()?, rounds),
    ];
    sets.into_iter().map(|(title, cases, rounds)| tabulate(title, &cases, runs, rounds)).collect()
}

fn user_cases() -> Result<Vec<Case>> {
    #[cfg_attr(not(feature = "peers"), expect(unused_mut, reason = "peers join the others"))]
    let mut cases = vec![ours::copy(crate::users::packed()?), ours::users(users())];
    #[cfg(feature = "peers")]
    cases.extend(others::users(&users()).into_iter().chain([proto::users(&users())]));
    cases.iter().try_for_each(check)?;
    Ok(cases)
}

/// What was encoded is as many values when decoded.
fn check(case: &Case) -> Result<()> {
    let mut bytes = Vec::new();
    (case.encode)(&mut bytes)?;
    anyhow::ensure!((case.decode)(&bytes)? > 0, "{} gives nothing back", case.name);
    Ok(())
}

fn tabulate(title: String, cases: &[Case], runs: usize, rounds: u32) -> Result<String> {
    let mut table = Table::new(title, cases.iter().map(|case| case.name));
    for _ in 0..runs {
        for (row, case) in cases.iter().enumerate() {
            table.add(row, measure(case, rounds)?);
        }
    }
    Ok(table.to_string())
}

fn measure(case: &Case, rounds: u32) -> Result<Sample> {
    let mut bytes = Vec::new();
    (case.encode)(&mut bytes)?;
    let encode = time(rounds, || {
        bytes.clear();
        (case.encode)(black_box(&mut bytes))
    })?;
    let decode = time(rounds, || (case.decode)(black_box(&bytes)).map(|_| ()))?;
    Ok(Sample { bytes: bytes.len(), encode, decode })
}

/// Seconds of one round.
fn time(rounds: u32, mut work: impl FnMut() -> Result<()>) -> Result<f64> {
    let started = Instant::now();
    for _ in 0..rounds {
        work()?;
    }
    Ok(started.elapsed().as_secs_f64() / f64::from(rounds))
}
