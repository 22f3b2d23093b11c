//! Connections that end, with calls on them and without.

use std::io::Read as _;
use std::os::unix::net::{UnixListener, UnixStream};
use std::thread;
use std::time::Duration;

use rpcgen_runtime::stub::At as _;
use rpcgen_runtime::wire::{Header, Kind};
use rpcgen_runtime::{ChannelOptions, Code, Status};

use super::{ADD_AGAIN, Client, PendingCall, client, listen, options, start};
use crate::peer::Peer;
use crate::support::{ADD, ECHO};

/// R47, row 1.
/// R47: it did not run.
#[test]
fn a_call_that_was_not_written_to_its_last_byte_is_sent_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("s");
    let listener = UnixListener::bind(&path).expect("binds");
    let url = format!("unix://{}", path.display());
    let client = client(&url, ChannelOptions { resend_size: 65_536, ..options() });
    thread::scope(|scope| {
        let peer = Peer::accept_unix(&listener);
        // Many times what a Unix socket holds: the server reads none of them.
        let calls: Vec<_> = (0..60).map(|_| start_echo(&client, &vec![7; 60_000])).collect();
        let waiting: Vec<_> = calls.into_iter().map(|call| scope.spawn(move || call.wait())).collect();
        drop(peer);
        let mut next = Peer::accept_unix(&listener);
        let answers = scope.spawn(move || answer_echoes(&mut next));
        let results: Vec<_> = waiting.into_iter().map(|thread| thread.join().expect("no panic")).collect();
        drop(client);
        let answered = answers.join().expect("no panic");
        let succeeded = results.iter().filter(|result| result.is_ok()).count();
        assert!(succeeded > 0, "some were never written");
        assert_eq!(succeeded, answered, "nothing is sent again that may have run, and nothing else is lost");
        let failed = results.into_iter().filter_map(Result::err);
        assert!(failed.inspect(|status| assert_eq!(status.attempts(), 1)).all(|status| status.may_have_run()));
    });
}

fn start_echo(client: &Client, bytes: &[u8]) -> PendingCall<u32, Status> {
    let unbounded = rpcgen_runtime::stub::UNBOUNDED;
    client.0.start(&ECHO, |out| out.bytes(bytes, unbounded), |input| input.fixed().at("result")).expect("starts")
}

/// Answers every call until the client goes; how many there were.
fn answer_echoes(peer: &mut Peer<UnixStream>) -> usize {
    let mut calls = 0;
    let mut head = [0; Header::SIZE];
    while peer.0.read_exact(&mut head).is_ok() {
        let header = Header::decode(&head, 65_536).expect("a good header");
        peer.0.read_exact(&mut vec![0; header.length as usize]).expect("a payload");
        peer.reply(header.call);
        calls += 1;
    }
    calls
}

/// R47, row 4.
/// R47: all else may have run.
#[test]
fn a_call_that_was_lost_is_sent_again_only_if_it_may_run_twice() {
    for (method, is_sent_again) in [(&ADD, false), (&ADD_AGAIN, true)] {
        let (listener, url) = listen();
        let client = client(&url, options());
        thread::scope(|scope| {
            let mut peer = Peer::accept(&listener);
            let sum = scope.spawn(|| start(&client, method).wait());
            assert_eq!(peer.call(), 1);
            drop(peer);
            if is_sent_again {
                let mut next = Peer::accept(&listener);
                assert_eq!(next.call(), 1);
                next.reply(1);
                assert_eq!(sum.join().expect("no panic"), Ok(7));
            } else {
                let status = sum.join().expect("no panic").expect_err("lost");
                assert_eq!((status.code(), status.may_have_run()), (Code::Unavailable, true));
                listener.set_nonblocking(true).expect("set");
                assert!(listener.accept().is_err(), "nobody connects for nothing");
            }
        });
    }
}

#[test]
fn a_call_of_which_one_attempt_may_have_run_says_so_whatever_came_last() {
    let (listener, url) = listen();
    let client = client(&url, options());
    thread::scope(|scope| {
        let mut peer = Peer::accept(&listener);
        let sum = scope.spawn(|| start(&client, &ADD_AGAIN).wait());
        assert_eq!(peer.call(), 1);
        drop(peer);
        let mut next = Peer::accept(&listener);
        (1..=2).for_each(|call| {
            assert_eq!(next.call(), call);
            next.refuse(call, Code::Unavailable, true);
        });
        let status = sum.join().expect("no panic").expect_err("refused");
        assert_eq!((status.may_have_run(), status.attempts()), (true, 3));
    });
}

#[test]
fn an_idle_channel_sees_before_its_next_call_that_the_server_has_gone() {
    for goes_in_order in [true, false] {
        let (listener, url) = listen();
        let client = client(&url, options());
        thread::scope(|scope| {
            let mut peer = Peer::accept(&listener);
            let sum = scope.spawn(|| client.add(3, 4));
            assert_eq!(peer.call(), 1);
            peer.reply(1);
            assert_eq!(sum.join().expect("no panic"), Ok(7));
            if goes_in_order {
                peer.send(Header::new(Kind::GoAway, 0, 1), &[0; 8]);
            } else {
                peer.0.shutdown(std::net::Shutdown::Write).expect("open");
            }
            // Longer than a call may follow another without a look.
            thread::sleep(Duration::from_millis(150));
            let sum = scope.spawn(|| client.add(3, 4));
            let mut next = Peer::accept(&listener);
            assert_eq!(next.call(), 1);
            next.reply(1);
            assert_eq!(sum.join().expect("no panic"), Ok(7));
            peer.ends();
        });
    }
}
