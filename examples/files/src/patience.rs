//! Attempts at one transfer.

use std::thread;
use std::time::Duration;

use files::stubs::FileError;
use indicatif::ProgressBar;
use rpcgen_runtime::{CallError, Code};

/// Attempts in a row that get no further. Each waits for the server, for as long as `ChannelOptions::connection_wait` says.
const ATTEMPTS: u32 = 30;

/// The pause before another.
const PAUSE: Duration = Duration::from_secs(1);

/// Tries again what the connection broke off, for as long as that leads further now and then.
pub(crate) fn persist(bar: &ProgressBar, mut attempt: impl FnMut() -> anyhow::Result<()>) -> anyhow::Result<()> {
    let (mut failures, mut furthest) = (0, 0);
    loop {
        let Err(error) = attempt() else { return Ok(()) };
        if bar.position() > furthest {
            (failures, furthest) = (0, bar.position());
        }
        if failures == ATTEMPTS || !is_passing(&error, failures > 0) {
            return Err(error);
        }
        failures += 1;
        bar.suspend(|| eprintln!("{error}; trying again"));
        thread::sleep(PAUSE);
    }
}

fn is_passing(error: &anyhow::Error, is_again: bool) -> bool {
    match error.downcast_ref::<CallError<FileError>>() {
        // The server waits only so long for a client that was asleep.
        Some(CallError::Status(status)) => matches!(status.code(), Code::Unavailable | Code::DeadlineExceeded),
        // The server may not know yet that the connection of the attempt before is gone.
        Some(CallError::Declared(FileError::Busy { .. })) => is_again,
        _ => false,
    }
}
