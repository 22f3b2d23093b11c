//! The product, as its users have it: generated stubs and default options, but for messages of 64 MiB.

pub(crate) mod blocking;
pub(crate) mod in_place;
pub(crate) mod polling;
mod service;
pub(crate) mod tasks;

use rpcgen_runtime::{ChannelOptions, Limits, ServerOptions};

/// So that 64 MiB and what is packed around them are one message.
fn limits() -> Limits {
    Limits { message: 65 << 20, ..Limits::default() }
}

fn server_options() -> ServerOptions {
    ServerOptions { limits: limits(), ..ServerOptions::default() }
}

fn channel_options() -> ChannelOptions {
    ChannelOptions { limits: limits(), ..ChannelOptions::default() }
}
