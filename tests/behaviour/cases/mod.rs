//! The cases, by what they are about.

mod calls;
mod client_streams;
mod deadlines;
mod endings;
mod limits;
mod server_streams;
mod two_way;

use crate::case::Case;

pub(crate) fn all() -> Vec<Case> {
    let of = [
        calls::CASES,
        deadlines::CASES,
        limits::CASES,
        server_streams::CASES,
        client_streams::CASES,
        two_way::CASES,
        endings::CASES,
    ];
    of.concat()
}
