//! What holds for the accepting end of a connection, whatever its peer sends and whenever its handlers answer.

mod handlers;
mod heard;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use rpcgen_runtime::proto::{Broken, Held, Inbox, Outgoing, RunningCall, ServerConnection, Streams, Transmit as _};
use rpcgen_runtime::wire::Preface;

use super::peer::{frame, limits, put, streams};
use super::script::Script;
use handlers::Handed;
use heard::Heard;

/// Kinds of frames; the last ones are wrong.
const KINDS: [u8; 24] = [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 6, 6, 6, 4, 5, 7, 8, 9, 10, 200, 2, 3, 0];

/// Drives a server by what the bytes say.
pub(crate) fn server(bytes: &[u8]) {
    let mut script = Script::new(bytes);
    let mut run = Run::new();
    while !script.is_over() {
        if let Err(broken) = run.step(&mut script) {
            return run.break_off(&broken);
        }
    }
    run.finish();
}

struct Run {
    server: ServerConnection,
    inbox: Inbox,
    now: Instant,
    /// The highest call that was begun.
    last: u32,
    handed: BTreeMap<u32, Handed>,
    /// What the server says, as its peer reads it.
    heard: Heard,
    /// What was handed out and is not sent yet.
    lent: Vec<u8>,
    /// Bytes of items that were taken, by call.
    taken: BTreeMap<u32, usize>,
}

impl Run {
    fn new() -> Self {
        let now = Instant::now();
        let mut inbox = Inbox::new(limits().frame);
        put(&mut inbox, &Preface { calls: 64, frame: 65_536, window: 16_384 }.encode());
        let server = ServerConnection::new(limits(), now);
        let (handed, heard) = (BTreeMap::new(), Heard::new());
        Self { server, inbox, now, last: 0, handed, heard, lent: Vec::new(), taken: BTreeMap::new() }
    }

    fn step(&mut self, script: &mut Script<'_>) -> Result<(), Broken> {
        match script.byte() % 16 {
            0..=7 => {
                let frame = frame(script, &KINDS, &mut self.last);
                self.receive(&frame, script)
            }
            8 => {
                let noise = script.size().min(40);
                self.receive(script.bytes(noise), script)
            }
            9 | 10 => self.pass(script),
            11 | 12 => {
                self.return_one(script);
                Ok(())
            }
            13 | 14 => {
                self.transmit(script.size());
                Ok(())
            }
            _ => {
                match script.byte() {
                    0xe1.. => self.server.go_away("as asked"),
                    call => self.use_streams(call.into(), script),
                }
                Ok(())
            }
        }
    }

    /// Bytes arrive, in pieces.
    fn receive(&mut self, bytes: &[u8], script: &mut Script<'_>) -> Result<(), Broken> {
        let mut rest = bytes;
        while !rest.is_empty() {
            let cut = script.choose(&[usize::MAX, usize::MAX, usize::MAX, 1, 15, 16, 17, 1000]);
            let (these, after) = rest.split_at(cut.min(rest.len()));
            put(&mut self.inbox, these);
            self.server.received();
            self.take_all(script)?;
            rest = after;
        }
        Ok(())
    }

    /// As a reader does: no call is taken while too much waits to be sent.
    fn take_all(&mut self, script: &mut Script<'_>) -> Result<(), Broken> {
        loop {
            if self.server.is_congested() && self.inbox.holds_call() {
                self.transmit(usize::MAX);
            }
            let shared = self.inbox.share();
            let Some(incoming) = self.inbox.next_of(&shared)? else { break };
            let had_gone = self.server.has_said_goodbye();
            let Some(call) = self.server.handle(incoming, self.now)? else { continue };
            assert!(!had_gone, "call {} was taken after GOAWAY", call.id);
            let streams = if call.oneway { Streams::default() } else { streams(script.byte()) };
            let before = self.handed.insert(call.id, Handed { oneway: call.oneway, streams, runs: false });
            assert!(before.is_none(), "call {} was handed out twice", call.id);
            assert!(call.args().len() <= limits().message);
            self.run(RunningCall { id: call.id, oneway: call.oneway, deadline: call.deadline, streams }, script);
        }
        self.server.place(&mut self.inbox);
        Ok(())
    }

    /// Time passes.
    fn pass(&mut self, script: &mut Script<'_>) -> Result<(), Broken> {
        let is_mid_frame = self.inbox.is_mid_frame();
        let until = self.server.poll_timeout(is_mid_frame, self.now);
        assert!(until.is_none() || !self.server.is_quiet(is_mid_frame), "a wait without an end would miss a time");
        self.now += Duration::from_millis(script.choose(&[0, 1, 10, 100, 1000, 9_000, 31_000]));
        self.server.expire(self.now);
        let cancelled = self.server.take_cancelled();
        assert!(cancelled.iter().all(|call| self.handed.contains_key(call)), "{cancelled:?}");
        self.server.handle_timeout(self.now)
    }

    /// The transport takes some of what there is to send.
    fn transmit(&mut self, most: usize) {
        if self.lent.is_empty() {
            let mut outgoing = Outgoing::default();
            self.server.poll_transmit(&mut outgoing);
            self.lent = outgoing.to_vec();
        }
        let count = most.min(self.lent.len());
        self.heard.hear(&self.lent[..count], &self.handed);
        self.lent.drain(..count);
        self.server.transmitted(count);
        if most == usize::MAX && self.server.queued() > 0 {
            self.transmit(most);
        }
    }

    /// The peer broke a rule: it is told, if it is no stranger, and nothing comes after that.
    fn break_off(mut self, why: &Broken) {
        self.server.close(why);
        self.transmit(usize::MAX);
        assert!(!why.tell || self.heard.goodbye.is_some(), "{why:?} was not told");
    }

    /// The peer makes no more calls, all handlers return, and all is sent: each call was answered, and nothing is held.
    fn finish(mut self) {
        self.server.end_of_calls();
        let running: Vec<u32> = self.handed.iter().filter(|(_, call)| call.runs).map(|(call, _)| *call).collect();
        for call in running {
            self.returned(call, &mut Script::new(&[]));
        }
        self.transmit(usize::MAX);
        self.hear_news();
        let owed = self.handed.iter().find(|(call, handed)| !handed.oneway && !self.heard.ended.contains(call));
        assert!(owed.is_none(), "{owed:?} got no answer");
        let held = self.server.held();
        assert_eq!(held, Held { refused: held.refused, ..Held::default() });
        assert!(held.refused <= limits().open_calls.into(), "{held:?}");
    }
}
