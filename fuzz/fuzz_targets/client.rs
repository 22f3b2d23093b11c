#![no_main]

#[path = "../runtime/client.rs"]
mod client;
#[path = "../runtime/peer.rs"]
mod peer;
#[path = "../runtime/script.rs"]
mod script;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| client::client(bytes));
