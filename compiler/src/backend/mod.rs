//! From a checked program to text: [`rust`] makes stubs, [`layout`] tells a person where each byte goes.
//!
//! Backends see `ir` and never the tree of the source.

mod fixpoint;
mod idl;
pub mod layout;
pub mod rust;

use std::collections::BTreeMap;

/// Generated files in memory: a path relative to the folder of the output, with `/` between its parts, and the text.
pub type Files = BTreeMap<String, String>;

/// A mistake of this compiler: what it generated is not Rust.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "internal error: the code generated for `{item}` is not Rust: {reason}\n\
     This is a mistake of rpcgen, not of your interface. Please report it with the declaration of `{item}` and this code:\n{code}"
)]
pub struct InternalError {
    /// The item of the interface, with its package.
    pub item: String,
    /// What the Rust parser said.
    pub reason: String,
    /// All of what was generated: to know the place, the parser would have to keep one for each token.
    pub code: String,
}
