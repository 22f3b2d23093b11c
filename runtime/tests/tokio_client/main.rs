//! Calls of tasks, over channels on tokio.

#[path = "../support/mod.rs"]
mod support;

mod calls;
mod stub;
