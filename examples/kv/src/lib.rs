//! The interface of `idl/kv.rpc`, and a store that implements it.

mod store;

pub use store::MemoryStore;

/// The stubs that build.rs made.
pub mod stubs {
    rpcgen_runtime::include_stubs!("demo.kv");
}
