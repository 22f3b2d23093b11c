#![no_main]

#[path = "../runtime/script.rs"]
mod script;
#[path = "../runtime/server.rs"]
mod server;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| server::server(bytes));
