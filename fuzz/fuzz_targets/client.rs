#![no_main]

#[path = "../runtime/client.rs"]
mod client;
#[path = "../runtime/script.rs"]
mod script;
#[path = "../runtime/server.rs"]
mod server;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| client::client(bytes));
