//! The streams of a connection's calls, and the news of them.

use std::collections::VecDeque;

use rustc_hash::FxHashMap;

use super::incoming::Incoming;
use super::outgoing::Outgoing;
use super::{Half, Streams};
use crate::proto::assembly::Assembly;
use crate::proto::holding::Holding;

/// The streams of a connection's calls.
#[derive(Debug, Default)]
pub(in crate::proto) struct Table {
    calls: FxHashMap<u32, Entry>,
    /// ITEM messages of which not all parts have come.
    pub(super) parts: Assembly,
    /// What is to be told; at most once a call and half.
    news: VecDeque<(u32, Half)>,
    /// Calls that wait until less waits to be sent, and some that are over.
    crowd: VecDeque<u32>,
}

#[derive(Debug, Default)]
struct Entry {
    incoming: Option<Incoming>,
    outgoing: Option<Outgoing>,
    /// The call has ended; what came before may still be taken.
    is_over: bool,
}

impl Table {
    /// How many calls there are that have streams.
    pub(in crate::proto) fn len(&self) -> usize {
        self.calls.len()
    }

    pub(in crate::proto) fn is_empty(&self) -> bool {
        self.calls.is_empty()
    }

    /// Whether this is a call with streams that has not ended.
    pub(in crate::proto) fn is_live(&self, call: u32) -> bool {
        self.calls.get(&call).is_some_and(|entry| !entry.is_over)
    }

    /// Whether items come with this call.
    pub(in crate::proto) fn has_incoming(&self, call: u32) -> bool {
        self.calls.get(&call).is_some_and(|entry| entry.incoming.is_some())
    }

    /// Whether only a part has come of an item of this call.
    pub(in crate::proto) fn has_parts(&self, call: u32) -> bool {
        self.parts.has(call)
    }

    /// The calls of which more items may come.
    pub(in crate::proto) fn awaited(&self) -> Vec<u32> {
        let awaited =
            self.calls.iter().filter(|(_, entry)| entry.incoming.as_ref().is_some_and(|half| !half.has_ended));
        awaited.map(|(call, _)| *call).collect()
    }

    /// A call begins; the peer takes `window` bytes of its items.
    pub(super) fn begin(&mut self, call: u32, streams: Streams, window: u32) {
        let incoming = streams.incoming.then(Incoming::default);
        let outgoing = streams.outgoing.then(|| Outgoing::new(window));
        self.calls.insert(call, Entry { incoming, outgoing, is_over: false });
    }

    pub(super) fn incoming(&mut self, call: u32) -> Option<&mut Incoming> {
        self.calls.get_mut(&call)?.incoming.as_mut()
    }

    /// Whether there is something to take, or never will be.
    pub(super) fn may_take(&self, call: u32) -> bool {
        let Some(entry) = self.calls.get(&call) else { return false };
        entry.incoming.as_ref().is_some_and(|incoming| entry.is_over || incoming.may_take())
    }

    pub(super) fn is_over(&self, call: u32) -> bool {
        self.calls.get(&call).is_none_or(|entry| entry.is_over)
    }

    pub(super) fn outgoing(&mut self, call: u32) -> Option<&mut Outgoing> {
        self.calls.get_mut(&call)?.outgoing.as_mut()
    }

    /// The peer's window turns out larger by so many bytes.
    pub(super) fn widen(&mut self, bytes: u32) {
        let calls: Vec<_> = self.calls.keys().copied().collect();
        for call in calls {
            if self.outgoing(call).and_then(|outgoing| outgoing.credit(bytes)) == Some(true) {
                self.tell(call, Half::Outgoing);
            }
        }
    }

    /// Notes that there is news of a stream.
    pub(super) fn tell(&mut self, call: u32, half: Half) {
        let Some(entry) = self.calls.get_mut(&call) else { return };
        let has_news = match half {
            Half::Incoming => entry.incoming.as_mut().map(|incoming| &mut incoming.has_news),
            Half::Outgoing => entry.outgoing.as_mut().map(|outgoing| &mut outgoing.has_news),
        };
        if has_news.is_some_and(|has_news| !std::mem::replace(has_news, true)) {
            self.news.push_back((call, half));
        }
    }

    /// Notes that a call waits for room.
    pub(super) fn want_room(&mut self, call: u32) {
        let Some(outgoing) = self.outgoing(call) else { return };
        if !std::mem::replace(&mut outgoing.wants_room, true) {
            self.crowd.push_back(call);
        }
    }

    /// Takes news; if there is room, those that wait for it are told too.
    pub(super) fn poll_news(&mut self, has_room: bool) -> Option<(u32, Half)> {
        while has_room && let Some(call) = self.crowd.pop_front() {
            if let Some(outgoing) = self.outgoing(call) {
                outgoing.wants_room = false;
                self.tell(call, Half::Outgoing);
            }
        }
        let (call, half) = self.news.pop_front()?;
        match half {
            Half::Incoming => self.incoming(call).into_iter().for_each(|incoming| incoming.has_news = false),
            Half::Outgoing => self.outgoing(call).into_iter().for_each(|outgoing| outgoing.has_news = false),
        }
        Some((call, half))
    }

    /// A call has ended. What came of its items may be taken until it is forgotten.
    pub(in crate::proto) fn end(&mut self, call: u32, holding: &mut Holding) {
        let Some(entry) = self.calls.get_mut(&call).filter(|entry| !entry.is_over) else { return };
        entry.is_over = true;
        self.parts.forget(call, holding);
        self.tell(call, Half::Incoming);
        self.tell(call, Half::Outgoing);
        let Some(entry) = self.calls.get_mut(&call) else { return };
        entry.outgoing = None;
        if entry.incoming.is_none() {
            self.calls.remove(&call);
            // Who has sent items waits for the answer.
            self.news.push_back((call, Half::Incoming));
        }
    }

    /// Forgets a call and all that came of its items.
    pub(in crate::proto) fn forget(&mut self, call: u32, holding: &mut Holding) {
        if self.is_empty() {
            return;
        }
        self.end(call, holding);
        if let Some(Entry { incoming: Some(incoming), .. }) = self.calls.remove(&call) {
            holding.release(incoming.bytes());
        }
    }

    /// All the calls.
    pub(in crate::proto) fn calls(&self) -> Vec<u32> {
        self.calls.keys().copied().collect()
    }
}
