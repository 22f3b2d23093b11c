//! Other systems.

pub(crate) mod tarpc;
