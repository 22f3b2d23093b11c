//! A `Channel` and a `ThreadServer` that look for bytes again and again before they sleep.

use std::time::Duration;

use anyhow::Result;
use rpcgen_runtime::{Channel, ChannelOptions, ServerOptions};

use super::blocking::{add, serve_with};
use super::{channel_options, server_options};
use crate::entrant::Entrant;
use crate::stubs::bench::BenchClient;
use crate::work::Kind;

/// For how long each side looks.
const WINDOW: Duration = Duration::from_micros(50);

/// It is for calls one after the other.
pub(crate) const POLLING: Entrant = Entrant {
    name: "ours-polling",
    title: "ours, blocking, busy polling",
    does: |kind| matches!(kind, Kind::Add { connections: 1, in_flight: 1 }),
    serve: |_| serve_with(ServerOptions { busy_poll: WINDOW, ..server_options() }),
    run,
    hold: None,
};

fn run(address: &str, _: Kind, count: u64) -> Result<()> {
    let options = ChannelOptions { busy_poll: WINDOW, ..channel_options() };
    add(&BenchClient::new(Channel::connect_with(address, options)?), count)
}
