//! Calls over a network that cuts, delays, splits, swallows and garbles: each ends once, none runs twice that may not, and
//! none that is said not to have run has run. The counts are printed.

#![expect(clippy::duplicate_mod, reason = "the same cases, with one kind of channel and the other")]

#[path = "../support/proxy.rs"]
mod proxy;
#[path = "../support/servers.rs"]
mod servers;
#[path = "../support/tasks.rs"]
mod tasks;

/// Over channels of threads.
#[path = "."]
mod with_threads {
    use rpcgen_runtime::Channel;
    use rpcgen_runtime::stub::{Caller, PendingCall};

    #[path = "cases.rs"]
    mod cases;
    #[path = "../support/ledger.rs"]
    mod ledger;
}

/// Over channels of tasks.
#[path = "."]
mod with_tasks {
    use crate::tasks::{Caller, Channel, PendingCall};

    #[path = "cases.rs"]
    mod cases;
    #[path = "../support/ledger.rs"]
    mod ledger;
}
