//! Rooms in which people talk, by the interface `idl/chat.rpc`.

mod rooms;
mod service;

pub use rooms::{Member, Rooms};

/// The stubs that build.rs made.
pub mod stubs {
    rpcgen_runtime::include_stubs!("demo.chat");
}
