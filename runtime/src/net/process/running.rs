//! A process server at work, as its program sees it.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::signals::Caught;
use super::state::State;
use super::supervisor::{Event, Supervisor, Times};
use crate::net::endpoint::Endpoint;
use crate::net::listener::Listener;
use crate::net::server::{Report, ServerError};

/// What a supervisor has not taken note of yet, at most; who has more to tell waits.
const EVENTS: usize = 64;

/// A process server at work. Dropping it does not stop the server.
#[derive(Debug)]
pub struct Running {
    endpoint: Endpoint,
    events: SyncSender<Event>,
    state: Arc<State>,
    supervisor: JoinHandle<Report>,
    /// Who hears signals, if anybody does.
    signals: Option<Caught>,
}

impl Running {
    pub(super) fn start(
        (url, listener): (String, Listener),
        count: usize,
        times: Times,
        hears_signals: bool,
    ) -> Result<Self, ServerError> {
        let (endpoint, state) = (listener.endpoint()?, Arc::new(State::new(count)));
        let (events, heard) = sync_channel(EVENTS);
        let signals = if hears_signals { Some(Caught::tell(events.clone())?) } else { None };
        let looked_after = (events.clone(), heard);
        let supervisor = Supervisor::new((url, listener), count, times, looked_after, Arc::clone(&state));
        let supervisor = thread::Builder::new().name("rpc-supervisor".into()).spawn(move || supervisor.run())?;
        Ok(Self { endpoint, events, state, supervisor, signals })
    }

    /// The address it listens on.
    ///
    /// # Errors
    ///
    /// When the system does not say.
    pub fn endpoint(&self) -> io::Result<Endpoint> {
        Ok(self.endpoint.clone())
    }

    /// The process ids of the workers that live now, but for those that are about to end.
    pub fn worker_ids(&self) -> Vec<u32> {
        self.state.ids()
    }

    /// Waits until every worker serves, for up to `patience`; whether they do. One that cannot start is tried again and
    /// again, and the log says why.
    pub fn wait_ready(&self, patience: Duration) -> bool {
        self.state.wait_ready(patience)
    }

    /// Replaces the workers one by one, as SIGHUP does: each makes room when its successor is ready, finishes what it runs, and
    /// no connection is refused. Does not wait for that. If a successor cannot be had the others go on, and the log says why.
    pub fn roll(&self) {
        self.tell(Event::Roll);
    }

    /// Waits until the server is stopped, by a signal mostly; says what became of its connections and calls.
    pub fn wait(self) -> Report {
        let report = self.supervisor.join().unwrap_or_else(|_| {
            log::error!("the thread that looks after the workers panicked");
            Report::default()
        });
        if let Some(signals) = self.signals {
            signals.close();
        }
        report
    }

    /// Stops accepting, has every worker tell its clients to make no further calls here, waits for up to `drain` until running
    /// handlers have answered, and cuts what is left. A worker that has not ended three seconds later is killed.
    pub fn shutdown(self, drain: Duration) -> Report {
        self.tell(Event::Drain(Some(drain)));
        self.wait()
    }

    fn tell(&self, event: Event) {
        if self.events.send(event).is_err() {
            log::debug!("the server has ended already");
        }
    }
}
