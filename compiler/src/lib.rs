//! rpcgen, the library.

pub mod ast;
pub mod diag;
pub mod ir;
pub mod rust_names;
pub mod scalar;
pub mod source;
