//! One thread that looks, a few times in each keepalive time, whether the servers of the process's channels are silent.
//!
//! A time limit on the sockets would do the same, but costs each call that reads one a timer of the system.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::thread;
use std::time::Instant;

use super::connection::Connection;

/// Connections are looked at early by up to this part of their time, so that many need few wake-ups.
const EARLY: u32 = 8;

static WATCHED: Mutex<Watched> = Mutex::new(Watched { looks: Vec::new(), has_thread: false });
static CHANGED: Condvar = Condvar::new();

struct Watched {
    looks: Vec<Look>,
    has_thread: bool,
}

/// When to look at a connection.
struct Look {
    early: Instant,
    latest: Instant,
    connection: Weak<Connection>,
}

fn lock() -> MutexGuard<'static, Watched> {
    WATCHED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Watches a connection for as long as it is open.
pub(super) fn watch(connection: &Arc<Connection>) {
    let Some(look) = look(connection, Instant::now()) else { return };
    let mut watched = lock();
    watched.looks.push(look);
    if watched.has_thread {
        return CHANGED.notify_one();
    }
    match thread::Builder::new().name("rpc-keepalive".into()).spawn(run) {
        Ok(_) => watched.has_thread = true,
        Err(error) => log::warn!("silent servers go unnoticed: no thread can be had: {error}"),
    }
}

/// A connection is no longer there: the thread need not wait for its next look.
pub(super) fn forget() {
    CHANGED.notify_one();
}

fn look(connection: &Arc<Connection>, now: Instant) -> Option<Look> {
    let latest = connection.look_for_silence(now)?;
    let early = now.checked_add(latest.saturating_duration_since(now) / EARLY * (EARLY - 1))?;
    Some(Look { early, latest, connection: Arc::downgrade(connection) })
}

fn run() {
    let mut watched = lock();
    loop {
        watched.looks.retain(|look| look.connection.strong_count() > 0);
        let Some(next) = watched.looks.iter().map(|look| look.latest).min() else { break };
        let now = Instant::now();
        if now < next {
            let left = next.saturating_duration_since(now);
            watched = CHANGED.wait_timeout(watched, left).unwrap_or_else(PoisonError::into_inner).0;
            continue;
        }
        let due: Vec<_> = watched.looks.extract_if(.., |look| look.early <= now).collect();
        drop(watched);
        let again: Vec<_> = due.iter().filter_map(|due| look(&due.connection.upgrade()?, now)).collect();
        watched = lock();
        watched.looks.extend(again);
    }
    watched.has_thread = false;
}
