//! Servers on tokio, and handlers that are futures on any server. What holds on every kind of server alike is shown in the
//! tests of each matter, such as `handlers`. The rules named are those of `docs/wire.md`.

mod calls;
mod desk;
mod ends;
mod futures;
mod probe;
#[path = "../support/raw.rs"]
mod raw;
mod room;
#[path = "../support/servers.rs"]
mod servers;
