//! Other systems.

pub(crate) mod tarpc;
pub(crate) mod tonic;
