//! Asynchronous handlers on servers without tokio.

use std::io;
use std::sync::OnceLock;
use std::thread;

use tokio::runtime::{Builder, Handle};

use crate::buffers::Packed;
use crate::service::{Handling, Outcome};
use crate::status::Status;

/// The runtime of all such handlers of this process.
static RUNTIME: OnceLock<Option<Handle>> = OnceLock::new();

/// Runs a handler to its end in this thread, and gives what it has packed.
pub(in crate::net) fn block_on(handling: Handling) -> (Outcome, Packed) {
    match RUNTIME.get_or_init(start) {
        Some(runtime) => runtime.block_on(handling),
        None => (no_thread().into(), Packed::default()),
    }
}

fn no_thread() -> Status {
    Status::resource_exhausted("the system has no thread for asynchronous handlers").did_not_run()
}

fn start() -> Option<Handle> {
    let started = try_start();
    started.inspect_err(|error| log::error!("asynchronous handlers cannot run: {error}")).ok()
}

/// Makes a runtime whose timers and sockets a thread of its own looks after, as long as the process lives.
fn try_start() -> io::Result<Handle> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let handle = runtime.handle().clone();
    let work = move || runtime.block_on(std::future::pending::<()>());
    thread::Builder::new().name("rpc-async".into()).spawn(work)?;
    Ok(handle)
}
