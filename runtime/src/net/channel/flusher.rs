//! Sends what nobody waits for: calls that were started, oneway calls, cancellations.

use std::sync::{Arc, OnceLock, Weak};
use std::time::Duration;

use super::connection::Connection;
use crate::net::sync::atomic::{AtomicBool, Ordering};
use crate::net::sync::mpsc::{Receiver, SyncSender, sync_channel};
use crate::net::sync::thread;

/// How long something may stay queued that nobody waits for. Long enough that calls which are started together leave
/// together, and that a busy channel wakes this thread seldom.
const DELAY: Duration = Duration::from_micros(500);

/// A thread that is started when it is first needed, and ends with its connection.
#[derive(Debug)]
pub(super) struct Flusher {
    connection: Weak<Connection>,
    /// A wake-up is under way.
    is_woken: AtomicBool,
    /// Carries the connection itself, which so lives until what is queued is sent, though its channel is dropped.
    signal: OnceLock<SyncSender<Arc<Connection>>>,
}

impl Flusher {
    pub(super) fn new(connection: Weak<Connection>) -> Self {
        Self { connection, is_woken: AtomicBool::new(false), signal: OnceLock::new() }
    }

    /// Sees to it that what is queued is sent soon.
    pub(super) fn wake(&self) {
        if self.is_woken.load(Ordering::Relaxed) || self.is_woken.swap(true, Ordering::AcqRel) {
            return;
        }
        let Some(connection) = self.connection.upgrade() else { return };
        if self.signal().is_none_or(|signal| signal.try_send(connection).is_err()) {
            log::warn!("no thread can be had to send what is queued; it leaves with the next call that is waited for");
            self.rest();
        }
    }

    /// Tells the thread, which is started if there is none yet. Only who has set `is_woken` comes here.
    fn signal(&self) -> Option<&SyncSender<Arc<Connection>>> {
        if self.signal.get().is_none() {
            let signal = spawn().inspect_err(|error| log::warn!("cannot start the flusher: {error}")).ok()?;
            self.signal.set(signal).ok()?;
        }
        self.signal.get()
    }

    /// Leaves a connection, which nobody makes calls on any more, to the thread: it sends what is queued and ends it.
    pub(super) fn leave_to(connection: Arc<Connection>) {
        let flusher = connection.flusher();
        // Who is woken has the connection already.
        if !flusher.is_woken.swap(true, Ordering::AcqRel) {
            let signal = flusher.signal().cloned();
            if signal.is_none_or(|signal| signal.try_send(connection).is_err()) {
                log::warn!("oneway calls may be lost");
            }
        }
    }

    /// What is queued from now on needs another wake-up.
    fn rest(&self) {
        self.is_woken.store(false, Ordering::Release);
    }
}

fn spawn() -> std::io::Result<SyncSender<Arc<Connection>>> {
    let (signal, signalled) = sync_channel(1);
    thread::Builder::new().name("rpc-flusher".into()).spawn(move || run(&signalled))?;
    Ok(signal)
}

/// Ends when the connection, and with it the sender of signals, is dropped.
fn run(signalled: &Receiver<Arc<Connection>>) {
    while let Ok(connection) = signalled.recv() {
        thread::sleep(DELAY);
        connection.flusher().rest();
        connection.flush_all();
        if let Some(connection) = Arc::into_inner(connection) {
            connection.close();
        }
    }
}
