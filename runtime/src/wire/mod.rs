//! What travels: preface, frame header, extensions, metadata, trace contexts, status codes. Bytes in, values out; nothing here waits or remembers.
//!
//! Specified in `docs/wire.md`.

pub mod code;
pub mod extension;
pub mod header;
pub mod metadata;
pub mod preface;
pub mod trace;

pub use code::Code;
pub use extension::Extensions;
pub use header::{Header, Kind};
pub use metadata::Metadata;
pub use preface::Preface;
pub use trace::{TraceContext, TraceContextError};
