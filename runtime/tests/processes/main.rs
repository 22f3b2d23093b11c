//! Processes that end: servers, workers and clients that are killed, told to end, or replaced; handlers that panic. In each test
//! handlers write down the calls that they run, and what clients were told is compared with that.

mod ends;
mod faults;
mod panics;
mod phases;
mod rolls;
mod server;
#[path = "../support/servers.rs"]
mod servers;
mod work;
