#![no_main]

#[path = "../runtime/frames.rs"]
mod frames;
#[path = "../runtime/script.rs"]
mod script;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| frames::frames(bytes));
