//! Whatever a peer sends, neither end panics, and neither holds more than its limits.
//!
//! The bytes are random, but mostly near what is right: a valid preface, frames of every kind with small numbers, and
//! here and there a wrong byte, so that they reach every corner. `RPCGEN_CASES` says how many connections are tried;
//! each carries about ten frames.

use std::env;
use std::time::Instant;

use fastrand::Rng;
use rpcgen_runtime::proto::{ClientConnection, Inbox, Limits, ServerConnection, Streams};
use rpcgen_runtime::wire::{Header, Kind, Preface};

/// Connections that are tried at each end: with their frames, over a million cases.
const CASES: u32 = 150_000;

/// Kinds of frames that a server may be sent, and those that a client may.
const TO_SERVER: &[u8] = &[1, 1, 1, 1, 4, 5, 6, 7, 8, 9, 200];
const TO_CLIENT: &[u8] = &[2, 2, 2, 3, 3, 4, 5, 7, 8, 9, 10, 200];

struct Bytes(Rng);

impl Bytes {
    fn new() -> Self {
        Self(Rng::with_seed(0x5eed))
    }

    fn one_in(&mut self, chances: u32) -> bool {
        self.0.u32(..chances) == 0
    }

    /// What a connection might bring.
    fn connection(&mut self, kinds: &[u8]) -> Vec<u8> {
        let mut bytes = Preface { calls: 64, frame: 65_536, window: 16_384 }.encode().to_vec();
        for call in 1..self.0.u32(2..20) {
            let call = if self.one_in(3) { self.0.u32(..12) } else { call };
            self.frame(&mut bytes, kinds, call);
        }
        for _ in 0..self.0.u32(..3) {
            let at = self.0.usize(..bytes.len());
            bytes[at] = self.0.u8(..);
        }
        bytes
    }

    fn frame(&mut self, bytes: &mut Vec<u8>, kinds: &[u8], call: u32) {
        let number = if self.one_in(50) { self.0.u8(..) } else { kinds[self.0.usize(..kinds.len())] };
        let longest = if self.one_in(10) { 300 } else { 24 };
        let length = self.0.u32(..longest);
        let extension = if self.one_in(9) { self.0.u32(..length + 2) } else { 0 };
        let may_have_parts = number <= 4;
        let flags = if may_have_parts { u8::from(self.one_in(3)) } else { 0 };
        let flags = if self.one_in(50) { 0xff } else { flags };
        let kind = Kind::from_number(number).unwrap_or(Kind::Call);
        let extension = u16::try_from(extension).expect("short");
        let of_connection = (8..=10).contains(&number);
        let call = if of_connection { 0 } else { call };
        let argument = if number == 2 { 0 } else { self.0.u32(..4) };
        let mut header = Header { length, kind, flags, extension, call, argument }.encode();
        header[4] = number;
        bytes.extend(header);
        bytes.extend((0..length).map(|_| self.0.u8(..2)));
    }

    /// Puts bytes into an inbox in pieces, and hands out what comes of it until something is wrong.
    fn feed(&mut self, bytes: &[u8], mut handle: impl FnMut(&mut Inbox) -> bool) {
        let mut inbox = Inbox::new(65_536);
        let mut rest = bytes;
        while !rest.is_empty() {
            let space = inbox.space();
            let most = space.len().min(rest.len());
            let count = self.0.usize(1..=most);
            space[..count].copy_from_slice(&rest[..count]);
            inbox.filled(count);
            rest = &rest[count..];
            if !handle(&mut inbox) {
                return;
            }
        }
    }
}

fn cases() -> u32 {
    env::var("RPCGEN_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(CASES)
}

fn limits() -> Limits {
    Limits { message: 1000, held_by_connection: 2000, ..Limits::default() }
}

/// Handles everything that is complete; false when the connection is over.
fn server_takes(inbox: &mut Inbox, server: &mut ServerConnection) -> bool {
    loop {
        match inbox.next() {
            Ok(None) => {
                server.place(inbox);
                return true;
            }
            Err(_) => return false,
            Ok(Some(incoming)) => match server.handle(incoming, Instant::now()) {
                Err(_) => return false,
                Ok(Some(call)) if !call.oneway => server.reply(call.id, &mut call.args().to_vec().into()),
                Ok(_) => {}
            },
        }
    }
}

fn client_takes(inbox: &mut Inbox, client: &mut ClientConnection<u32>, ended: &mut Vec<u32>) -> bool {
    loop {
        match inbox.next() {
            Ok(None) => {
                client.place(inbox);
                return true;
            }
            Err(_) => return false,
            Ok(Some(incoming)) => match client.handle(incoming) {
                Err(_) => return false,
                Ok(end) => ended.extend(end.map(|end| end.tag)),
            },
        }
    }
}

/// R35: nothing that a caller sends makes a server panic.
#[test]
fn a_server_takes_any_bytes() {
    let mut random = Bytes::new();
    let mut calls_were_answered = false;
    for _ in 0..cases() {
        let bytes = random.connection(TO_SERVER);
        let mut server = ServerConnection::new(limits(), Instant::now());
        random.feed(&bytes, |inbox| server_takes(inbox, &mut server));
        calls_were_answered |= server.queued() > 300;
    }
    assert!(calls_were_answered, "the bytes are too wrong to test anything");
}

/// R27, R35: nothing that a server sends makes a caller panic, and each call has one end.
#[test]
fn a_client_takes_any_bytes_and_each_call_ends_at_most_once() {
    let mut random = Bytes::new();
    let mut calls_were_answered = false;
    for _ in 0..cases() {
        let bytes = random.connection(TO_CLIENT);
        let mut client = ClientConnection::new(limits(), Instant::now());
        for tag in 0..8 {
            client.open(1, false, Streams::default(), 0, &mut vec![0; 8], tag).expect("8 may be open");
        }
        let mut ended = Vec::new();
        random.feed(&bytes, |inbox| client_takes(inbox, &mut client, &mut ended));
        while let Some(tag) = client.poll_refused() {
            ended.push(tag);
        }
        calls_were_answered |= ended.len() > 3;
        ended.extend(client.lose_all(false).iter().map(|lost| lost.tag));
        ended.sort_unstable();
        assert_eq!(ended, [0, 1, 2, 3, 4, 5, 6, 7], "each call ends once, after {bytes:?}");
    }
    assert!(calls_were_answered, "the bytes are too wrong to test anything");
}

#[test]
fn pure_noise_is_refused_at_once() {
    let mut random = Bytes::new();
    for _ in 0..cases() {
        let mut noise = [0; 64];
        random.0.fill(&mut noise);
        let mut inbox = Inbox::new(65_536);
        inbox.space()[..64].copy_from_slice(&noise);
        inbox.filled(64);
        assert_eq!(inbox.next().is_err(), noise[..5] != *b"RPCG\x01");
    }
}
