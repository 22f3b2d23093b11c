//! rpcgen, the library.

pub mod ast;
pub mod backend;
pub mod diag;
pub mod ir;
pub mod load;
pub mod rust_names;
pub mod scalar;
pub mod sema;
pub mod source;
pub mod syntax;
