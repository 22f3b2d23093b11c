//! Very many clients at once, and servers that run out of something, each server in a process of its own: what it needs for
//! them, and that it is there for the others and again afterwards.

#[path = "../support/child.rs"]
mod child;
mod descriptors;
mod flood;
mod memory;
#[path = "../support/raw.rs"]
mod raw;
mod silent;
#[path = "../support/mod.rs"]
mod support;
mod threads;

use std::time::Duration;

use child::Child;
use rpcgen_runtime::{Router, ServerOptions};
use support::servers::{On, Running};

/// No test waits longer than this for anything.
const PATIENCE: Duration = Duration::from_secs(60);

fn serve(on: On, url: &str, options: ServerOptions) -> Running {
    on.start(url, options, Router::new().add_quick(support::Sums::default())).expect("starts")
}

/// Starts a test as a server of one kind or another, and gives its address.
fn start(test: &str, on: On) -> (Child, String) {
    let mut server = Child::start(test);
    server.say(on.name());
    let url = server.hear();
    (server, url)
}

/// Serves until the parent has nothing more to say.
fn serve_parent(options: ServerOptions) {
    let on = On::named(&child::ask().expect("a kind of server"));
    let folder = tempfile::tempdir().expect("a folder");
    let server = serve(on, &format!("unix://{}", folder.path().join("s").display()), options);
    child::tell(&server.endpoint().to_string());
    while child::ask().is_some() {}
    server.shutdown(PATIENCE);
}
