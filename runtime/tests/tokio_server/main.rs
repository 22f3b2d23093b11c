//! Servers whose handlers are futures. The rules named are those of `docs/wire.md`.
#![cfg(feature = "tokio")]

mod calls;
mod desk;
