//! Codecs of crates that take the very types of the interface.

use std::hint::black_box;

use rkyv::rancor::Error;
use rkyv::util::AlignedVec;

use super::Case;
use crate::stubs::bench::{Triangle, User};

pub(super) fn users(users: &[User]) -> [Case; 4] {
    let users = users.to_vec();
    let (first, second, third) = (users.clone(), users.clone(), users.clone());
    [
        Case::new(
            "rkyv, checked",
            move |out| {
                *out = rkyv::api::high::to_bytes_in::<_, Error>(black_box(&users), std::mem::take(out))?;
                Ok(())
            },
            |bytes| Ok(black_box(rkyv::from_bytes::<Vec<User>, Error>(&aligned(bytes))?).len()),
        ),
        speedy(first),
        bitcode(second),
        bincode(third),
    ]
}

pub(super) fn mesh(triangles: &[Triangle]) -> [Case; 4] {
    let triangles = triangles.to_vec();
    let (first, second, third) = (triangles.clone(), triangles.clone(), triangles.clone());
    [
        Case::new(
            "rkyv, checked",
            move |out| {
                *out = rkyv::api::high::to_bytes_in::<_, Error>(black_box(&triangles), std::mem::take(out))?;
                Ok(())
            },
            |bytes| Ok(black_box(rkyv::from_bytes::<Vec<Triangle>, Error>(&aligned(bytes))?).len()),
        ),
        speedy(first),
        bitcode(second),
        bincode(third),
    ]
}

/// As bytes that were received have to be brought to where rkyv takes them.
fn aligned(bytes: &[u8]) -> AlignedVec {
    let mut aligned = AlignedVec::with_capacity(bytes.len());
    aligned.extend_from_slice(bytes);
    aligned
}

fn speedy<T>(values: Vec<T>) -> Case
where
    T: speedy::Writable<speedy::LittleEndian> + for<'a> speedy::Readable<'a, speedy::LittleEndian> + 'static,
{
    use speedy::{Readable as _, Writable as _};
    Case::new(
        "speedy",
        move |out| Ok(black_box(&values).write_to_stream(out)?),
        |bytes| Ok(black_box(Vec::<T>::read_from_buffer(bytes)?).len()),
    )
}

fn bitcode<T: bitcode::Encode + bitcode::DecodeOwned + 'static>(values: Vec<T>) -> Case {
    Case::new(
        "bitcode",
        move |out| {
            out.extend_from_slice(&bitcode::encode(black_box(&values)));
            Ok(())
        },
        |bytes| Ok(black_box(bitcode::decode::<Vec<T>>(bytes)?).len()),
    )
}

fn bincode<T: bincode::Encode + bincode::Decode<()> + 'static>(values: Vec<T>) -> Case {
    let layout = bincode::config::standard().with_fixed_int_encoding();
    Case::new(
        "bincode",
        move |out| {
            bincode::encode_into_std_write(black_box(&values), out, layout)?;
            Ok(())
        },
        move |bytes| Ok(black_box(bincode::decode_from_slice::<Vec<T>, _>(bytes, layout)?.0).len()),
    )
}
