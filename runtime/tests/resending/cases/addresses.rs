//! Where the next connection goes to, and calls while there is none.

use std::net::SocketAddr;
use std::thread;
use std::time::{Duration, Instant};

use rpcgen_runtime::{ChannelOptions, Code, Router, ThreadServer};

use super::{ADD_AGAIN, Channel, Client, client, listen, options, start};
use crate::PATIENCE;
use crate::peer::Peer;
use crate::support::Sums;

#[test]
fn calls_wait_while_a_server_is_away_and_none_is_lost() {
    let server = ThreadServer::bind("tcp://127.0.0.1:0").expect("binds");
    let url = server.endpoint().expect("bound").to_string();
    let server = server.start(Router::new().add(Sums::default())).expect("starts");
    let client = client(&url, options());
    assert_eq!(client.add(1, 1), Ok(2));
    server.shutdown(PATIENCE);
    thread::scope(|scope| {
        let calls: Vec<_> =
            (0..8).map(|a| (a, &client)).map(|(a, client)| scope.spawn(move || client.add(a, 1))).collect();
        let back = ThreadServer::bind(&url).expect("binds").start(Router::new().add(Sums::default())).expect("starts");
        for (call, sum) in calls.into_iter().zip(1..) {
            assert_eq!(call.join().expect("no panic"), Ok(sum));
        }
        back.shutdown(PATIENCE);
    });
}

/// An address where nobody listens.
fn nobody() -> SocketAddr {
    listen().0.local_addr().expect("bound")
}

#[test]
fn a_call_without_a_connection_fails_in_its_time_and_says_when_the_next_attempt_is() {
    let (listener, url) = listen();
    let hour = Duration::from_secs(3600);
    let client = client(&url, ChannelOptions { backoff: hour, backoff_most: hour, ..options() });
    let peer = Peer::accept(&listener);
    drop((listener, peer));
    let hurried = Client(client.0.with_timeout(Duration::from_millis(50)));
    let begin = Instant::now();
    let failures: Vec<_> = (0..3).map(|_| hurried.add(1, 1).expect_err("nobody there")).collect();
    assert!(begin.elapsed() < PATIENCE);
    let last = &failures[2];
    assert_eq!((last.code(), last.may_have_run(), last.attempts()), (Code::Unavailable, false, 0));
    assert!(last.message().contains("; the next attempt is in "), "{last}");
}

#[test]
fn the_first_address_that_answers_is_taken_and_the_next_when_it_has_gone() {
    let (one, first) = listen();
    let (two, second) = listen();
    let client = client(&format!("tcp://{},{first},{second}", nobody()), options());
    thread::scope(|scope| {
        let mut peer = Peer::accept(&one);
        let sum = scope.spawn(|| start(&client, &ADD_AGAIN).wait());
        assert_eq!(peer.call(), 1);
        drop((one, peer));
        let mut next = Peer::accept(&two);
        assert_eq!(next.call(), 1);
        next.reply(1);
        assert_eq!(sum.join().expect("no panic"), Ok(7));
    });
    let status = Channel::connect(&format!("tcp://{},tcp://{}", nobody(), nobody())).expect_err("nobody there");
    assert_eq!(status.message().matches("cannot connect to").count(), 2, "{status}");
}

#[test]
fn behind_a_server_that_accepts_and_says_nothing_the_next_address_is_tried() {
    let (one, first) = listen();
    let (two, second) = listen();
    let client = client(&format!("{first},{second}"), options());
    thread::scope(|scope| {
        let sum = scope.spawn(|| start(&client, &ADD_AGAIN).wait());
        let mut peer = Peer::accept_silently(&one);
        assert_eq!(peer.call(), 1);
        drop(peer);
        let mut next = Peer::accept(&two);
        assert_eq!(next.call(), 1);
        next.reply(1);
        assert_eq!(sum.join().expect("no panic"), Ok(7));
    });
}
