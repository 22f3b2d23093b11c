//! What travels: preface, frame header, extensions, status codes. Bytes in, values out; nothing here waits or remembers.
//!
//! Specified in `docs/wire.md`.

pub mod code;
pub mod extension;
pub mod header;
pub mod preface;

pub use code::Code;
pub use extension::Extensions;
pub use header::{Header, Kind};
pub use preface::Preface;
