#![no_main]

#[path = "../runtime/script.rs"]
mod script;
#[path = "../runtime/types.rs"]
mod types;
#[path = "../runtime/unpack.rs"]
mod unpack;

#[global_allocator]
static MEMORY: peak_alloc::PeakAlloc = peak_alloc::PeakAlloc;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| unpack::unpack(bytes));
