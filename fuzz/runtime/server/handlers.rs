//! What the handlers of a server do, as the bytes say it.

use std::collections::BTreeSet;

use rpcgen_runtime::pack::Packed;
use rpcgen_runtime::proto::{Half, Put, RunningCall, Streams, Taken};
use rpcgen_runtime::wire::Code;

use super::super::peer::limits;
use super::super::script::Script;
use super::Run;

/// A call that was handed to a handler.
#[derive(Debug)]
pub(super) struct Handed {
    pub(super) oneway: bool,
    pub(super) streams: Streams,
    /// Its handler runs while others are read.
    pub(super) runs: bool,
}

impl Run {
    /// A handler answers at once, or goes on elsewhere.
    pub(super) fn run(&mut self, call: RunningCall, script: &mut Script<'_>) {
        if script.byte().is_multiple_of(2) || call.streams.any() {
            self.server.detach(call);
            self.handed.entry(call.id).and_modify(|handed| handed.runs = true);
        } else if !call.oneway {
            self.answer(call.id, script);
        }
        let open = self.handed.values().filter(|handed| handed.runs && !handed.oneway).count();
        assert!(open <= limits().open_calls.into(), "{open} calls are open");
    }

    fn answer(&mut self, call: u32, script: &mut Script<'_>) {
        match script.byte() % 4 {
            0 | 1 if self.handed.get(&call).is_some_and(|call| call.streams.outgoing) => self.server.end(call),
            0 | 1 => self.server.reply(call, &mut packed(script.size())),
            2 => self.server.declared(call, &mut packed(script.size())),
            _ => self.server.fault(call, Code::NotFound, true, "there is none"),
        }
    }

    /// A handler, or who comes too late, takes items or puts some.
    pub(super) fn use_streams(&mut self, call: u32, script: &mut Script<'_>) {
        let runs = self.handed.get(&call).is_some_and(|call| call.runs);
        match script.byte() % 8 {
            0..=2 => {
                while let Taken::Items(items) = self.server.take_items(call) {
                    assert!(runs && items.count > 0 && items.count <= items.bytes.len() as u64);
                    *self.taken.entry(call).or_default() += items.bytes.len();
                }
            }
            3 => self.server.consumed(call, self.taken.remove(&call).unwrap_or_default()),
            4..=6 => {
                let size = script.size();
                let mut items = vec![0; size];
                let put = self.server.put_items(call, &mut items, 1);
                assert!(put == Put::Over || runs, "items of call {call}");
                assert_eq!(items.len(), if put == Put::Queued { 0 } else { size });
            }
            _ if runs => self.server.fail_stream(call, Code::InvalidArgument, "as asked"),
            _ => {}
        }
        self.hear_news();
    }

    /// At most one of each kind, and of calls that there are.
    pub(super) fn hear_news(&mut self) {
        let mut heard = BTreeSet::new();
        while let Some((call, half)) = self.server.poll_news() {
            assert!(self.handed.contains_key(&call), "news of call {call}");
            assert!(heard.insert((call, half == Half::Incoming)), "the same news of call {call} twice");
        }
    }

    /// A handler that went on elsewhere returns.
    pub(super) fn return_one(&mut self, script: &mut Script<'_>) {
        let running: Vec<u32> = self.handed.iter().filter(|(_, call)| call.runs).map(|(call, _)| *call).collect();
        if !running.is_empty() {
            self.returned(script.choose(&running), script);
        }
    }

    pub(super) fn returned(&mut self, call: u32, script: &mut Script<'_>) {
        let Some(handed) = self.handed.get_mut(&call) else { return };
        handed.runs = false;
        let oneway = handed.oneway;
        if self.server.finish(call) && !oneway {
            self.answer(call, script);
        }
    }
}

/// So many bytes, of odd ones some in a second piece.
fn packed(size: usize) -> Packed {
    let tail = if size % 2 == 1 { size / 2 } else { 0 };
    Packed::from([vec![0; size - tail], vec![0; tail]])
}
