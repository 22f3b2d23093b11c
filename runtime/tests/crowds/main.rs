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

use rpcgen_runtime::net::server::Running;
use rpcgen_runtime::{Router, ServerOptions, ThreadServer};

/// No test waits longer than this for anything.
const PATIENCE: Duration = Duration::from_secs(60);

fn serve(url: &str, options: ServerOptions) -> Running {
    let server = ThreadServer::bind(url).expect("binds").options(options);
    server.start(Router::new().add(support::Sums::default())).expect("starts")
}

/// Serves until the parent has nothing more to say.
fn serve_parent(options: ServerOptions) {
    let folder = tempfile::tempdir().expect("a folder");
    let server = serve(&format!("unix://{}", folder.path().join("s").display()), options);
    child::tell(&server.endpoint().to_string());
    while child::ask().is_some() {}
    server.shutdown(PATIENCE);
}
