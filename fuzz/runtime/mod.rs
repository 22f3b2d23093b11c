//! What holds for any bytes that a peer sends. Each function panics where it does not hold.
//!
//! The fuzz targets call these, and so does `tests/hostility.rs`, with the corpora and with what fuzzing once found.

#![allow(dead_code, reason = "each fuzz target uses one of these")]

pub(crate) mod client;
pub(crate) mod frames;
mod peer;
mod script;
pub(crate) mod server;
pub(crate) mod types;
pub(crate) mod unpack;
