//! What holds for the connecting end of a connection, whatever its peer sends.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use rpcgen_runtime::proto::{
    Broken, CallId, ClientConnection, Half, Inbox, Incoming, OpenError, Outgoing, Put, Taken, Transmit as _,
};
use rpcgen_runtime::wire::{Kind, Preface};

use super::peer::{frame, limits, put, streams};
use super::script::Script;

/// Kinds of frames; the last ones are wrong.
const KINDS: [u8; 24] = [2, 2, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 8, 9, 10, 10, 200, 4, 5, 7, 1, 6, 0];

/// Drives a client by what the bytes say.
pub(crate) fn client(bytes: &[u8]) {
    let mut script = Script::new(bytes);
    let mut run = Run::new(script.byte());
    while !script.is_over() {
        if let Err(broken) = run.step(&mut script) {
            run.client.close(&broken);
            break;
        }
    }
    run.finish();
}

struct Run {
    client: ClientConnection<u32>,
    inbox: Inbox,
    now: Instant,
    /// Tags by call, of all that were opened and are not oneway.
    opened: BTreeMap<CallId, u32>,
    cancelled: BTreeSet<u32>,
    ended: BTreeSet<u32>,
    next_tag: u32,
    /// What the client says, as its peer reads it.
    heard: Heard,
    /// What was handed out and is not sent yet.
    lent: Vec<u8>,
}

impl Run {
    fn new(choice: u8) -> Self {
        let now = Instant::now();
        let client = ClientConnection::new(limits(), now);
        let client = client.with_keepalive(Duration::from_secs(u64::from(choice & 7)), Duration::from_secs(5));
        let mut inbox = Inbox::new(limits().frame);
        if choice & 8 == 0 {
            put(&mut inbox, &Preface { calls: 70, frame: 70_000, window: 16_384 }.encode());
        }
        let (opened, cancelled, ended) = (BTreeMap::new(), BTreeSet::new(), BTreeSet::new());
        Self { client, inbox, now, opened, cancelled, ended, next_tag: 0, heard: Heard::new(), lent: Vec::new() }
    }

    fn step(&mut self, script: &mut Script<'_>) -> Result<(), Broken> {
        match script.byte() % 16 {
            0..=2 => self.open(script),
            3..=8 => {
                let frame = frame(script, &KINDS, &mut 0);
                return self.receive(&frame, script);
            }
            9 => {
                let noise = script.size().min(40);
                return self.receive(script.bytes(noise), script);
            }
            10 | 11 => return self.pass(script),
            12 => self.cancel(script.byte().into()),
            13 => self.use_streams(script.byte().into(), script),
            _ => self.transmit(script.size()),
        }
        Ok(())
    }

    fn open(&mut self, script: &mut Script<'_>) {
        let (oneway, size, tag) = (script.byte().is_multiple_of(4), script.size(), self.next_tag);
        let may = self.client.may_open();
        match self.client.open(5, oneway, streams(script.byte()), 0, &mut vec![0; size], tag) {
            Ok(call) => {
                assert_eq!(may, Ok(()));
                self.next_tag += 1;
                if !oneway {
                    self.opened.insert(call, tag);
                }
            }
            Err(OpenError::TooLong { came, most }) => assert!(came > most && came == size),
            Err(error) => assert_eq!(may, Err(error)),
        }
    }

    /// Whoever made a call takes items or puts some, whether or not it has such streams, or has ended.
    fn use_streams(&mut self, call: CallId, script: &mut Script<'_>) {
        match script.byte() % 8 {
            0..=2 => {
                while let Taken::Items(items) = self.client.take_items(call) {
                    assert!(items.count > 0 && items.count <= items.bytes.len() as u64);
                    self.client.consumed(call, items.bytes.len());
                }
            }
            3 => self.client.end_items(call),
            _ => {
                let put = self.client.put_items(call, &mut vec![0; script.size()], 1);
                assert!(put == Put::Over || self.client.tag(call).is_some(), "items of call {call}");
            }
        }
        let mut heard = BTreeSet::new();
        while let Some((call, half)) = self.client.poll_news() {
            assert!(self.opened.contains_key(&call), "news of call {call}");
            assert!(heard.insert((call, half == Half::Incoming)), "the same news of call {call} twice");
        }
    }

    fn cancel(&mut self, call: CallId) {
        if let Some(tag) = self.opened.get(&call) {
            self.client.cancel(call);
            if !self.ended.contains(tag) {
                self.cancelled.insert(*tag);
            }
        }
    }

    fn receive(&mut self, bytes: &[u8], script: &mut Script<'_>) -> Result<(), Broken> {
        let mut rest = bytes;
        while !rest.is_empty() {
            let cut = script.choose(&[usize::MAX, usize::MAX, usize::MAX, 1, 15, 16, 17, 1000]);
            let (these, after) = rest.split_at(cut.min(rest.len()));
            put(&mut self.inbox, these);
            self.client.received();
            self.take_all()?;
            rest = after;
        }
        Ok(())
    }

    fn take_all(&mut self) -> Result<(), Broken> {
        loop {
            let shared = self.inbox.share();
            let Some(incoming) = self.inbox.next_of(&shared)? else { break };
            let ended = self.client.handle(incoming)?;
            if let Some(ended) = ended {
                self.end(ended.tag);
            }
        }
        self.client.place(&mut self.inbox);
        while let Some(tag) = self.client.poll_refused() {
            self.end(tag);
        }
        Ok(())
    }

    fn end(&mut self, tag: u32) {
        assert!(!self.cancelled.contains(&tag), "nobody wants to know how {tag} ended");
        assert!(self.ended.insert(tag), "{tag} ended twice");
    }

    /// Time passes.
    fn pass(&mut self, script: &mut Script<'_>) -> Result<(), Broken> {
        let is_mid_frame = self.inbox.is_mid_frame();
        let _until = self.client.poll_timeout(is_mid_frame, self.now);
        self.now += Duration::from_millis(script.choose(&[0, 1, 10, 100, 1000, 4_000, 31_000]));
        let next = self.client.look_for_silence(script.byte() > 0x40, self.now)?;
        assert!(next.is_none_or(|next| next > self.now), "it would be looked for silence without a pause");
        self.client.handle_timeout(self.now)
    }

    /// The transport takes some of what there is to send.
    fn transmit(&mut self, most: usize) {
        if self.lent.is_empty() {
            let mut outgoing = Outgoing::default();
            self.client.poll_transmit(&mut outgoing);
            self.lent = outgoing.to_vec();
        }
        let count = most.min(self.lent.len());
        self.heard.hear(&self.lent[..count]);
        self.lent.drain(..count);
        self.client.transmitted(count);
    }

    /// The connection dies: each call ends, once, but those that were cancelled, and nothing is held.
    fn finish(mut self) {
        let has_gone_away = self.client.is_going_away();
        let by_tag: BTreeMap<u32, CallId> = self.opened.iter().map(|(call, tag)| (*tag, *call)).collect();
        for lost in self.client.lose_all(false) {
            let was_sent = self.heard.calls.contains(&by_tag[&lost.tag]);
            assert!(!(lost.never_sent && was_sent) || has_gone_away, "{lost:?} was sent");
            assert!(lost.never_sent || was_sent, "{lost:?} was not sent");
            self.end(lost.tag);
        }
        let all: BTreeSet<u32> = self.opened.values().copied().collect();
        let known: BTreeSet<u32> = self.ended.union(&self.cancelled).copied().collect();
        assert_eq!(known, all, "each call ends");
        for call in self.opened.keys() {
            self.client.forget_streams(*call);
        }
        let held = self.client.held();
        assert_eq!((held.calls, held.streams), (0, 0));
    }
}

/// What a client has said.
struct Heard {
    inbox: Inbox,
    /// The calls of which all was sent.
    calls: BTreeSet<CallId>,
    /// The highest call that was begun.
    last: CallId,
}

impl Heard {
    fn new() -> Self {
        Self { inbox: Inbox::new(70_000), calls: BTreeSet::new(), last: 0 }
    }

    fn hear(&mut self, bytes: &[u8]) {
        for piece in bytes.chunks(1000) {
            put(&mut self.inbox, piece);
            let shared = self.inbox.share();
            while let Some(incoming) = self.inbox.next_of(&shared).expect("the client keeps to the rules") {
                let Incoming::Frame(frame) = incoming else { continue };
                let header = frame.header;
                match header.kind {
                    Kind::Call if header.call > self.last => self.last = header.call,
                    Kind::Call | Kind::Cancel | Kind::Item | Kind::End | Kind::Credit => {
                        assert!(header.call <= self.last, "{header:?}");
                    }
                    Kind::Ping | Kind::Pong | Kind::GoAway => continue,
                    other => panic!("the client sent a {other:?}"),
                }
                if header.kind == Kind::Call && !header.has_more() {
                    assert!(self.calls.insert(header.call), "{header:?} came twice");
                }
            }
        }
    }
}
