//! Upload and download of files, by the interface `idl/files.rpc`.

mod contents;
mod folder;
mod name;
mod part;
mod service;

pub use contents::{contents, contents_at_most};
pub use folder::Folder;
pub use name::is_name;
pub use part::Part;

/// The stubs that build.rs made.
pub mod stubs {
    rpcgen_runtime::include_stubs!("demo.files");
}
