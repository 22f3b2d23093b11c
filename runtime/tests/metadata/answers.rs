//! What a client makes of the extensions of an answer, and of a call that is sent again; the server is driven by hand.

use std::thread;

use rpcgen_runtime::proto::{ClientConnection, Inbox, Limits, Outcome, Outgoing, Streams, Transmit as _};
use rpcgen_runtime::stub::{Caller, Status};
use rpcgen_runtime::wire::{Header, Kind, Preface};
use rpcgen_runtime::{Channel, Code, Metadata};

use crate::says::{Client, PATIENCE, REPLY};

const PREFACE: Preface = Preface { calls: 64, frame: 65_536, window: 16_384 };

fn frame(kind: Kind, argument: u32, extension: &[u8], body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(extension.len() + body.len()).expect("short");
    let extension_size = u16::try_from(extension.len()).expect("short");
    let header = Header { length, extension: extension_size, ..Header::new(kind, 1, argument) };
    [&header.encode()[..], extension, body].concat()
}

/// The status of a call with this answer, if it is one, and the metadata.
fn hear(answer: &[u8]) -> (Option<(Code, bool, String)>, Option<Metadata>) {
    let now = std::time::Instant::now();
    let mut client = ClientConnection::new(Limits::default(), now);
    client.open(1, false, Streams::default(), 0, &mut vec![0; 4], ()).expect("it may be open");
    client.poll_transmit(&mut Outgoing::default());
    let (mut inbox, mut rest) = (Inbox::new(65_536), &[&PREFACE.encode()[..], answer].concat()[..]);
    while !rest.is_empty() {
        let space = inbox.space();
        let count = space.len().min(rest.len());
        space[..count].copy_from_slice(&rest[..count]);
        inbox.filled(count);
        rest = &rest[count..];
        while let Some(incoming) = inbox.next().expect("good bytes") {
            let Some(ended) = client.handle(incoming).expect("good frames") else { continue };
            let status = match ended.outcome {
                Outcome::Status { code, ran, message } => Some((code, ran, message)),
                Outcome::Reply(_) | Outcome::Declared(_) | Outcome::End => None,
            };
            return (status, ended.metadata.map(|metadata| *metadata));
        }
    }
    panic!("the call has not ended");
}

/// `Token: x` in metadata, whose key is not allowed; and `token: x`.
const BAD_KEY: [u8; 20] = [2, 0, 0, 16, 0, 1, 0, 0, 0, 5, b'T', b'o', b'k', b'e', b'n', 0, 0, 0, 1, b'x'];

fn token() -> [u8; 20] {
    let mut block = BAD_KEY;
    block[10] = b't';
    block
}

#[test]
fn r18_metadata_of_every_kind_of_answer_is_read() {
    let metadata = Some(Metadata::from([("token", "x")]));
    assert_eq!(hear(&frame(Kind::Reply, 0, &token(), b"")), (None, metadata.clone()));
    assert_eq!(hear(&frame(Kind::Fault, 0, &token(), b"\0\x01\0\0\0\0")), (None, metadata.clone()));
    let status = Some((Code::NotFound, true, "no".to_owned()));
    assert_eq!(hear(&frame(Kind::Fault, 5, &token(), b"\0\0\0\0\x02no")), (status, metadata));
}

#[test]
fn r19_what_does_not_belong_to_an_answer_is_skipped() {
    // A timeout and a trace context, both of a wrong length, and one that nobody knows.
    let block = [1, 1, 0, 1, 0, 3, 0, 0, 0, 99, 0, 0, 2, 7, 7];
    assert_eq!(hear(&frame(Kind::Reply, 0, &block, b"")), (None, None));
}

#[test]
fn r19_r20_a_block_that_cannot_be_read_fails_the_call_at_its_caller() {
    let cases: [(&[u8], Code, &str); 5] = [
        (&[99, 1, 0, 0], Code::Unimplemented, "extension 99 is not known here, and must be understood"),
        (
            &BAD_KEY,
            Code::Internal,
            "metadata has the key \"Token\", and keys are one or more of a-z, 0-9, `-`, `_` and `.`",
        ),
        (&token()[..19], Code::Internal, "extension 2 is malformed"),
        (&[2, 0, 0, 2, 0, 0, 2, 0, 0, 2, 0, 0], Code::Internal, "extension 2 is given twice"),
        (&[7, 0, 0], Code::Internal, "extension 7 is malformed"),
    ];
    for (block, code, why) in cases {
        for (kind, argument) in [(Kind::Reply, 0), (Kind::Fault, 0), (Kind::Fault, 5)] {
            let status = (code, true, format!("the answer cannot be read: {why}"));
            assert_eq!(hear(&frame(kind, argument, block, b"\x01\0\0\0\0")), (Some(status), None));
        }
    }
}

/// R47, row 4: the method is idempotent.
#[test]
fn r47_a_call_that_is_sent_again_says_the_same_beside_it() {
    use std::io::{Read as _, Write as _};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("binds");
    let url = format!("tcp://{}", listener.local_addr().expect("an address"));
    let accept = || {
        let mut stream = listener.accept().expect("a connection").0;
        stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        stream.read_exact(&mut [0; Preface::SIZE]).expect("a preface");
        stream.write_all(&PREFACE.encode()).expect("sent");
        let mut head = [0; Header::SIZE];
        stream.read_exact(&mut head).expect("a call");
        let header = Header::decode(&head, 65_536).expect("a good header");
        let mut payload = vec![0; header.length as usize];
        stream.read_exact(&mut payload).expect("a payload");
        (stream, header, payload)
    };
    let plain = Caller::new(Channel::connect(&url).expect("connects"));
    let timed = plain.with_timeout(PATIENCE);
    for (caller, before) in [(plain, 0), (timed, 12)] {
        let caller = caller.with_metadata([("token", "x")].into()).with_trace(crate::trace());
        thread::scope(|scope| {
            let call = scope.spawn(move || Client(caller).start::<Status>(&REPLY)?.wait_with_metadata().0);
            let (first, header, payload) = accept();
            assert_eq!(usize::from(header.extension), before + 29 + 20);
            drop(first);
            let (mut second, again, repeated) = accept();
            assert_eq!((again.extension, again.length), (header.extension, header.length));
            assert_eq!(repeated[before..], payload[before..], "only the time that is left may differ");
            assert_eq!(repeated[before + 29..][..20], token());
            second.write_all(&frame(Kind::Reply, 0, &token(), b"\0\0\0\x02ok")).expect("sent");
            assert_eq!(call.join().expect("no panic").as_deref(), Ok("ok"));
        });
    }
}
