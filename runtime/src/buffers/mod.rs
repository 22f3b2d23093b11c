//! Memory that messages are packed into and put together in, used again for the next ones.

mod filling;
mod large;
mod packed;
mod scratch;

pub(crate) use filling::Filling;
pub(crate) use large::{empty, give, reserve};
pub use packed::Packed;
pub(crate) use scratch::{give_scratch, take_scratch};
