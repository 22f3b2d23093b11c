//! A session's connection as it stands, under one lock, and who reads it.

use std::io;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::report::Calls;
use crate::context::{CallState, Peer};
use crate::net::sender::{Outlet, Sender};
use crate::net::wakers::Wakers;
use crate::proto::{Inbox, IncomingCall, Limits, RunningCall, ServerConnection, Streams, Transmit as _};

/// The connection, what of it is being sent, and the handlers that run.
#[derive(Debug)]
pub(in crate::net) struct Wire {
    pub(in crate::net) connection: ServerConnection,
    sender: Sender,
    /// The reader whose handler runs, with its inbox: another may take it.
    parked: Option<Parked>,
    /// The call whose handler runs in the reader.
    current: Option<RunningCall>,
    /// Of the handler that runs in the reader, or of the next.
    pub(super) state: Arc<CallState>,
    /// Of the handlers that go on beside the reading.
    pub(super) detached: FxHashMap<u32, Arc<CallState>>,
    /// Of handlers that have returned before they were told that their calls were cancelled.
    untold: Vec<Arc<CallState>>,
    /// Those whose streams wait.
    pub(in crate::net) wakers: Wakers,
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
}

/// What a thread gets that takes over.
#[derive(Debug)]
pub(in crate::net) struct Taken {
    pub(in crate::net) reader: u32,
    pub(in crate::net) inbox: Box<Inbox>,
    /// The handler that goes on has a deadline.
    pub(in crate::net) is_timed: bool,
}

impl Wire {
    pub(in crate::net) fn new(peer: Arc<Peer>, limits: Limits) -> Self {
        Self {
            connection: ServerConnection::new(limits, std::time::Instant::now()),
            sender: Sender::default(),
            parked: None,
            current: None,
            state: Arc::new(CallState::new(peer)),
            detached: FxHashMap::default(),
            untold: Vec::new(),
            wakers: Wakers::default(),
            is_late: false,
            has_writer: false,
            drain: Drain::default(),
        }
    }

    /// Sends what the outlet takes now.
    pub(in crate::net) fn flush(&mut self, outlet: &impl Outlet) -> io::Result<()> {
        let Self { connection, sender, .. } = self;
        while sender.fill(connection) {
            match sender.send(outlet) {
                Ok(count) => connection.transmitted(count),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                // What it sent before it went may hold oneway calls: its answers are dropped, but those are not.
                Err(error) if has_gone(&error) => connection.transmitted(sender.drop_rest()),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Before a handler runs in a reader: leaves the inbox to who takes over.
    pub(super) fn park(&mut self, reader: u32, inbox: Box<Inbox>, call: &IncomingCall<'_>) -> Arc<CallState> {
        self.parked = Some(Parked { reader, inbox });
        self.begin(call)
    }

    /// After a handler has run in a reader: gives the inbox back, if nobody took it.
    pub(super) fn unpark(&mut self, reader: u32) -> Option<Box<Inbox>> {
        let parked = self.parked.take_if(|parked| parked.reader == reader)?;
        self.end();
        Some(parked.inbox)
    }

    /// Takes the inbox of a reader whose handler runs on.
    pub(super) fn take_over(&mut self) -> Option<Taken> {
        let Parked { reader, inbox } = self.parked.take()?;
        let call = self.detach()?;
        Some(Taken { reader: reader.wrapping_add(1), inbox, is_timed: call.deadline.is_some() })
    }

    /// Before a handler runs where its call was read.
    pub(in crate::net) fn begin(&mut self, call: &IncomingCall<'_>) -> Arc<CallState> {
        let IncomingCall { id, oneway, deadline, .. } = *call;
        self.current = Some(RunningCall { id, oneway, deadline, streams: Streams::default() });
        Arc::clone(&self.state)
    }

    /// A handler has returned that ran where its call was read.
    pub(in crate::net) fn end(&mut self) {
        self.current = None;
        self.state.renew();
    }

    /// The handler that runs where its call was read goes on beside the reading.
    pub(in crate::net) fn detach(&mut self) -> Option<RunningCall> {
        let call = self.current.take()?;
        self.detached.insert(call.id, self.state.replace());
        self.connection.detach(call);
        Some(call)
    }

    /// A handler has returned that went on beside the reading; whether its answer is wanted.
    pub(in crate::net) fn finish(&mut self, call: u32) -> bool {
        let state = self.detached.remove(&call);
        let is_wanted = self.connection.finish(call);
        if self.drain.has_begun && (!is_wanted || state.as_ref().is_some_and(|state| state.is_cancelled())) {
            self.drain.cancelled += 1;
        }
        // It heard so from its streams, before its context was told. Its hooks run all the same.
        self.untold.extend(state.filter(|state| !is_wanted && !state.is_cancelled()));
        is_wanted
    }

    /// Counts the handlers that run, once, now that the peer was told that the connection ends.
    pub(in crate::net) fn note_drain(&mut self) {
        if !std::mem::replace(&mut self.drain.has_begun, true) {
            self.drain.ran = self.running();
        }
    }

    fn running(&self) -> u64 {
        (self.detached.len() + usize::from(self.current.is_some())) as u64
    }

    /// What has become of the handlers that ran when the peer was told.
    pub(in crate::net) fn drained(&self) -> Calls {
        let Drain { ran, cancelled, .. } = self.drain;
        let cut = self.running().min(ran);
        Calls { finished: ran.saturating_sub(cancelled + cut), cancelled, cut }
    }

    /// Whether handlers go on beside the reading.
    pub(in crate::net) fn has_detached(&self) -> bool {
        !self.detached.is_empty()
    }

    /// Whether the handler of this call goes on beside the reading.
    #[cfg(feature = "tokio")]
    pub(in crate::net) fn is_detached(&self, call: u32) -> bool {
        self.detached.contains_key(&call)
    }

    /// Whether no handler runs, nothing waits to be sent, and the peer was not told that the connection ends.
    pub(in crate::net) fn is_idle(&self) -> bool {
        self.running() == 0 && self.connection.is_idle()
    }

    /// Whether the peer was told that the connection ends, and has been sent all its answers.
    pub(in crate::net) fn has_told_all(&self) -> bool {
        self.connection.has_said_goodbye() && self.running() == 0 && self.connection.queued() == 0
    }

    /// Gives back memory while nothing is sent, where more than `kept` bytes are there for it.
    #[cfg(feature = "tokio")]
    pub(in crate::net) fn rest(&mut self, kept: usize) {
        self.sender.rest(&mut self.connection, kept);
    }

    /// The handlers that are to be told that their calls were cancelled.
    pub(in crate::net) fn take_cancelled(&mut self) -> Vec<Arc<CallState>> {
        let cancelled = self.connection.take_cancelled();
        if cancelled.is_empty() && self.untold.is_empty() {
            return Vec::new();
        }
        let running = cancelled.iter().filter_map(|call| self.detached.get(call).cloned());
        self.untold.drain(..).chain(running).collect()
    }

    /// The peer hears no answers any more: gives the handlers whose answers were wanted.
    pub(in crate::net) fn give_up_running(&mut self) -> Vec<Arc<CallState>> {
        self.connection.give_up_running();
        self.take_cancelled()
    }

    /// All handlers that run.
    pub(in crate::net) fn all_running(&self) -> Vec<Arc<CallState>> {
        let current = self.current.map(|_| &self.state);
        self.detached.values().chain(current).cloned().collect()
    }
}

/// Whether a peer takes no answers any more.
fn has_gone(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset)
}
