#![no_main]

#[path = "../runtime/peer.rs"]
mod peer;
#[path = "../runtime/script.rs"]
mod script;
#[path = "../runtime/server/mod.rs"]
mod server;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| server::server(bytes));
