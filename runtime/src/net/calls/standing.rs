//! Which connection a channel has, and what a call is to do that wants one: decisions only, so that threads and tasks wait
//! in their own ways.
//!
//! Nobody connects unless a call wants it. Then one attempt is made; calls wait for it, each up to its own time. After a
//! failure the next attempt has a time before which nobody tries, and the calls that wait sleep until then.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::options::ChannelOptions;
use super::target::Target;
use crate::status::Status;

/// How often a call that cannot be queued because its connection has just ended is queued elsewhere.
pub(in crate::net) const MOVES: u32 = 8;

/// A connection, as a channel sees it.
pub(in crate::net) trait Usable {
    /// Whether calls can be made on it.
    fn is_open(&self) -> bool;

    /// Whether the server has sent a good preface.
    fn has_heard(&self) -> bool;

    /// Whose server it is.
    fn peer(&self) -> &str;
}

/// How a channel stands with its server.
#[derive(Debug)]
pub(in crate::net) struct Standing<C> {
    connection: Option<Arc<C>>,
    /// The address of the connection, or where the next attempt begins.
    index: usize,
    is_connecting: bool,
    /// Connections that failed in a row, or ended before the server had said a word.
    failures: u32,
    /// Nobody tries before.
    not_before: Instant,
    /// Why the last attempt failed.
    failure: String,
}

/// What a call does that wants a connection.
#[derive(Debug)]
pub(in crate::net) enum Next<C> {
    /// It takes this one.
    Take(Arc<C>),
    /// It fails.
    Fail(Status),
    /// It sees to it that somebody connects, beginning with the address of this index, and asks again.
    Connect(usize),
    /// It waits until an attempt is over, until this time at the latest, and asks again.
    Wait(Option<Instant>),
}

impl<C: Usable> Standing<C> {
    /// With a first connection, and the index of its address.
    pub(in crate::net) fn new(index: usize, connection: Arc<C>) -> Self {
        let (connection, failure) = (Some(connection), String::new());
        Self { connection, index, is_connecting: false, failures: 0, not_before: Instant::now(), failure }
    }

    /// The connection, if it takes calls.
    pub(in crate::net) fn open(&self) -> Option<Arc<C>> {
        self.connection.as_ref().filter(|connection| connection.is_open()).map(Arc::clone)
    }

    /// Parts with the connection, for good.
    pub(in crate::net) fn take(&mut self) -> Option<Arc<C>> {
        self.connection.take()
    }

    /// What a call does next that wants a connection, until `give_up` at the latest.
    pub(in crate::net) fn next(
        &mut self,
        target: &Target,
        options: &ChannelOptions,
        give_up: Option<Instant>,
    ) -> Next<C> {
        self.retire(target, options);
        if let Some(connection) = self.open() {
            return Next::Take(connection);
        }
        let now = Instant::now();
        let must_wait = self.not_before > now;
        let fails_fast = options.fail_fast && must_wait && !self.is_connecting;
        if fails_fast || give_up.is_some_and(|give_up| give_up <= now) {
            return Next::Fail(self.refusal(target, now));
        }
        if !must_wait && !self.is_connecting {
            self.is_connecting = true;
            return Next::Connect(self.index);
        }
        let next = (!self.is_connecting).then_some(self.not_before);
        Next::Wait(give_up.into_iter().chain(next).min())
    }

    /// An attempt is over.
    pub(in crate::net) fn connected(&mut self, came: Result<(usize, Arc<C>), Status>, options: &ChannelOptions) {
        match came {
            Ok((index, connection)) => {
                self.is_connecting = false;
                (self.index, self.connection) = (index, Some(connection));
            }
            Err(status) => {
                self.index = 0;
                self.failed(status.message().to_owned(), options);
            }
        }
    }

    /// Parts with a connection that takes no more calls. One whose server never said a word counts as a failure: else a
    /// server that accepts and closes would be connected to without a pause.
    fn retire(&mut self, target: &Target, options: &ChannelOptions) {
        let Some(old) = self.connection.take_if(|connection| !connection.is_open()) else { return };
        if old.has_heard() {
            (self.failures, self.index, self.not_before) = (0, 0, Instant::now());
        } else {
            self.index = target.after(self.index);
            self.failed(format!("{} closed the connection before it said anything", old.peer()), options);
        }
    }

    fn failed(&mut self, why: String, options: &ChannelOptions) {
        self.is_connecting = false;
        self.failures = self.failures.saturating_add(1);
        let (now, pause) = (Instant::now(), options.pause(self.failures));
        self.not_before = now.checked_add(pause).unwrap_or(now);
        log::debug!("{why}; the next attempt is in {pause:?} at the earliest");
        self.failure = why;
    }

    fn refusal(&self, target: &Target, now: Instant) -> Status {
        let Self { failure, failures, not_before, is_connecting, .. } = self;
        let next = match not_before.saturating_duration_since(now) {
            _ if *is_connecting => format!("the channel is connecting to {target}"),
            Duration::ZERO => "the next call tries again".to_owned(),
            left => format!("the next attempt is in {left:.1?} at the earliest"),
        };
        let message = match failures {
            0 => next,
            1 => format!("{failure}; {next}"),
            _ => format!("{failure} (failure {failures} in a row); {next}"),
        };
        Status::unavailable(message).did_not_run()
    }
}
