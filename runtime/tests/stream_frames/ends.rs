//! The two ends, each with a peer by hand.

use std::time::Instant;

use rpcgen_runtime::Limits;
use rpcgen_runtime::proto::{
    Broken, CallId, ClientConnection, Half, Inbox, Incoming, Items, Outcome, Outgoing, Put, RunningCall,
    ServerConnection, Streams, Taken, Transmit,
};
use rpcgen_runtime::wire::header::MORE;
use rpcgen_runtime::wire::{Header, Kind, Preface};

pub(crate) const TO_SERVER: Streams = Streams { incoming: false, outgoing: true };
pub(crate) const TO_CLIENT: Streams = Streams { incoming: true, outgoing: false };
pub(crate) const BOTH: Streams = Streams { incoming: true, outgoing: true };

/// The least that a peer may announce.
pub(crate) const LEAST: Preface = Preface { calls: 64, frame: 65_536, window: 16_384 };

/// A frame, as it travels.
pub(crate) fn frame(kind: Kind, call: u32, argument: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).expect("short");
    [&Header { length, ..Header::new(kind, call, argument) }.encode()[..], payload].concat()
}

/// The same, of which more follows.
pub(crate) fn part(kind: Kind, call: u32, argument: u32, payload: &[u8]) -> Vec<u8> {
    let mut bytes = frame(kind, call, argument, payload);
    bytes[5] |= MORE;
    bytes
}

pub(crate) fn item(call: u32, payload: &[u8]) -> Vec<u8> {
    frame(Kind::Item, call, 1, payload)
}

pub(crate) fn end(call: u32) -> Vec<u8> {
    frame(Kind::End, call, 0, &[])
}

pub(crate) fn credit(call: u32, bytes: u32) -> Vec<u8> {
    frame(Kind::Credit, call, bytes, &[])
}

/// A FAULT with a status, and no message.
pub(crate) fn fault(call: u32, code: u32) -> Vec<u8> {
    frame(Kind::Fault, call, code, &[0; 5])
}

/// Bytes as `docs/wire.md` writes them.
pub(crate) fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<_> = text.chars().filter_map(|digit| digit.to_digit(16)).collect();
    digits.chunks(2).map(|pair| u8::try_from(pair[0] * 16 + pair[1]).expect("a byte")).collect()
}

pub(crate) fn items(bytes: &[u8], count: u64) -> Taken {
    Taken::Items(Items { bytes: bytes.to_vec(), count })
}

/// What an end hands out next, all of it.
pub(crate) fn bytes_of(end: &mut impl Transmit) -> Vec<u8> {
    let (mut all, mut some) = (Vec::new(), Outgoing::default());
    loop {
        end.poll_transmit(&mut some);
        if some.is_empty() {
            return all;
        }
        end.transmitted(some.len());
        all.append(&mut some.to_vec());
    }
}

/// The frames of these bytes: kind, call and argument, and whether more follows, then the length; of a FAULT only its code.
fn frames(bytes: &[u8]) -> Vec<String> {
    let (mut rest, mut frames) = (bytes, Vec::new());
    while let Some((head, after)) = rest.split_first_chunk() {
        let header = Header::decode(head, u32::MAX).expect("a good header");
        rest = &after[header.length as usize..];
        let more = if header.has_more() { "+" } else { "" };
        let length = if header.kind == Kind::Fault { String::new() } else { format!(" {}", header.length) };
        frames.push(format!("{:?}{more} {} {}{length}", header.kind, header.call, header.argument));
    }
    frames
}

/// What arrives, cut so that each piece fits.
fn feed(
    inbox: &mut Inbox,
    mut bytes: &[u8],
    mut take: impl FnMut(Incoming<'_>) -> Result<(), Broken>,
) -> Result<(), Broken> {
    while !bytes.is_empty() {
        let space = inbox.space();
        let count = space.len().min(bytes.len());
        space[..count].copy_from_slice(&bytes[..count]);
        inbox.filled(count);
        bytes = &bytes[count..];
        while let Some(incoming) = inbox.next()? {
            take(incoming)?;
        }
    }
    Ok(())
}

/// The accepting end; all its calls have handlers that run.
pub(crate) struct Server {
    pub(crate) it: ServerConnection,
    inbox: Inbox,
    streams: Streams,
}

impl Server {
    pub(crate) fn new(limits: Limits) -> Self {
        let inbox = Inbox::new(limits.frame);
        let it = ServerConnection::new(limits, Instant::now());
        let mut server = Self { it, inbox, streams: Streams::default() };
        server.hear(&LEAST.encode());
        bytes_of(&mut server.it);
        server
    }

    /// A call is made, with streams as this end sees them.
    pub(crate) fn call(&mut self, call: u32, streams: Streams) {
        self.streams = streams;
        self.hear(&frame(Kind::Call, call, 7, &[0; 4]));
    }

    pub(crate) fn try_hear(&mut self, bytes: &[u8]) -> Result<(), Broken> {
        let (it, streams) = (&mut self.it, self.streams);
        feed(&mut self.inbox, bytes, |incoming| {
            let call = it.handle(incoming, Instant::now())?;
            let running = call.map(|call| RunningCall { id: call.id, oneway: false, deadline: call.deadline, streams });
            if let Some(running) = running {
                it.detach(running);
            }
            Ok(())
        })
    }

    pub(crate) fn hear(&mut self, bytes: &[u8]) {
        self.try_hear(bytes).expect("good frames");
    }

    /// What it says now.
    pub(crate) fn says(&mut self) -> Vec<String> {
        frames(&bytes_of(&mut self.it))
    }

    pub(crate) fn news(&mut self) -> Vec<(u32, Half)> {
        std::iter::from_fn(|| self.it.poll_news()).collect()
    }

    /// A handler returns, and its call is answered, if that is still wanted.
    pub(crate) fn returns(&mut self, call: u32, answer: impl FnOnce(&mut ServerConnection)) {
        if self.it.finish(call) {
            answer(&mut self.it);
        }
    }
}

/// The connecting end; the tag of each call is its number.
pub(crate) struct Client {
    pub(crate) it: ClientConnection<CallId>,
    inbox: Inbox,
    next: CallId,
    /// How calls have ended.
    ended: Vec<String>,
}

impl Client {
    /// One that has not heard its peer.
    pub(crate) fn stranger(limits: Limits) -> Self {
        let inbox = Inbox::new(limits.frame);
        let mut it = ClientConnection::new(limits, Instant::now());
        bytes_of(&mut it);
        Self { it, inbox, next: 1, ended: Vec::new() }
    }

    pub(crate) fn new(limits: Limits) -> Self {
        let mut client = Self::stranger(limits);
        client.hear(&LEAST.encode());
        client
    }

    /// Makes a call, with streams as this end sees them.
    pub(crate) fn call(&mut self, streams: Streams) -> CallId {
        let call = self.it.open(7, false, streams, 0, &mut vec![0; 4], self.next).expect("it may be open");
        assert_eq!(call, self.next);
        self.next += 1;
        bytes_of(&mut self.it);
        call
    }

    pub(crate) fn try_hear(&mut self, bytes: &[u8]) -> Result<(), Broken> {
        let (it, ended) = (&mut self.it, &mut self.ended);
        feed(&mut self.inbox, bytes, |incoming| {
            ended.extend(it.handle(incoming)?.map(|end| format!("{} {}", end.tag, how(&end.outcome))));
            Ok(())
        })
    }

    pub(crate) fn hear(&mut self, bytes: &[u8]) {
        self.try_hear(bytes).expect("good frames");
    }

    /// The calls that have ended now, and how.
    pub(crate) fn ended(&mut self) -> Vec<String> {
        std::mem::take(&mut self.ended)
    }

    pub(crate) fn says(&mut self) -> Vec<String> {
        frames(&bytes_of(&mut self.it))
    }

    pub(crate) fn news(&mut self) -> Vec<(u32, Half)> {
        std::iter::from_fn(|| self.it.poll_news()).collect()
    }

    /// Puts one item of so many bytes.
    pub(crate) fn put(&mut self, call: CallId, size: usize) -> Put {
        self.it.put_items(call, &mut vec![0; size], 1)
    }
}

fn how(outcome: &Outcome<'_>) -> String {
    match outcome {
        Outcome::Reply(bytes) => format!("Reply {}", bytes.len()),
        Outcome::Declared(bytes) => format!("Declared {}", bytes.len()),
        Outcome::End => "End".to_owned(),
        Outcome::Status { code, .. } => format!("{code:?}"),
    }
}
