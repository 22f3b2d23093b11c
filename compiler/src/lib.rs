//! rpcgen compiles interfaces, written in `.rpc` files, to Rust stubs for clients and servers.
//!
//! | to | use |
//! |---|---|
//! | make stubs in a `build.rs` | [`Builder`] |
//! | compile or check files in memory | [`compile`], [`check`] with a [`load::MemoryReader`] |
//! | bring a file into its canonical layout | [`format()`] |
//! | find what a change breaks | [`compare`] |
//! | compile or check files on the disk | the same with a [`DiskReader`], and [`output`] |
//!
//! Data flows one way, and each module sees only what stands before it: [`source`], [`diag`], [`ast`], [`syntax`],
//! [`format`](mod@format), [`load`], [`ir`], [`sema`], [`backend`], [`breaking`], [`output`], and this facade.

pub mod ast;
pub mod backend;
pub mod breaking;
mod builder;
#[cfg(feature = "cli")]
pub mod cli;
pub mod diag;
mod disk;
mod facade;
pub mod format;
pub mod ir;
pub mod load;
mod near;
pub mod output;
pub mod rust_names;
pub mod scalar;
pub mod sema;
pub mod source;
pub mod syntax;

pub use builder::Builder;
pub use disk::{DiskReader, interfaces};
#[cfg(feature = "cli")]
pub(crate) use facade::check_to_generate;
pub use facade::{Checked, Compared, CompileError, Compiled, FormatError, Input, check, compare, compile, format};
