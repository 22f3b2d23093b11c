//! Protocol buffers, whose messages are types of their own. To turn the interface's into these is not measured.

use std::hint::black_box;

use prost::Message;

use super::Case;
use crate::proto::{Mesh, Triangle as ProtoTriangle, Users, Vector as ProtoVector};
use crate::stubs::bench::{Triangle, User, Vector};

pub(super) fn users(users: &[User]) -> Case {
    case(Users::from(users), |users| users.users.len())
}

pub(super) fn mesh(triangles: &[Triangle]) -> Case {
    let vector = |of: &Vector| ProtoVector { x: of.x, y: of.y, z: of.z };
    let triangle = |of: &Triangle| ProtoTriangle {
        normal: Some(vector(&of.normal)),
        corners: of.corners.iter().map(vector).collect(),
    };
    case(Mesh { triangles: triangles.iter().map(triangle).collect() }, |mesh| mesh.triangles.len())
}

fn case<M: Message + Default + 'static>(message: M, count: fn(&M) -> usize) -> Case {
    let encode = move |out: &mut Vec<u8>| Ok(black_box(&message).encode(out)?);
    Case::new("prost", encode, move |bytes| Ok(count(&black_box(M::decode(bytes)?))))
}
