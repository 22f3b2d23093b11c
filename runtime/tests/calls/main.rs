//! Calls over every kind of channel, with a service written as generated code would be.

#![expect(clippy::duplicate_mod, reason = "the same cases, with one kind of channel and the other")]

#[path = "../support/mod.rs"]
mod support;
#[path = "../support/tasks.rs"]
mod tasks;

/// Over channels of threads.
#[path = "."]
mod with_threads {
    use crate::support::{Caller, Client};
    use rpcgen_runtime::Channel;

    #[path = "cases.rs"]
    mod cases;
}

/// Over channels of tasks.
#[path = "."]
mod with_tasks {
    use crate::tasks::{Caller, Channel, PendingCall};
    use client::Client;

    #[path = "cases.rs"]
    mod cases;
    #[path = "../support/client.rs"]
    mod client;
}
