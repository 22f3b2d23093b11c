//! How long connections last: those that are idle or old are told to leave.
//!
//! It is done in two steps, so that no call fails. First GOAWAY says that every call is still handled which the client has
//! sent; a client that hears it opens its next call on another connection. A while later, when what crossed that GOAWAY has
//! come, a second one names the last call, and the connection ends as soon as its calls have.
//!
//! No call pays for it: one thread looks at all connections every now and then, and there is none without a limit.

use std::io;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use super::options::ServerOptions;
use super::registry::{Registered, Registry};
use super::times::Times;

/// The time between the two steps: far longer than what is on its way takes to come.
const NOTICE: Duration = Duration::from_secs(1);

/// Looks in each time that is limited.
const LOOKS: u32 = 8;

/// The longest time between two looks while a connection is leaving, and the shortest ever.
const SOON: Duration = Duration::from_millis(100);
const AT_ONCE: Duration = Duration::from_millis(1);

/// The part by which an age may be shorter or longer.
const JITTER: f64 = 0.1;

/// The limits on how long connections last, at least one of them.
#[derive(Debug)]
pub(in crate::net) struct Life {
    idle: Option<Duration>,
    age: Option<Duration>,
    grace: Duration,
}

impl Life {
    /// Watches over the connections of a server, where they have limits, in a thread of its own.
    pub(in crate::net) fn watch(registry: &Arc<Registry>, options: &ServerOptions) -> io::Result<()> {
        let life = Self {
            idle: options.max_connection_idle,
            age: options.max_connection_age,
            grace: options.max_connection_age_grace,
        };
        let Some(pause) = life.pause() else { return Ok(()) };
        let registry = Arc::clone(registry);
        thread::Builder::new().name("rpc-life".into()).spawn(move || life.run(&registry, pause))?;
        Ok(())
    }

    fn run(&self, registry: &Registry, pause: Duration) {
        let mut next = pause;
        while let Some(sessions) = registry.wait(next) {
            let now = Instant::now();
            let is_leaving = sessions.iter().filter(|session| self.look(&***session, now)).count() > 0;
            next = if is_leaving { pause.min(SOON) } else { pause };
        }
    }

    /// How long to wait between two looks; `None` without a limit.
    fn pause(&self) -> Option<Duration> {
        let shortest = self.idle.into_iter().chain(self.age).min()?;
        Some((shortest / LOOKS).max(AT_ONCE))
    }

    /// Tells a session to leave if it is time; whether it has been told.
    fn look(&self, session: &dyn Registered, now: Instant) -> bool {
        if let Some(since) = session.times().leaving_since() {
            self.press(session, now.saturating_duration_since(since));
            return true;
        }
        let reason = self.too_old(session.times(), now).or_else(|| self.too_idle(session, now));
        reason.inspect(|reason| tell(session, reason, now)).is_some()
    }

    fn too_old(&self, times: &Times, now: Instant) -> Option<String> {
        let age = self.age?;
        let is_over = now.saturating_duration_since(times.since) >= age.mul_f64(times.luck(JITTER));
        is_over.then(|| format!("the connection is older than about {age:?} (ServerOptions::max_connection_age)"))
    }

    fn too_idle(&self, session: &dyn Registered, now: Instant) -> Option<String> {
        let (idle, since) = (self.idle?, session.idle_since()?);
        let is_over = now.saturating_duration_since(since) >= idle;
        is_over.then(|| format!("no call was open for {idle:?} (ServerOptions::max_connection_idle)"))
    }

    /// Ends a session that was told to leave so long ago: orderly, or once its grace is over, at once.
    fn press(&self, session: &dyn Registered, waited: Duration) {
        let is_over = waited >= self.grace;
        if is_over || (waited >= NOTICE && !session.is_receiving()) {
            session.go_away("the client was told to leave the connection, and to make its calls on another");
        }
        if is_over {
            session.cut();
        }
    }
}

/// Tells a session's client to leave it.
fn tell(session: &dyn Registered, reason: &str, now: Instant) {
    log::debug!("a client is told to leave: {reason}");
    session.times().leave(now);
    session.foretell(reason);
}
