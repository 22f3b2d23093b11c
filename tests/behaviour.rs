//! Calls behave alike, whatever serves them, calls them and answers them: each case runs on every server, with both clients and both
//! kinds of handlers.
//!
//! A case ([`case::Case`]) knows nothing of that. It sees a client and a server, and marks by which handlers, which may be in
//! another process, tell what has become of them.

#[path = "behaviour/blocking.rs"]
mod blocking;
#[path = "behaviour/case.rs"]
mod case;
#[path = "behaviour/cases/mod.rs"]
mod cases;
#[path = "behaviour/client.rs"]
mod client;
#[path = "behaviour/ends.rs"]
mod ends;
#[path = "behaviour/handlers.rs"]
mod handlers;
#[path = "behaviour/mark.rs"]
mod mark;
#[path = "behaviour/server.rs"]
mod server;
#[path = "behaviour/tasks.rs"]
mod tasks;

use std::panic;
use std::sync::Arc;

use anyhow::Result;
use libtest_mimic::{Arguments, Trial};
use rpcgen_tests::trial;

use case::{Case, Clients, Combination, Servers};
use server::{Implementation, Kind};

/// The stubs of the interface.
#[allow(
    dead_code,
    missing_docs,
    unreachable_pub,
    clippy::pedantic,
    reason = "they are generated; `golden_compiles.rs` lints such code"
)]
mod stubs {
    include!(concat!(env!("OUT_DIR"), "/behaviour/mod.rs"));
}

fn main() -> Result<()> {
    panic_in_silence();
    if server::is_other_process()? {
        return Ok(());
    }
    let servers = Arc::new(Servers::default());
    let trials = cases::all().into_iter().flat_map(|case| trials(case, &servers)).collect();
    let mut arguments = Arguments::from_args();
    // They wait more than they work.
    arguments.test_threads.get_or_insert(8);
    let conclusion = libtest_mimic::run(&arguments, trials);
    // It ends the processes among them.
    drop(servers);
    conclusion.exit()
}

/// Handlers that panic do as they are asked: nobody needs to read about it.
fn panic_in_silence() {
    let usual = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        if info.payload().downcast_ref::<&str>() != Some(&"as asked") {
            usual(info);
        }
    }));
}

/// A case, once for each combination in which it makes sense.
fn trials(case: Case, servers: &Arc<Servers>) -> Vec<Trial> {
    let combination = |server, client, implementation| Combination { server, client, implementation };
    let combinations = Kind::ALL.into_iter().flat_map(|server| {
        Clients::ALL.into_iter().flat_map(move |client| {
            Implementation::ALL.into_iter().map(move |implementation| combination(server, client, implementation))
        })
    });
    let sensible = combinations.filter(|combination| case.makes_sense(*combination));
    let trials = sensible.map(|combination| {
        let servers = Arc::clone(servers);
        trial(format!("{}: {combination}", case.name), move || case.run(combination, &servers))
    });
    trials.collect()
}
