//! Calls whose handlers run while others are read.

use std::time::Instant;

use rustc_hash::FxHashMap;

use super::streams::Streams;
use crate::wire::Code;

/// What is kept of a call while its handler runs elsewhere.
#[derive(Debug, Clone, Copy)]
pub struct RunningCall {
    /// Its number.
    pub id: u32,
    /// Whether no answer is owed.
    pub oneway: bool,
    /// When the caller stops waiting.
    pub deadline: Option<Instant>,
    /// Its streams.
    pub streams: Streams,
}

/// The calls of a connection whose handlers run elsewhere.
#[derive(Debug, Default)]
pub(super) struct Running {
    calls: FxHashMap<u32, State>,
    /// How many of them owe an answer: the oneway ones do not count as open.
    open: usize,
    /// Those that were cancelled, and whose handlers were not told.
    cancelled: Vec<u32>,
}

#[derive(Debug)]
struct State {
    call: RunningCall,
    /// It was cancelled: what its handler answers is dropped.
    is_cancelled: bool,
}

impl Running {
    /// How many calls count as open.
    pub(super) fn open(&self) -> usize {
        self.open
    }

    /// How many there are, with the oneway ones.
    pub(super) fn len(&self) -> usize {
        self.calls.len()
    }

    pub(super) fn begin(&mut self, call: RunningCall) {
        self.open += usize::from(!call.oneway);
        self.calls.insert(call.id, State { call, is_cancelled: false });
    }

    /// The handler of a call has returned; whether its answer is wanted.
    pub(super) fn finish(&mut self, call: u32) -> bool {
        let Some(State { call, is_cancelled }) = self.calls.remove(&call) else { return true };
        self.open -= usize::from(!call.oneway);
        !is_cancelled
    }

    /// The caller does not want a call any more; whether that is to be answered.
    pub(super) fn cancel(&mut self, call: u32) -> bool {
        let Some(state) = self.calls.get_mut(&call).filter(|state| !state.call.oneway) else { return false };
        self.cancelled.extend((!state.is_cancelled).then_some(call));
        !std::mem::replace(&mut state.is_cancelled, true)
    }

    /// Cancels every call, but for oneway ones.
    fn cancel_all(&mut self) {
        let calls: Vec<_> = self.calls.keys().copied().collect();
        for call in calls {
            self.cancel(call);
        }
    }

    /// Cancels a call whose time is over; gives its number, and whether an answer is owed.
    pub(super) fn expire(&mut self, now: Instant) -> Option<RunningCall> {
        let is_over = |state: &&mut State| !state.is_cancelled && state.call.deadline.is_some_and(|until| until <= now);
        let state = self.calls.values_mut().find(is_over)?;
        state.is_cancelled = true;
        self.cancelled.push(state.call.id);
        Some(state.call)
    }

    /// When the time of the first call is over that was not cancelled.
    pub(super) fn next_deadline(&self) -> Option<Instant> {
        let wanted = self.calls.values().filter(|state| !state.is_cancelled);
        wanted.filter_map(|state| state.call.deadline).min()
    }

    /// Takes the calls that were cancelled since this was last asked.
    pub(super) fn take_cancelled(&mut self) -> Vec<u32> {
        std::mem::take(&mut self.cancelled)
    }
}

impl super::ServerConnection {
    /// Notes that the handler of a call goes on elsewhere, while further calls are handled: it counts as open until
    /// [`finish`](Self::finish), and may be cancelled meanwhile. To be said of each call with streams, before anything else is
    /// handled.
    pub fn detach(&mut self, call: RunningCall) {
        self.running.begin(call);
        if !call.oneway {
            self.link.begin_streams(call.id, call.streams);
        }
    }

    /// Notes that the handler of a call has returned: its streams are over, but for items that wait to be sent. Whether it is
    /// still to be answered: not if it was cancelled, which was answered already.
    pub fn finish(&mut self, call: u32) -> bool {
        self.link.forget_streams(call);
        self.running.finish(call)
    }

    /// The calls that were cancelled since this was last asked: their handlers are to be told.
    pub fn take_cancelled(&mut self) -> Vec<u32> {
        self.running.take_cancelled()
    }

    /// Asks the peer for a sign of life.
    pub fn ping(&mut self) {
        self.link.ping();
    }

    /// Notes that nobody hears answers any more: all streams are over. Oneway calls go on.
    pub fn give_up_running(&mut self) {
        self.running.cancel_all();
        for call in self.link.streams.calls() {
            self.stop(call);
        }
    }

    /// When the next call is to be cancelled since its time is over though its handler runs.
    pub fn next_deadline(&self) -> Option<Instant> {
        self.running.next_deadline()
    }

    /// Cancels the calls whose time is over though their handlers run.
    pub fn expire(&mut self, now: Instant) {
        while let Some(call) = self.running.expire(now) {
            if !call.oneway {
                self.stop(call.id);
                self.fault(
                    call.id,
                    Code::DeadlineExceeded,
                    true,
                    "the time for the call was over before it was answered",
                );
            }
        }
    }
}
