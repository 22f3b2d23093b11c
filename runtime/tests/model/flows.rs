//! The model of streams: items, told apart by what is in them, come whole, in order, and up to the end.

use std::collections::{BTreeMap, VecDeque};

use rpcgen_runtime::proto::{CallId, ClientConnection, Half, Items, Put, ServerConnection, Streams, Taken};

use super::calls::Tag;
use super::pair::limits;

/// Which way items go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Way {
    ToServer,
    ToClient,
}

/// What both ends do alike.
pub(crate) trait End {
    fn take_items(&mut self, call: CallId) -> Taken;
    fn consumed(&mut self, call: CallId, bytes: usize);
    fn put_items(&mut self, call: CallId, items: &mut Vec<u8>, count: u32) -> Put;
    fn poll_news(&mut self) -> Option<(CallId, Half)>;
}

macro_rules! end {
    ($($end:ty),*) => {$(
        impl End for $end {
            fn take_items(&mut self, call: CallId) -> Taken {
                self.take_items(call)
            }
            fn consumed(&mut self, call: CallId, bytes: usize) {
                self.consumed(call, bytes);
            }
            fn put_items(&mut self, call: CallId, items: &mut Vec<u8>, count: u32) -> Put {
                self.put_items(call, items, count)
            }
            fn poll_news(&mut self) -> Option<(CallId, Half)> {
                self.poll_news()
            }
        }
    )*};
}

end!(ClientConnection<Tag>, ServerConnection);

/// One direction of a call's items, as both ends see it.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
struct Flow {
    /// Sizes of the items that are still to be put.
    wanted: VecDeque<usize>,
    /// Items, and bytes, that were put.
    put: u32,
    put_bytes: usize,
    /// The last put found no room, and no news has come since.
    is_full: bool,
    /// No more items will be put.
    is_closed: bool,
    /// There was news, and not all was taken.
    is_readable: bool,
    taken: u32,
    consumed_bytes: usize,
    unconsumed: usize,
    /// The taker has seen the end, or that the call is over.
    is_done: bool,
    has_seen_end: bool,
}

/// The streams of all calls.
#[derive(Debug, Default)]
pub(crate) struct Flows {
    all: BTreeMap<(CallId, Way), Flow>,
    /// Bytes of all items that were to be put, and whether one was longer than may be.
    bytes: BTreeMap<Way, usize>,
    pub(crate) has_too_long: bool,
}

impl Flows {
    /// A call is open; its streams as its caller sees them.
    pub(crate) fn begin(&mut self, call: CallId, streams: Streams) {
        for (_, way) in
            [(streams.outgoing, Way::ToServer), (streams.incoming, Way::ToClient)].iter().filter(|has| has.0)
        {
            assert!(self.all.insert((call, *way), Flow::default()).is_none());
        }
    }

    /// Bytes of items that may be held at the end where they come.
    pub(crate) fn bytes(&self, way: Way) -> usize {
        self.bytes.get(&way).copied().unwrap_or_default()
    }

    /// Further items are to be put.
    pub(crate) fn want(&mut self, end: &mut impl End, call: CallId, way: Way, count: usize, size: usize) {
        let Some(flow) = self.all.get_mut(&(call, way)).filter(|flow| !flow.is_closed) else { return };
        flow.wanted.extend(std::iter::repeat_n(size + 8, count));
        *self.bytes.entry(way).or_default() += (size + 8) * count;
        self.has_too_long |= size + 8 > limits().message;
        flow.pump(end, call);
    }

    /// Nothing more is to be put; whether that is new.
    pub(crate) fn close(&mut self, call: CallId, way: Way) -> bool {
        let Some(flow) = self.all.get_mut(&(call, way)) else { return false };
        flow.wanted.clear();
        !std::mem::replace(&mut flow.is_closed, true)
    }

    /// Whether all that was to be put was.
    pub(crate) fn is_put(&self, call: CallId, way: Way) -> bool {
        self.all.get(&(call, way)).is_none_or(|flow| flow.wanted.is_empty())
    }

    /// Whether all was taken, up to the end.
    pub(crate) fn is_done(&self, call: CallId, way: Way) -> bool {
        self.all.get(&(call, way)).is_none_or(|flow| flow.is_done)
    }

    /// Takes items, all or the next ones; whether there were any.
    pub(crate) fn take(&mut self, end: &mut impl End, call: CallId, way: Way, all: bool) -> bool {
        let Some(flow) = self.all.get_mut(&(call, way)).filter(|flow| flow.is_readable) else { return false };
        let before = flow.taken;
        while flow.is_readable && (all || flow.taken == before) {
            flow.take(end, call);
        }
        flow.taken > before
    }

    /// All that was taken is done with.
    pub(crate) fn consume(&mut self, end: &mut impl End, call: CallId, way: Way) {
        if let Some(flow) = self.all.get_mut(&(call, way)) {
            let bytes = std::mem::take(&mut flow.unconsumed);
            flow.consumed_bytes += bytes;
            end.consumed(call, bytes);
        }
    }

    /// What an end has to tell; items come to it this way.
    pub(crate) fn hear(&mut self, end: &mut impl End, comes: Way) {
        let goes = if comes == Way::ToServer { Way::ToClient } else { Way::ToServer };
        let mut last = None;
        while let Some((call, half)) = end.poll_news() {
            assert_ne!(last.replace((call, half)), last, "the same news twice");
            let way = if half == Half::Incoming { comes } else { goes };
            // Of a call that only sends items, the end is told so.
            let Some(flow) = self.all.get_mut(&(call, way)) else { continue };
            match half {
                Half::Incoming => flow.is_readable = true,
                Half::Outgoing => {
                    flow.is_full = false;
                    flow.pump(end, call);
                }
            }
        }
    }

    /// Calls with items this way.
    pub(crate) fn calls(&self, way: Way) -> Vec<CallId> {
        self.all.keys().filter(|(_, of)| *of == way).map(|(call, _)| *call).collect()
    }

    /// A call of which nobody lost interest came to its good end: so did all that was put.
    pub(crate) fn check(&self, call: CallId, way: Way) {
        let Some(flow) = self.all.get(&(call, way)) else { return };
        assert!(flow.has_seen_end && flow.taken == flow.put, "call {call} lost items: {flow:?}");
    }
}

impl Flow {
    fn pump(&mut self, end: &mut impl End, call: CallId) {
        while !self.is_full
            && let Some(size) = self.wanted.front().copied()
        {
            let mut item = self.put.to_be_bytes().to_vec();
            item.extend(u32::try_from(size).expect("short").to_be_bytes());
            item.resize(size, item[3]);
            match end.put_items(call, &mut item, 1) {
                Put::Queued => {
                    assert!(item.is_empty());
                    self.queued(size);
                }
                Put::Full => self.is_full = true,
                Put::Over => self.wanted.clear(),
            }
        }
    }

    /// R37: what is under way, or not consumed, is less than the window when another item begins.
    fn queued(&mut self, size: usize) {
        let window = limits().stream_window as usize;
        assert!(self.put_bytes - self.consumed_bytes < window, "too much is under way: {self:?}");
        self.wanted.pop_front();
        self.put += 1;
        self.put_bytes += size;
    }

    fn take(&mut self, end: &mut impl End, call: CallId) {
        match end.take_items(call) {
            Taken::Items(items) => self.came(&items),
            Taken::Nothing => self.is_readable = false,
            Taken::End => {
                assert!(self.is_closed && self.taken == self.put, "the end came early: {self:?}");
                (self.is_readable, self.is_done, self.has_seen_end) = (false, true, true);
            }
            Taken::Over => (self.is_readable, self.is_done) = (false, true),
        }
    }

    /// Items are whole, and in order.
    fn came(&mut self, items: &Items) {
        assert!(!self.is_done, "items behind the end");
        let (mut rest, mut count) = (&items.bytes[..], 0);
        while let Some((number, after)) = rest.split_first_chunk() {
            let size = u32::from_be_bytes(*after.first_chunk().expect("a size")) as usize;
            assert_eq!(u32::from_be_bytes(*number), self.taken);
            assert!(rest[8..size].iter().all(|byte| *byte == number[3]));
            rest = &rest[size..];
            (self.taken, count) = (self.taken + 1, count + 1);
        }
        assert_eq!((rest.len(), count), (0, items.count));
        self.unconsumed += items.bytes.len();
    }
}
