//! Cases for any kind of channel.

use super::{Caller, Channel, Client, PendingCall};
use crate::PATIENCE;
use std::io::Read as _;
use std::net::{SocketAddr, TcpListener};
use std::os::unix::net::{UnixListener, UnixStream};
use std::thread;
use std::time::{Duration, Instant};

use crate::peer::Peer;
use crate::support::{ADD, ECHO, Sums};
use rpcgen_runtime::stub::{At as _, Method};
use rpcgen_runtime::wire::{Header, Kind};
use rpcgen_runtime::{ChannelOptions, Code, Router, Status, ThreadServer};

/// `ADD`, for those who do not mind that it runs twice.
static ADD_AGAIN: Method = Method::new("test.Sums/add", 1, 11).idempotent();

fn options() -> ChannelOptions {
    let (backoff, backoff_most) = (Duration::from_millis(1), Duration::from_millis(5));
    ChannelOptions { connection_wait: PATIENCE, backoff, backoff_most, ..ChannelOptions::default() }
}

fn listen() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("binds");
    let url = format!("tcp://{}", listener.local_addr().expect("bound"));
    (listener, url)
}

fn client(url: &str, options: ChannelOptions) -> Client {
    Client(Caller::new(Channel::connect_with(url, options).expect("connects")))
}

fn start(client: &Client, method: &'static Method) -> PendingCall<i32, Status> {
    let pack = |out: &mut rpcgen_runtime::stub::Packer<'_>| {
        out.fixed(&3_i32).at("a")?;
        out.fixed(&4_i32).at("b")
    };
    client.0.start(method, pack, |input| input.fixed().at("result")).expect("starts")
}

/// What a thread runs with a clone of the client.
fn twin<T, U: FnOnce(&Client) -> T>(client: &Client, run: U) -> impl FnOnce() -> T + use<T, U> {
    let client = Client(client.0.clone());
    move || run(&client)
}

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
