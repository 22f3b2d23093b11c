//! Signals, as parent and workers take them.

use std::io;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::SyncSender;
use std::thread;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::{Handle, Signals};
use signal_hook::{flag, low_level};

use super::supervisor::Event;

/// Signals that are caught for a supervisor.
#[derive(Debug)]
pub(super) struct Caught {
    handle: Handle,
    /// Nobody hears them any more.
    is_over: Arc<AtomicBool>,
}

impl Caught {
    /// Tells the supervisor of signals, from a thread of its own: SIGHUP rolls; SIGTERM or SIGINT drains, and a second one of
    /// these ends everything at once.
    pub(super) fn tell(events: SyncSender<Event>) -> io::Result<Self> {
        let is_over = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGTERM] {
            flag::register_conditional_default(signal, Arc::clone(&is_over))?;
        }
        let signals = Signals::new([SIGHUP, SIGINT, SIGTERM])?;
        let handle = signals.handle();
        thread::Builder::new().name("rpc-signals".into()).spawn(move || listen(signals, &events))?;
        Ok(Self { handle, is_over })
    }

    /// Stops telling. SIGTERM and SIGINT end the process again as if nobody had caught them.
    pub(super) fn close(self) {
        self.is_over.store(true, Ordering::SeqCst);
        self.handle.close();
    }
}

fn listen(mut signals: Signals, events: &SyncSender<Event>) {
    let mut is_ending = false;
    for signal in signals.forever() {
        let event = match signal {
            SIGHUP => Event::Roll,
            _ if is_ending => Event::Kill(signal),
            _ => Event::Drain(None),
        };
        is_ending |= signal != SIGHUP;
        if events.send(event).is_err() && signal != SIGHUP {
            end_by(signal);
        }
    }
}

/// Ends this process by a signal, as if nobody had caught it.
pub(super) fn end_by(signal: i32) {
    if let Err(error) = low_level::emulate_default_handler(signal) {
        log::error!("cannot end by signal {signal}: {error}");
    }
}

/// Becomes readable at SIGTERM and SIGINT; the second ends the process at once. SIGHUP is the parent's business, and ignored.
pub(super) fn pipe() -> io::Result<UnixStream> {
    let (ours, theirs) = UnixStream::pair()?;
    let is_ending = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        flag::register_conditional_default(signal, Arc::clone(&is_ending))?;
        flag::register(signal, Arc::clone(&is_ending))?;
        low_level::pipe::register(signal, theirs.try_clone()?)?;
    }
    flag::register(SIGHUP, Arc::default())?;
    Ok(ours)
}
