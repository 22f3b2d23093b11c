//! Rules of `docs/wire.md` that a caller keeps, as a state machine. Those of a server have their conversations.

use std::time::Instant;

use rpcgen_runtime::proto::{
    ClientConnection, Inbox, Limits, Lost, OpenError, Outcome, Outgoing, Streams, Transmit as _,
};
use rpcgen_runtime::wire::header::MORE;
use rpcgen_runtime::wire::{Header, Kind, Preface};

const MINIMA: Preface = Preface { calls: 64, frame: 65_536, window: 16_384 };

/// A caller whose calls have numbers as tags, and what it receives.
struct Caller {
    machine: ClientConnection<u32>,
    inbox: Inbox,
}

impl Caller {
    /// One that has sent its preface.
    fn new() -> Self {
        let mut machine = ClientConnection::new(Limits::default(), Instant::now());
        let mut sent = Outgoing::default();
        machine.poll_transmit(&mut sent);
        machine.transmitted(sent.len());
        Self { machine, inbox: Inbox::new(1 << 20) }
    }

    /// One that has received a preface too.
    fn greeted() -> Self {
        let mut caller = Self::new();
        assert!(caller.hear(&MINIMA.encode()).is_empty());
        caller
    }

    fn open(&mut self, tag: u32, size: usize) -> u32 {
        self.machine.open(1, false, Streams::default(), 0, &mut vec![7; size], tag).expect("it may be opened")
    }

    /// Takes bytes; gives the calls that end, each in words.
    fn hear(&mut self, mut bytes: &[u8]) -> Vec<(u32, String)> {
        let mut ended = Vec::new();
        while !bytes.is_empty() {
            let space = self.inbox.space();
            let count = space.len().min(bytes.len());
            space[..count].copy_from_slice(&bytes[..count]);
            self.inbox.filled(count);
            bytes = &bytes[count..];
            while let Some(incoming) = self.inbox.next().expect("good bytes") {
                let end = self.machine.handle(incoming).expect("the connection goes on");
                ended.extend(end.map(|end| (end.tag, in_words(&end.outcome))));
            }
        }
        ended
    }

    /// Takes a frame.
    fn frame(&mut self, header: Header, payload: &[u8]) -> Vec<(u32, String)> {
        let length = u32::try_from(payload.len()).expect("short");
        self.hear(&[&Header { length, ..header }.encode()[..], payload].concat())
    }

    /// Everything that it sends now, frame by frame.
    fn sends(&mut self) -> Vec<Header> {
        let (mut bytes, mut sent) = (Outgoing::default(), Vec::new());
        while self.machine.queued() > 0 {
            self.machine.poll_transmit(&mut bytes);
            self.machine.transmitted(bytes.len());
            sent.append(&mut bytes.to_vec());
        }
        let (mut rest, mut headers) = (&sent[..], Vec::new());
        while let Some((head, tail)) = rest.split_first_chunk() {
            let header = Header::decode(head, u32::MAX).expect("a good header");
            headers.push(header);
            rest = &tail[header.length as usize..];
        }
        headers
    }
}

fn in_words(outcome: &Outcome<'_>) -> String {
    match outcome {
        Outcome::Reply(body) => format!("reply {body:?}"),
        Outcome::Declared(body) => format!("declared {body:?}"),
        Outcome::End => "end".to_owned(),
        Outcome::Status { code, ran, message } => format!("{code:?}, ran {ran}: {message}"),
    }
}

/// A FAULT's payload: it may have run.
fn fault(message: &str) -> Vec<u8> {
    let length = u32::try_from(message.len()).expect("short").to_be_bytes();
    [&[0], &length[..], message.as_bytes()].concat()
}

fn go_away(last: u32) -> Header {
    Header::new(Kind::GoAway, 0, last)
}

/// R5: the minima hold until the preface has come, for calls and for the size of frames; then what it says.
#[test]
fn the_minima_hold_until_a_preface_says_more() {
    let mut caller = Caller::new();
    for tag in 0..64 {
        caller.open(tag, 8);
    }
    assert_eq!(caller.machine.may_open(), Err(OpenError::TooMany));
    assert_eq!(caller.sends().len(), 64);
    caller.hear(&Preface { calls: 66, frame: 100_000, ..MINIMA }.encode());
    caller.open(64, 90_000);
    let lengths: Vec<_> = caller.sends().iter().map(|part| part.length).collect();
    assert_eq!(lengths, [4_096, 85_904], "the rest in one part, which is longer than the least frame");
    caller.open(65, 8);
    assert_eq!(caller.machine.may_open(), Err(OpenError::TooMany));
}

/// R9: the first part of the example of the page, byte by byte.
#[test]
fn a_header_is_that_of_the_page() {
    let header = Header { length: 10, flags: MORE, ..Header::new(Kind::Call, 4, 0x3c59_9212) };
    assert_eq!(header.encode(), [0, 0, 0, 10, 1, 1, 0, 0, 0, 0, 0, 4, 0x3c, 0x59, 0x92, 0x12]);
}

/// R17: a status that is not known is Unknown, with its number.
#[test]
fn a_status_above_17_is_unknown() {
    let mut caller = Caller::greeted();
    let call = caller.open(9, 8);
    let ended = caller.frame(Header::new(Kind::Fault, call, 99), &fault("new"));
    assert_eq!(ended, [(9, "Unknown, ran true: status 99: new".to_owned())]);
}

/// R21, R22: all extensions are in the first part, and no other part has any.
#[test]
fn extensions_are_in_the_first_part_only() {
    let mut caller = Caller::greeted();
    let call =
        caller.machine.open(1, false, Streams::default(), 12, &mut vec![0; 150_000], 0).expect("it may be opened");
    let sent: Vec<_> = caller.sends().iter().map(|part| (part.call, part.extension, part.has_more())).collect();
    assert_eq!(sent, [(call, 12, true), (call, 0, true), (call, 0, true), (call, 0, false)]);
}

/// R24: a caller that gives up a call in parts says so, and sends no more of them.
#[test]
fn a_call_in_parts_that_is_given_up_ends_with_cancel() {
    let mut caller = Caller::greeted();
    let call = caller.open(0, 200_000);
    let mut first = Outgoing::default();
    caller.machine.poll_transmit(&mut first);
    caller.machine.transmitted(first.len());
    caller.machine.cancel(call);
    assert_eq!(caller.sends().last().map(|last| (last.kind, last.call)), Some((Kind::Cancel, call)));
}

/// R29: a stream's frame for a unary call fails it, and the server hears so; others go on, and CREDIT is ignored.
#[test]
fn a_streams_frame_fails_a_unary_call() {
    for (kind, payload) in [(Kind::Item, &[7][..]), (Kind::End, &[])] {
        let mut caller = Caller::greeted();
        let (first, second) = (caller.open(1, 8), caller.open(2, 8));
        caller.sends();
        assert!(caller.frame(Header::new(Kind::Credit, first, 100), &[]).is_empty());
        let argument = u32::from(kind == Kind::Item);
        let ended = caller.frame(Header::new(kind, first, argument), payload);
        let why = format!("Internal, ran true: a frame of kind {kind:?} came for a call without streams");
        assert_eq!(ended, [(1, why)]);
        let sent: Vec<_> = caller.sends().iter().map(|frame| (frame.kind, frame.call)).collect();
        assert_eq!(sent, [(Kind::Cancel, first)]);
        assert!(caller.frame(Header::new(kind, first, argument), payload).is_empty(), "once");
        assert!(caller.sends().is_empty());
        assert!(caller.frame(Header::new(Kind::Fault, first, 1), &fault("cancelled")).is_empty());
        assert_eq!(caller.frame(Header::new(Kind::Reply, second, 0), &[]), [(2, "reply []".to_owned())]);
    }
}

/// R42: an answer that crosses a CANCEL is dropped, and so is the connection's memory of the call.
#[test]
fn an_answer_that_crosses_a_cancel_is_dropped() {
    let mut caller = Caller::greeted();
    let call = caller.open(1, 8);
    caller.machine.cancel(call);
    assert!(caller.frame(Header::new(Kind::Reply, call, 0), &[1]).is_empty());
    assert!(caller.frame(Header::new(Kind::Fault, call, 1), &fault("dropped too")).is_empty());
    assert!(caller.machine.lose_all(false).is_empty());
}

/// R43, R44: a second GOAWAY may name a lower call, never a higher one.
#[test]
fn the_last_call_of_go_away_falls_and_never_rises() {
    let mut caller = Caller::greeted();
    let calls = [1, 2, 3].map(|tag| caller.open(tag, 8));
    caller.sends();
    for (last, refused) in [(u32::MAX >> 1, None), (calls[1], Some(3)), (calls[2], None), (calls[0], Some(2))] {
        assert!(caller.frame(go_away(last), &[0; 8]).is_empty());
        assert_eq!((caller.machine.poll_refused(), caller.machine.poll_refused()), (refused, None), "after {last}");
        assert_eq!(caller.machine.may_open(), Err(OpenError::GoingAway));
    }
    assert_eq!(caller.machine.lose_all(false), [Lost { tag: 1, never_sent: false }]);
}
