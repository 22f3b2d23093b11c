//! Other systems.

pub(crate) mod capnp;
pub(crate) mod tarpc;
pub(crate) mod tonic;
