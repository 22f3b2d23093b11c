//! Channels on tokio: what there is beside the cases that hold for channels of threads too (`calls`, `deadlines`,
//! `hostile_servers`, `proxied`, `resending`).

#[path = "../support/refused.rs"]
mod refused;
#[path = "../support/mod.rs"]
mod support;

mod calls;
mod dropped;
mod runtimes;
mod stub;
