//! Servers that answer with a refusal, or go away.

use std::thread;

use rpcgen_runtime::Code;
use rpcgen_runtime::wire::{Header, Kind};

use super::{ADD_AGAIN, Client, PendingCall, client, listen, options, start, twin};
use crate::PATIENCE;
use crate::peer::Peer;
use crate::support::ADD;

/// R47, row 2.
/// R47: it was answered "did not run".
#[test]
fn a_call_that_was_refused_for_now_is_sent_again_until_it_is_taken() {
    for code in [Code::ResourceExhausted, Code::Unavailable] {
        let (listener, url) = listen();
        let client = client(&url, options());
        thread::scope(|scope| {
            let mut peer = Peer::accept(&listener);
            let sum = scope.spawn(twin(&client, |client| client.add(3, 4)));
            (1..=2).for_each(|call| {
                assert_eq!(peer.call(), call);
                peer.refuse(call, code, true);
            });
            assert_eq!(peer.call(), 3);
            peer.reply(3);
            assert_eq!(sum.join().expect("no panic"), Ok(7));
            drop(client);
            peer.ends();
        });
    }
}

#[test]
fn a_call_that_is_always_refused_fails_and_says_how_often_it_was_sent() {
    let (listener, url) = listen();
    let client = client(&url, options());
    thread::scope(|scope| {
        let mut peer = Peer::accept(&listener);
        let sum = scope.spawn(twin(&client, |client| client.add(3, 4)));
        (1..=3).for_each(|call| {
            assert_eq!(peer.call(), call);
            peer.refuse(call, Code::Unavailable, true);
        });
        let status = sum.join().expect("no panic").expect_err("refused");
        assert_eq!((status.code(), status.may_have_run(), status.attempts()), (Code::Unavailable, false, 3));
        assert!(status.to_string().ends_with("(after 3 attempts)"), "{status}");
        drop(client);
        peer.ends();
    });
}

#[test]
fn an_answer_that_will_not_change_or_may_have_run_stands() {
    for (code, did_not_run) in [(Code::InvalidArgument, true), (Code::Unavailable, false), (Code::Internal, false)] {
        let (listener, url) = listen();
        let client = client(&url, options());
        thread::scope(|scope| {
            let mut peer = Peer::accept(&listener);
            let sum = scope.spawn(twin(&client, |client| start(client, &ADD_AGAIN).wait()));
            assert_eq!(peer.call(), 1);
            peer.refuse(1, code, did_not_run);
            let status = sum.join().expect("no panic").expect_err("refused");
            assert_eq!((status.code(), status.may_have_run(), status.attempts()), (code, !did_not_run, 1));
            drop(client);
            peer.ends();
        });
    }
}

/// R47, row 3.
/// R43, R47: they lie above GOAWAY's argument.
#[test]
fn calls_above_the_last_one_handled_are_sent_elsewhere() {
    for code in [0, 13] {
        let (listener, url) = listen();
        let client = client(&url, options());
        thread::scope(|scope| {
            let mut peer = Peer::accept(&listener);
            let calls: Vec<_> = (0..3).map(|_| start(&client, &ADD)).collect();
            assert!((1..=3).all(|call| peer.call() == call));
            peer.reply(1);
            peer.send(Header::new(Kind::GoAway, 0, 1), &[0, 0, 0, code, 0, 0, 0, 0]);
            let sums = scope.spawn(|| calls.into_iter().map(PendingCall::wait).collect::<Vec<_>>());
            let mut next = Peer::accept(&listener);
            (1..=2).for_each(|call| {
                assert_eq!(next.call(), call);
                next.reply(call);
            });
            assert_eq!(sums.join().expect("no panic"), [Ok(7), Ok(7), Ok(7)]);
            drop(client);
            next.ends();
        });
    }
}

/// R40: the time of a call is not begun anew.
/// R40: time left, not the time of the first attempt.
#[test]
fn a_call_that_is_sent_again_carries_the_time_that_is_left() {
    let (listener, url) = listen();
    let client = Client(client(&url, options()).0.with_timeout(PATIENCE));
    thread::scope(|scope| {
        let mut peer = Peer::accept(&listener);
        let sum = scope.spawn(|| client.add(3, 4));
        let (first, before) = peer.frame();
        peer.refuse(1, Code::Unavailable, true);
        let (second, after) = peer.frame();
        let micros = |payload: &[u8]| u64::from_be_bytes(payload[4..12].try_into().expect("eight bytes"));
        assert_eq!((first.extension, second.extension), (12, 12));
        assert!(micros(&after) < micros(&before));
        assert_eq!(before[12..], after[12..]);
        peer.reply(2);
        assert_eq!(sum.join().expect("no panic"), Ok(7));
    });
}
