//! Callers and servers that keep to the frames and break the rules of calls, or go to the limit of what they allow, on real
//! sockets. That they are malformed is shown byte for byte in `tests/conversations`; here, that the others go on.

#[path = "resending/peer.rs"]
mod peer;
#[path = "support/raw.rs"]
mod raw;
mod support;

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::thread;
use std::time::{Duration, Instant};

use peer::Peer;
use raw::{PREFACE, Raw, add, frame};
use rpcgen_runtime::stub::Caller;
use rpcgen_runtime::wire::header::MORE;
use rpcgen_runtime::wire::{Header, Kind, Preface};
use rpcgen_runtime::{Channel, Limits, Router, ServerOptions};
use support::servers::{On, Running, on_each};
use support::{Client, Sums};

/// No test waits longer than this for anything.
const PATIENCE: Duration = Duration::from_secs(20);

fn serve(on: On, limits: Limits) -> Running {
    let options = ServerOptions { limits, ..ServerOptions::default() };
    on.serve_with(options, Router::new().add_quick(Sums::default()))
}

fn raw(server: &Running) -> Raw {
    Raw::tcp(&server.endpoint().to_string(), PATIENCE)
}

fn client(url: &str) -> Client {
    Client(Caller::new(Channel::connect(url).expect("connects")))
}

/// The first and the last part of a call of `add`.
fn parts(number: u32) -> [Vec<u8>; 2] {
    let header = Header::new(Kind::Call, number, 1);
    let first = frame(Header { flags: MORE, ..header }, &[0, 0, 0, 11, 0, 0]);
    [first, frame(header, &[0, 2, 0, 0, 0, 3])]
}

/// L8 and R31. No call can end before what is behind one more has been read.
#[test]
fn l8_calls_whose_last_parts_are_behind_one_too_many_are_answered() {
    on_each(|on| {
        let server = serve(on, Limits::default());
        let mut raw = raw(&server).greet();
        let first_parts = (1..=1024).flat_map(|call| parts(call)[0].clone());
        let last_parts = (1..=1024).rev().flat_map(|call| parts(call)[1].clone());
        let bytes: Vec<u8> = first_parts.chain(add(1025)).chain(last_parts).chain(add(1026)).collect();
        thread::scope(|scope| {
            let mut sender = Raw(raw.0.try_clone().expect("cloned"));
            scope.spawn(move || sender.send(&bytes));
            let answers: BTreeMap<_, _> =
                (0..1026).map(|_| raw.hear()).map(|(header, body)| (header.call, (header, body))).collect();
            let (refused, said) = &answers[&1025];
            assert_eq!((refused.kind, refused.argument, said[0]), (Kind::Fault, 8, 1), "it did not run");
            let sums = answers.iter().filter(|(_, (_, body))| *body == [0, 0, 0, 5]).count();
            assert_eq!((answers.len(), sums), (1026, 1025));
        });
        server.shutdown(PATIENCE);
    });
}

/// R12, R13, R22 and R23: each ends its own connection, with GOAWAY, and no other.
#[test]
fn r13_frames_in_a_wrong_order_end_their_connection_only() {
    on_each(|on| {
        let server = serve(on, Limits::default());
        let good = client(&server.endpoint().to_string());
        let [first, last] = parts(2);
        let mut other_method = parts(2)[1].clone();
        other_method[15] = 2;
        let nothing = frame(Header { flags: MORE, ..Header::new(Kind::Call, 2, 1) }, &[]);
        let of_nobody = |kind| frame(Header::new(kind, 9, 0), &[]);
        let cases = [
            ("call numbers fall", [add(7), add(6)].concat()),
            ("a call number repeats", [add(7), add(7)].concat()),
            ("a part behind the last", [&first[..], &last, &last].concat()),
            ("a part of another method", [&first[..], &other_method].concat()),
            ("parts of nothing", nothing),
            ("a reply of the caller", of_nobody(Kind::Reply)),
            ("a CANCEL for a call that was never opened", of_nobody(Kind::Cancel)),
            ("an END for a call that was never opened", of_nobody(Kind::End)),
            ("a second preface", PREFACE.encode().to_vec()),
            ("a call of the other side's numbers", add(1 << 31)),
        ];
        for (what, bytes) in cases {
            let mut raw = raw(&server);
            raw.send(&[&PREFACE.encode()[..], &add(1), &bytes].concat());
            let heard = raw.rest();
            assert!(
                heard[Preface::SIZE..].starts_with(&frame(Header::new(Kind::Reply, 1, 0), &[0, 0, 0, 5])),
                "{what}"
            );
            let last = last_frame(&heard[Preface::SIZE..]);
            assert_eq!(last.map(|last| last.kind), Some(Kind::GoAway), "{what}");
            assert_eq!(good.add(1, 2), Ok(3), "{what}");
        }
        server.shutdown(PATIENCE);
    });
}

fn last_frame(mut heard: &[u8]) -> Option<Header> {
    let mut last = None;
    while let Some((head, rest)) = heard.split_first_chunk() {
        let header = Header::decode(head, u32::MAX).ok()?;
        heard = rest.get(header.length as usize..)?;
        last = Some(header);
    }
    last
}

/// R13: what is for a call that was never made ends the connection, and the call that waits is told; what is for one that
/// has ended is dropped.
#[test]
fn r13_replies_to_nobody_hang_no_call() {
    for (number, is_malformed) in [(1, false), (3, true)] {
        let listener = TcpListener::bind("127.0.0.1:0").expect("binds");
        let client = client(&format!("tcp://{}", listener.local_addr().expect("bound")));
        thread::scope(|scope| {
            let mut peer = Peer::accept(&listener);
            let first = scope.spawn(|| client.add(3, 4));
            assert_eq!(peer.call(), 1);
            peer.reply(1);
            assert_eq!(first.join().expect("no panic"), Ok(7));
            let second = scope.spawn(|| client.add(3, 4));
            assert_eq!(peer.call(), 2);
            peer.reply(number);
            if !is_malformed {
                peer.reply(2);
            }
            let result = second.join().expect("no panic");
            assert_eq!(result.is_err(), is_malformed, "{result:?}");
            if let Err(status) = result {
                assert!(status.may_have_run(), "{status}");
                // And the channel goes on, elsewhere.
                let third = scope.spawn(|| client.add(3, 4));
                let mut next = Peer::accept(&listener);
                assert_eq!(next.call(), 1);
                next.reply(1);
                assert_eq!(third.join().expect("no panic"), Ok(7));
            }
        });
    }
}

/// L17. The last number there is may be used; behind it there are only numbers that are no longer higher.
#[test]
fn l17_the_last_call_number_can_be_used() {
    on_each(|on| {
        let server = serve(on, Limits::default());
        let mut raw = raw(&server).greet();
        let last = (1 << 31) - 1;
        raw.send(&add(last));
        assert_eq!(raw.hear(), (Header { length: 4, ..Header::new(Kind::Reply, last, 0) }, vec![0, 0, 0, 5]));
        raw.send(&add(1));
        assert_eq!(raw.hear().0.kind, Kind::GoAway);
        server.shutdown(PATIENCE);
    });
}

/// L15: bytes that trickle in are no reason to wait longer for a preface.
#[test]
fn l15_a_preface_that_trickles_in_is_cut_off_in_time() {
    on_each(|on| {
        let time = Duration::from_millis(100);
        let server = serve(on, Limits { preface: time, ..Limits::default() });
        let begin = Instant::now();
        let mut raw = raw(&server);
        let preface = PREFACE.encode();
        let sent = trickle(&mut raw, &preface[..15], time / 6);
        let heard = raw.rest();
        let took = begin.elapsed();
        assert!(sent >= 1 && took >= time && took < time * 15 / 6 + PATIENCE / 4, "{sent} bytes, {took:?}");
        assert_eq!(last_frame(&heard[Preface::SIZE..]).map(|last| last.kind), Some(Kind::GoAway));
        assert_eq!(client(&server.endpoint().to_string()).add(1, 2), Ok(3));
        server.shutdown(PATIENCE);
    });
}

/// Sends a byte at a time, until nobody wants more; how many were taken.
fn trickle(raw: &mut Raw, bytes: &[u8], pause: Duration) -> usize {
    use std::io::Write as _;
    let sent = bytes.iter().take_while(|byte| {
        // A slow peer: time is what this is about.
        thread::sleep(pause);
        raw.0.write_all(&[**byte]).is_ok()
    });
    sent.count()
}

/// L7: whoever stops in a header or a payload is cut off in time. Whoever sends a byte every now and then is served, and so
/// is everybody else, however many of those there are.
#[test]
fn l7_calls_that_trickle_in_are_served_and_those_that_stop_are_cut_off() {
    on_each(|on| {
        let time = Duration::from_secs(1);
        let server = serve(on, Limits { frame_stall: time, ..Limits::default() });
        let good = client(&server.endpoint().to_string());
        thread::scope(|scope| {
            let stalled = [1, 15, 17, 27].map(|at| {
                scope.spawn({
                    let server = &server;
                    move || stop(server, at)
                })
            });
            let slow: Vec<_> = (0..20)
                .map(|_| {
                    scope.spawn(|| {
                        let mut raw = raw(&server).greet();
                        assert_eq!(trickle(&mut raw, &add(1), time / 40), add(1).len());
                        assert_eq!(raw.hear().1, [0, 0, 0, 5]);
                    })
                })
                .collect();
            assert!((0..100).all(|_| good.add(1, 2) == Ok(3)));
            for thread in stalled {
                let (took, last) = thread.join().expect("no panic");
                assert!((time..time + PATIENCE / 4).contains(&took), "{took:?}");
                assert_eq!(last, Some(Kind::GoAway));
            }
            assert!(slow.into_iter().all(|thread| thread.join().is_ok()));
        });
        server.shutdown(PATIENCE);
    });
}

/// Sends so many bytes of a call; how long the server waited for more, and what it said then.
fn stop(server: &Running, at: usize) -> (Duration, Option<Kind>) {
    let mut raw = raw(server).greet();
    let begin = Instant::now();
    raw.send(&add(1)[..at]);
    let heard = raw.rest();
    (begin.elapsed(), last_frame(&heard).map(|last| last.kind))
}
