//! What runs on tokio: channels whose calls are futures.

pub mod client;
