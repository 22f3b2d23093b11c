//! Servers that say nothing, and those that are only slow.

use std::thread;
use std::time::Duration;

use rpcgen_runtime::wire::{Header, Kind};
use rpcgen_runtime::{ChannelOptions, Code};

use super::{Client, client, listen, options};
use crate::PATIENCE;
use crate::peer::Peer;

/// L15, at the caller.
/// L15: a server must say what it speaks, too.
#[test]
fn a_server_without_a_preface_is_given_up_in_time() {
    let (listener, url) = listen();
    let mut options = ChannelOptions { attempts: 1, ..options() };
    options.limits.preface = Duration::from_millis(50);
    let client = client(&url, options);
    let _silent = listener.accept().expect("a connection");
    let status = client.add(1, 1).expect_err("no preface");
    assert_eq!((status.code(), status.may_have_run()), (Code::Unavailable, true));
    assert!(status.message().contains("Limits::preface"), "{status}");
}

/// A half-open connection, for calls with a time and without.
#[test]
fn a_server_that_answers_no_ping_counts_as_gone() {
    for timeout in [None, Some(PATIENCE)] {
        let (listener, url) = listen();
        let short = Duration::from_millis(30);
        let options = ChannelOptions { keepalive: short, keepalive_timeout: short, attempts: 1, ..options() };
        let caller = client(&url, options).0;
        let client = Client(timeout.map_or(caller.clone(), |timeout| caller.with_timeout(timeout)));
        thread::scope(|scope| {
            let mut peer = Peer::accept(&listener);
            let sum = scope.spawn(|| client.add(3, 4));
            assert_eq!(peer.call(), 1);
            assert_eq!(peer.frame().0.kind, Kind::Ping);
            let status = sum.join().expect("no panic").expect_err("gone");
            assert_eq!((status.code(), status.may_have_run()), (Code::Unavailable, true));
            assert!(status.message().contains("ChannelOptions::keepalive_timeout"), "{status}");
        });
    }
}

#[test]
fn a_server_that_answers_pings_may_take_its_time() {
    let (listener, url) = listen();
    let keepalive = Duration::from_millis(20);
    let client = client(&url, ChannelOptions { keepalive, keepalive_timeout: PATIENCE, ..options() });
    thread::scope(|scope| {
        let mut peer = Peer::accept(&listener);
        let sum = scope.spawn(|| client.add(3, 4));
        assert_eq!(peer.call(), 1);
        for _ in 0..5 {
            let (ping, payload) = peer.frame();
            assert_eq!(ping.kind, Kind::Ping);
            peer.send(Header::new(Kind::Pong, 0, ping.argument), &payload);
        }
        peer.reply(1);
        assert_eq!(sum.join().expect("no panic"), Ok(7));
    });
}
