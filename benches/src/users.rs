//! The records that are sent there and back, and packed and unpacked.

use anyhow::Result;
use rpcgen_runtime::pack::{PackLimits, Packer, UNBOUNDED};

use crate::stubs::bench::User;

/// 100 records, of some 170 bytes each.
pub(crate) fn users() -> Vec<User> {
    (0..100).map(user).collect()
}

fn user(number: u32) -> User {
    User {
        id: u64::from(number) << 32,
        name: format!("A person with the number {number}"),
        email: format!("person.number.{number}@mail.example.org"),
        is_active: number.is_multiple_of(3),
        balance: f64::from(number) * 1.25,
        tags: (0..3).map(|tag| format!("tag {number}/{tag}")).collect(),
        scores: (0..8).map(|score| number * score).collect(),
    }
}

/// As they are on the wire.
pub(crate) fn packed() -> Result<Vec<u8>> {
    let mut packed = Vec::new();
    Packer::new(&mut packed, &PackLimits::default()).list(&users(), UNBOUNDED, Packer::value)?;
    Ok(packed)
}
