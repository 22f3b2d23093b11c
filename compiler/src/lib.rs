//! rpcgen, the library.

pub mod ast;
pub mod diag;
pub mod ir;
pub mod load;
pub mod scalar;
pub mod source;
pub mod syntax;
