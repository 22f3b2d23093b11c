//! A copy, and what generated code does.

use std::hint::black_box;

use anyhow::Result;
use rpcgen_runtime::pack::{PackLimits, Packer, UNBOUNDED, Unpack, UnpackLimits, Unpacker};

use super::Case;
use crate::stubs::bench::{Triangle, User};

/// The floor: the same bytes, copied.
pub(super) fn copy(bytes: Vec<u8>) -> Case {
    let encode = move |out: &mut Vec<u8>| {
        out.extend_from_slice(black_box(&bytes));
        Ok(())
    };
    let decode = |bytes: &[u8]| Ok(black_box(bytes.to_vec()).len());
    Case::new("memcpy", encode, decode)
}

pub(super) fn users(users: Vec<User>) -> Case {
    let encode = move |out: &mut Vec<u8>| {
        Ok(Packer::new(out, &PackLimits::default()).list(black_box(&users), UNBOUNDED, Packer::value)?)
    };
    let decode = |bytes: &[u8]| {
        let mut input = Unpacker::new(bytes, &UnpackLimits::default());
        let users: Vec<User> = input.list(UNBOUNDED, <User as Unpack>::MIN_SIZE, Unpacker::value)?;
        input.end()?;
        Ok(black_box(users).len())
    };
    Case::new("ours", encode, decode)
}

pub(super) fn mesh(triangles: Vec<Triangle>) -> Case {
    let encode = move |out: &mut Vec<u8>| pack_mesh(black_box(&triangles), out);
    let decode = |bytes: &[u8]| {
        let mut input = Unpacker::new(bytes, &UnpackLimits::default());
        let triangles: Vec<Triangle> = input.fixed_list(UNBOUNDED)?;
        input.end()?;
        Ok(black_box(triangles).len())
    };
    Case::new("ours", encode, decode)
}

pub(super) fn pack_mesh(triangles: &[Triangle], out: &mut Vec<u8>) -> Result<()> {
    Ok(Packer::new(out, &PackLimits::default()).fixed_list(triangles, UNBOUNDED)?)
}
