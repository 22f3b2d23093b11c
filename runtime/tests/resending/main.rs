//! What a channel does when its connection ends or its server refuses: each row of R47, with every CALL that arrives at
//! any server counted, so that calls which were lost, or could run twice, show.

#![expect(clippy::duplicate_mod, reason = "the same cases, with one kind of channel and the other")]

mod peer;
#[path = "../support/mod.rs"]
mod support;
#[path = "../support/tasks.rs"]
mod tasks;

use std::time::Duration;

/// No test waits longer than this for anything.
const PATIENCE: Duration = Duration::from_secs(20);

/// Over channels of threads.
#[path = "."]
mod with_threads {
    use crate::support::{Caller, Client, PendingCall};
    use rpcgen_runtime::Channel;

    #[path = "cases/mod.rs"]
    mod cases;
}

/// Over channels of tasks.
#[path = "."]
mod with_tasks {
    use crate::tasks::{Caller, Channel, PendingCall};
    use client::Client;

    #[path = "cases/mod.rs"]
    mod cases;
    #[path = "../support/client.rs"]
    mod client;
}
