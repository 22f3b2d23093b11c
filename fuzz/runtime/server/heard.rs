//! What a server says, as its peer reads it.

use std::collections::{BTreeMap, BTreeSet};

use rpcgen_runtime::proto::{Frame, Inbox, Incoming};
use rpcgen_runtime::wire::{Header, Kind};

use super::super::peer::put;
use super::handlers::Handed;

/// What a server has said.
pub(super) struct Heard {
    inbox: Inbox,
    pub(super) ended: BTreeSet<u32>,
    /// The argument of GOAWAY.
    pub(super) goodbye: Option<u32>,
}

impl Heard {
    pub(super) fn new() -> Self {
        Self { inbox: Inbox::new(65_536), ended: BTreeSet::new(), goodbye: None }
    }

    pub(super) fn hear(&mut self, bytes: &[u8], handed: &BTreeMap<u32, Handed>) {
        for piece in bytes.chunks(1000) {
            put(&mut self.inbox, piece);
            let shared = self.inbox.share();
            while let Some(incoming) = self.inbox.next_of(&shared).expect("the server keeps to the rules") {
                if let Incoming::Frame(frame) = incoming {
                    self.take(frame, handed);
                }
            }
        }
    }

    fn take(&mut self, Frame { header, payload }: Frame<'_>, handed: &BTreeMap<u32, Handed>) {
        match header.kind {
            Kind::Pong | Kind::Ping => return,
            Kind::GoAway => {
                assert!(self.goodbye.replace(header.argument).is_none(), "GOAWAY came twice");
                return;
            }
            Kind::Reply | Kind::Fault => {}
            Kind::Item | Kind::End | Kind::Credit => return self.take_of_stream(header, handed),
            other => panic!("the server sent a {other:?}"),
        }
        let call = header.call;
        assert!(handed.get(&call).is_none_or(|call| !call.oneway), "an answer to oneway call {call}");
        let did_not_run = header.kind == Kind::Fault && header.argument != 0 && payload.first() == Some(&1);
        assert!(!did_not_run || !handed.contains_key(&call), "call {call} did run");
        if header.has_more() {
            assert!(!self.ended.contains(&call), "a part of an answer to call {call}, which has ended");
        } else {
            assert!(self.ended.insert(call), "call {call} was answered twice");
        }
    }

    /// Of a call that has such a stream, and has not ended.
    fn take_of_stream(&mut self, header: Header, handed: &BTreeMap<u32, Handed>) {
        let call = header.call;
        let streams = handed.get(&call).map(|call| call.streams).unwrap_or_default();
        assert!(if header.kind == Kind::Credit { streams.incoming } else { streams.outgoing }, "{header:?}");
        assert!(!self.ended.contains(&call), "{header:?} came behind the end");
        if header.kind == Kind::End {
            self.ended.insert(call);
        }
    }
}
