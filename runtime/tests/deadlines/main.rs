//! The time of a call may be over in any phase: the caller is told in time, and the channel goes on. That handlers are told
//! is shown in `handlers`.

#![expect(clippy::duplicate_mod, reason = "the same cases, with one kind of channel and the other")]

#[path = "../resending/peer.rs"]
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
