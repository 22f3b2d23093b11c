//! A session's connection as it stands, under one lock, and who reads it.

use std::sync::Arc;
use std::task::Waker;

use rustc_hash::FxHashMap;

use super::report::Calls;
use crate::context::{CallState, Peer};
use crate::net::sender::Sender;
use crate::net::wakers::Wakers;
use crate::proto::{Inbox, IncomingCall, Limits, RunningCall, ServerConnection, Streams};

/// The connection, what of it is being sent, and the handlers that run.
#[derive(Debug)]
pub(super) struct Wire {
    pub(super) connection: ServerConnection,
    pub(super) sender: Sender,
    /// The reader whose handler runs, with its inbox: another may take it.
    parked: Option<Parked>,
    /// Of the handler that runs in the reader, or of the next.
    state: Arc<CallState>,
    /// Of the handlers that go on in threads that no longer read.
    detached: FxHashMap<u32, Arc<CallState>>,
    /// Those whose streams wait.
    pub(super) wakers: Wakers,
    /// The watch is to send what is queued.
    pub(super) is_late: bool,
    /// A thread waits until the peer takes what is queued.
    pub(super) has_writer: bool,
    /// Handlers that ran when the peer was told that the connection ends, and those of them whose answers nobody wanted.
    drain: Drain,
}

#[derive(Debug, Default)]
struct Drain {
    has_begun: bool,
    ran: u64,
    cancelled: u64,
}

#[derive(Debug)]
struct Parked {
    reader: u32,
    inbox: Box<Inbox>,
    call: RunningCall,
}

/// What a thread gets that takes over.
#[derive(Debug)]
pub(super) struct Taken {
    pub(super) reader: u32,
    pub(super) inbox: Box<Inbox>,
    /// The handler that goes on has a deadline.
    pub(super) is_timed: bool,
}

impl Wire {
    pub(super) fn new(peer: Arc<Peer>, limits: Limits) -> Self {
        Self {
            connection: ServerConnection::new(limits, std::time::Instant::now()),
            sender: Sender::default(),
            parked: None,
            state: Arc::new(CallState::new(peer)),
            detached: FxHashMap::default(),
            wakers: Wakers::default(),
            is_late: false,
            has_writer: false,
            drain: Drain::default(),
        }
    }

    /// Before a handler runs in a reader: leaves the inbox to who takes over.
    pub(super) fn park(&mut self, reader: u32, inbox: Box<Inbox>, call: &IncomingCall<'_>) -> Arc<CallState> {
        let IncomingCall { id, oneway, deadline, .. } = *call;
        self.parked =
            Some(Parked { reader, inbox, call: RunningCall { id, oneway, deadline, streams: Streams::default() } });
        Arc::clone(&self.state)
    }

    /// After a handler has run in a reader: gives the inbox back, if nobody took it.
    pub(super) fn unpark(&mut self, reader: u32) -> Option<Box<Inbox>> {
        let parked = self.parked.take_if(|parked| parked.reader == reader)?;
        self.state.renew();
        Some(parked.inbox)
    }

    /// Takes the inbox of a reader whose handler runs on.
    pub(super) fn take_over(&mut self) -> Option<Taken> {
        let Parked { reader, inbox, call } = self.parked.take()?;
        self.detached.insert(call.id, self.state.replace());
        self.connection.detach(call);
        Some(Taken { reader: reader.wrapping_add(1), inbox, is_timed: call.deadline.is_some() })
    }

    /// A call with streams begins: its handler gets a thread of its own.
    pub(super) fn detach(&mut self, call: &IncomingCall<'_>, streams: Streams) -> Arc<CallState> {
        let IncomingCall { id, oneway, deadline, .. } = *call;
        let state = self.state.replace();
        self.detached.insert(id, Arc::clone(&state));
        self.connection.detach(RunningCall { id, oneway, deadline, streams });
        state
    }

    /// Takes those whose streams can go on.
    pub(super) fn take_woken(&mut self) -> Vec<Waker> {
        self.wakers.take(|| self.connection.poll_news())
    }

    /// A handler has returned whose inbox was taken; whether its answer is wanted.
    pub(super) fn finish(&mut self, call: u32) -> bool {
        let state = self.detached.remove(&call);
        let is_wanted = self.connection.finish(call);
        if self.drain.has_begun && (!is_wanted || state.is_some_and(|state| state.is_cancelled())) {
            self.drain.cancelled += 1;
        }
        is_wanted
    }

    /// Counts the handlers that run, once, now that the peer was told that the connection ends.
    pub(super) fn note_drain(&mut self) {
        if !std::mem::replace(&mut self.drain.has_begun, true) {
            self.drain.ran = self.running();
        }
    }

    fn running(&self) -> u64 {
        (self.detached.len() + usize::from(self.parked.is_some())) as u64
    }

    /// What has become of the handlers that ran when the peer was told.
    pub(super) fn drained(&self) -> Calls {
        let Drain { ran, cancelled, .. } = self.drain;
        let cut = self.running().min(ran);
        Calls { finished: ran.saturating_sub(cancelled + cut), cancelled, cut }
    }

    /// Whether handlers go on in threads that no longer read.
    pub(super) fn has_detached(&self) -> bool {
        !self.detached.is_empty()
    }

    /// Whether no handler goes on, nothing waits to be sent, and the peer was not told that the connection ends.
    pub(super) fn is_idle(&self) -> bool {
        !self.has_detached() && self.connection.is_idle()
    }

    /// The handlers that are to be told that their calls were cancelled.
    pub(super) fn take_cancelled(&mut self) -> Vec<Arc<CallState>> {
        let cancelled = self.connection.take_cancelled();
        if cancelled.is_empty() {
            return Vec::new();
        }
        cancelled.iter().filter_map(|call| self.detached.get(call).cloned()).collect()
    }

    /// The peer hears no answers any more: gives the handlers whose answers were wanted.
    pub(super) fn give_up_running(&mut self) -> Vec<Arc<CallState>> {
        self.connection.give_up_running();
        self.take_cancelled()
    }

    /// All handlers that run.
    pub(super) fn all_running(&self) -> Vec<Arc<CallState>> {
        let current = self.parked.as_ref().map(|_| &self.state);
        self.detached.values().chain(current).cloned().collect()
    }
}
