//! What holds for the accepting end of a connection, whatever its peer sends and whenever its handlers answer.

#![allow(dead_code, reason = "not every target uses all of it")]

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use rpcgen_runtime::Limits;
use rpcgen_runtime::proto::{
    Broken, Frame, Half, Held, Inbox, Incoming, Put, RunningCall, ServerConnection, Streams, Taken, Transmit as _,
};
use rpcgen_runtime::wire::{Code, Header, Kind, Preface};

use super::script::Script;

/// Kinds of frames; the last ones are wrong.
const KINDS: [u8; 24] = [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 6, 6, 6, 4, 5, 7, 8, 9, 10, 200, 2, 3, 0];

/// Low enough for a short run to reach them.
pub(crate) fn limits() -> Limits {
    Limits { message: 150_000, held_by_connection: 200_000, queued: 100_000, open_calls: 64, ..Limits::default() }
}

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

/// A call that was handed to a handler.
#[derive(Debug)]
struct Handed {
    oneway: bool,
    streams: Streams,
    /// Its handler runs while others are read.
    runs: bool,
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
            let Some(incoming) = self.inbox.next_of(&shared)? else { return Ok(()) };
            let had_gone = self.server.has_said_goodbye();
            let Some(call) = self.server.handle(incoming, self.now)? else { continue };
            assert!(!had_gone, "call {} was taken after GOAWAY", call.id);
            let streams = if call.oneway { Streams::default() } else { streams(script.byte()) };
            let before = self.handed.insert(call.id, Handed { oneway: call.oneway, streams, runs: false });
            assert!(before.is_none(), "call {} was handed out twice", call.id);
            assert!(call.args().len() <= limits().message);
            self.run(RunningCall { id: call.id, oneway: call.oneway, deadline: call.deadline, streams }, script);
        }
    }

    /// A handler answers at once, or goes on elsewhere.
    fn run(&mut self, call: RunningCall, script: &mut Script<'_>) {
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
            0 | 1 => self.server.reply(call, &mut vec![0; script.size()]),
            2 => self.server.declared(call, &mut vec![0; script.size()]),
            _ => self.server.fault(call, Code::NotFound, true, "there is none"),
        }
    }

    /// A handler, or who comes too late, takes items or puts some.
    fn use_streams(&mut self, call: u32, script: &mut Script<'_>) {
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
    fn hear_news(&mut self) {
        let mut heard = BTreeSet::new();
        while let Some((call, half)) = self.server.poll_news() {
            assert!(self.handed.contains_key(&call), "news of call {call}");
            assert!(heard.insert((call, half == Half::Incoming)), "the same news of call {call} twice");
        }
    }

    /// A handler that went on elsewhere returns.
    fn return_one(&mut self, script: &mut Script<'_>) {
        let running: Vec<u32> = self.handed.iter().filter(|(_, call)| call.runs).map(|(call, _)| *call).collect();
        if !running.is_empty() {
            self.returned(script.choose(&running), script);
        }
    }

    fn returned(&mut self, call: u32, script: &mut Script<'_>) {
        let Some(handed) = self.handed.get_mut(&call) else { return };
        handed.runs = false;
        let oneway = handed.oneway;
        if self.server.finish(call) && !oneway {
            self.answer(call, script);
        }
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
            self.server.poll_transmit(&mut self.lent);
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

/// What a server has said.
struct Heard {
    inbox: Inbox,
    ended: BTreeSet<u32>,
    /// The argument of GOAWAY.
    goodbye: Option<u32>,
}

impl Heard {
    fn new() -> Self {
        Self { inbox: Inbox::new(65_536), ended: BTreeSet::new(), goodbye: None }
    }

    fn hear(&mut self, bytes: &[u8], handed: &BTreeMap<u32, Handed>) {
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
}

impl Heard {
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

/// Some of the streams that there may be; most calls have none.
pub(crate) fn streams(choice: u8) -> Streams {
    Streams { incoming: choice & 5 == 5, outgoing: choice & 6 == 6 }
}

/// Puts bytes into an inbox. What was in it must have been taken, so that there is always room.
pub(crate) fn put(inbox: &mut Inbox, bytes: &[u8]) {
    let mut rest = bytes;
    while !rest.is_empty() {
        let space = inbox.space();
        let count = space.len().min(rest.len());
        space[..count].copy_from_slice(&rest[..count]);
        inbox.filled(count);
        rest = &rest[count..];
    }
}

/// A frame, right or wrong. `last` is the highest call that was begun.
pub(crate) fn frame(script: &mut Script<'_>, kinds: &[u8], last: &mut u32) -> Vec<u8> {
    let number = script.choose(kinds);
    let choice = script.byte();
    let kind = Kind::from_number(number).unwrap_or(Kind::Call);
    let call = match (kind, choice & 3) {
        (Kind::Ping | Kind::Pong | Kind::GoAway, _) => 0,
        (Kind::Call, 0 | 1) => last.saturating_add(1),
        (_, 0..=2) => script.byte().into(),
        _ => script.number(),
    };
    let argument = match kind {
        Kind::Reply | Kind::End | Kind::Cancel if choice & 4 == 0 => 0,
        Kind::Item if choice & 4 == 0 => 1,
        _ => script.number(),
    };
    let has_extension = matches!(kind, Kind::Call | Kind::Reply | Kind::Fault) || choice & 8 != 0;
    let mut payload = if has_extension { extension(script, choice >> 6) } else { Vec::new() };
    let extension = u16::try_from(payload.len()).unwrap_or(u16::MAX);
    payload.extend(content(script, kind));
    let length = u32::try_from(payload.len()).unwrap_or(u32::MAX);
    let flags = match script.byte() {
        flags @ 0..=3 => flags,
        0xff => script.byte(),
        other => {
            if other & 0x40 == 0 {
                0
            } else {
                other & 1
            }
        }
    };
    let mut head = Header { length, kind, flags, extension, call, argument }.encode();
    if choice == 0xff {
        // Anything may be wrong with it.
        head[usize::from(script.byte() % 16)] = script.byte();
    }
    head[4] = if choice == 0xfe { script.byte() } else { number };
    if kind == Kind::Call && call < 1 << 31 {
        *last = (*last).max(call);
    }
    [&head[..], &payload].concat()
}

fn extension(script: &mut Script<'_>, choice: u8) -> Vec<u8> {
    match choice {
        0 => {
            let micros = u64::from(script.number()) * 1000;
            [&[1, 0, 0, 8], &micros.to_be_bytes()[..]].concat()
        }
        1 if script.byte() > 0x80 => {
            let size = script.byte();
            script.bytes(size.into()).to_vec()
        }
        _ => Vec::new(),
    }
}

/// Bytes of which the first are arbitrary.
fn content(script: &mut Script<'_>, kind: Kind) -> Vec<u8> {
    match kind {
        Kind::Cancel | Kind::End | Kind::Credit => return Vec::new(),
        Kind::Ping | Kind::Pong => return vec![7; usize::from(script.byte()) & 63],
        _ => {}
    }
    let size = script.size();
    let mut content = vec![0; size];
    let given = script.bytes(size.min(12));
    content[..given.len()].copy_from_slice(given);
    content
}
