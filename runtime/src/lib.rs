//! The runtime that rpcgen's stubs link against: packing, the wire protocol, channels and servers.
//!
//! Data flows one way through the rooms, and each sees only those before it:
//!
//! | room | holds |
//! |---|---|
//! | `buffers` | memory for messages, kept for the next ones |
//! | [`pack`] | values to bytes and back |
//! | [`wire`] | preface, frame header, extensions, status codes |
//! | [`proto`] | the connection as a state machine: no socket, no clock, no thread |
//! | [`Router`], [`Context`], [`Status`] | what is served, what a handler knows, how calls fail |
//! | [`net`] | endpoints, [`Channel`], [`ThreadServer`], [`ProcessServer`]; with the feature `tokio`, `TokioServer` |
//! | [`stub`] | all that generated code may name |

#[cfg(not(unix))]
compile_error!("rpcgen-runtime needs the sockets and processes of Unix");

mod buffers;
pub mod context;
pub mod failure;
pub mod net;
pub mod pack;
pub mod proto;
pub mod service;
pub mod status;
pub mod stream;
pub mod stub;
pub mod wire;

pub use context::{Context, Credentials};
pub use net::channel::{Channel, ChannelOptions, PendingCall};
pub use net::endpoint::{Endpoint, EndpointError};
pub use net::process::ProcessServer;
pub use net::server::{ServerOptions, ThreadServer};
#[cfg(feature = "tokio")]
pub use net::tokio::client::AsyncChannel;
#[cfg(feature = "tokio")]
pub use net::tokio::server::TokioServer;
pub use proto::{Limits, OptionError};
#[cfg(feature = "tokio")]
pub use service::AsyncService;
pub use service::{Router, RouterError, Service};
pub use status::{CallError, Fault, Status};
pub use wire::{Code, Metadata, TraceContext, TraceContextError};

/// Includes the stubs that build.rs generated: `include_stubs!()` all packages as modules, `include_stubs!("demo.calculator")`
/// the items of one package that imports no other, once in a module.
///
/// ```text
/// /// `stubs::demo::calculator`
/// pub mod stubs {
///     rpcgen_runtime::include_stubs!();
/// }
/// ```
#[macro_export]
macro_rules! include_stubs {
    () => {
        include!(concat!(env!("OUT_DIR"), "/mod.rs"));
    };
    ($package:literal) => {
        #[allow(dead_code, unreachable_pub, deprecated, reason = "an interface says more than one program needs")]
        mod rpc_stubs {
            include!(concat!(env!("OUT_DIR"), "/", $package, ".rs"));
        }
        #[allow(unused_imports, unreachable_pub, reason = "an interface says more than one program needs")]
        pub use rpc_stubs::*;
    };
}
