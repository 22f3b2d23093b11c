//! Clients that connect and say nothing.

use std::time::{Duration, Instant};

use rpcgen_runtime::stub::Caller;
use rpcgen_runtime::wire::{Header, Kind, Preface};
use rpcgen_runtime::{Channel, Limits, ServerOptions};

use crate::child::{is_child, raise_descriptors};
use crate::raw::Raw;
use crate::support::Client;
use crate::support::servers::On;
use crate::{PATIENCE, serve_parent, start};

/// As many as the limit on descriptors allows, in each of the two processes; some are for other tests.
fn crowd() -> u64 {
    raise_descriptors().saturating_sub(1000).min(10_000)
}

/// L15.
#[test]
fn ten_thousand_clients_that_say_nothing_hurt_nobody_and_are_closed_in_time() {
    let options = ServerOptions { connections: 20_000, ..ServerOptions::default() };
    let Limits { preface, .. } = options.limits;
    let crowd = crowd();
    if is_child() {
        return serve_parent(options);
    }
    let test = "silent::ten_thousand_clients_that_say_nothing_hurt_nobody_and_are_closed_in_time";
    let (server, url) = start(test, On::Threads);
    let good = Client(Caller::new(Channel::connect(&url).expect("connects")));
    assert_eq!(good.add(1, 2), Ok(3));
    let (before, begin) = (server.usage(), Instant::now());
    let mut silent: Vec<_> = (0..crowd).map(|_| Raw::unix(&url, PATIENCE)).collect();
    let connected = begin.elapsed();
    let slowest = (0..200).map(|_| time_of_call(&good)).max().expect("some");
    let late = Client(Caller::new(Channel::connect(&url).expect("connects")));
    assert_eq!(late.add(2, 2), Ok(4));
    let with_crowd = server.usage();
    assert!(silent.iter_mut().all(|raw| is_told_to_hurry(&raw.rest())));
    let closed = begin.elapsed();
    println!("{crowd} silent clients in {connected:.1?}, {with_crowd:?}; all closed after {closed:.1?}");
    println!("meanwhile the slowest of 200 calls of another took {slowest:.1?}");
    assert!(with_crowd.threads as u64 > crowd || connected > preface, "they were there at once");
    assert!((preface..preface + PATIENCE).contains(&closed), "{closed:?}");
    assert_eq!((good.add(1, 2), late.add(2, 2)), (Ok(3), Ok(4)));
    wait_until(|| server.usage().threads <= before.threads + 1);
    drop((good, late));
    server.finish();
}

fn time_of_call(client: &Client) -> Duration {
    let begin = Instant::now();
    assert_eq!(client.add(1, 2), Ok(3));
    begin.elapsed()
}

/// GOAWAY with code 4, behind the preface if there is one.
fn is_told_to_hurry(heard: &[u8]) -> bool {
    let frame = heard.strip_prefix(b"RPCG").map_or(heard, |rest| &rest[Preface::SIZE - 4..]);
    let header = frame.first_chunk().and_then(|head| Header::decode(head, u32::MAX).ok());
    header.is_some_and(|header| header.kind == Kind::GoAway) && frame[Header::SIZE..].starts_with(&[0, 0, 0, 4])
}

fn wait_until(is_so: impl Fn() -> bool) {
    let begin = Instant::now();
    while !is_so() {
        assert!(begin.elapsed() < PATIENCE, "threads are left");
        std::thread::yield_now();
    }
}
