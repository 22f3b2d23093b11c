//! Cases for any kind of channel.

use super::{Caller, Channel, Client};
use crate::PATIENCE;
use std::io::Write as _;
use std::net::TcpListener;
use std::os::unix::net::UnixListener;
use std::thread;
use std::time::{Duration, Instant};

use crate::peer::Peer;
use rpcgen_runtime::wire::{Header, Kind};
use rpcgen_runtime::{ChannelOptions, Code, Status};
use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType, connect, listen, socket_with};

/// What a call has.
const TIME: Duration = Duration::from_millis(60);

fn options() -> ChannelOptions {
    let (backoff, backoff_most) = (Duration::from_millis(1), Duration::from_millis(5));
    ChannelOptions { connection_wait: PATIENCE, backoff, backoff_most, ..ChannelOptions::default() }
}

fn tcp() -> (TcpListener, Client) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("binds");
    let url = format!("tcp://{}", listener.local_addr().expect("bound"));
    (listener, Client(Caller::new(Channel::connect_with(&url, options()).expect("connects"))))
}

fn hurried(client: &Client) -> Client {
    Client(client.0.with_timeout(TIME))
}

/// That a call failed in its time, and how.
#[track_caller]
fn is_late<T: std::fmt::Debug>(begin: Instant, result: Result<T, Status>, code: Code, may_have_run: bool) {
    let took = begin.elapsed();
    assert!((TIME..PATIENCE / 2).contains(&took), "{took:?}");
    let status = result.expect_err("it is too late");
    assert_eq!((status.code(), status.may_have_run()), (code, may_have_run), "{status}");
}

#[test]
fn r40_before_there_is_a_connection() {
    let (listener, client) = tcp();
    drop(Peer::accept(&listener));
    drop(listener);
    // The first call finds out that the connection has gone.
    assert!(hurried(&client).add(1, 2).is_err());
    let begin = Instant::now();
    is_late(begin, hurried(&client).add(1, 2), Code::Unavailable, false);
}

#[test]
fn r40_while_the_channel_connects() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("s");
    let listener = UnixListener::bind(&path).expect("binds");
    let url = format!("unix://{}", path.display());
    let client = Client(Caller::new(Channel::connect_with(&url, options()).expect("connects")));
    let peer = Peer::accept_unix(&listener);
    // No further connection is let in.
    listen(&listener, 0).expect("set");
    let address = SocketAddrUnix::new(&path).expect("an address");
    let waiting: Vec<_> = std::iter::repeat_with(|| {
        let socket =
            socket_with(AddressFamily::UNIX, SocketType::STREAM, SocketFlags::NONBLOCK, None).expect("a socket");
        connect(&socket, &address).is_ok().then_some(socket)
    })
    .map_while(|socket| socket)
    .collect();
    drop(peer);
    let begin = Instant::now();
    is_late(begin, hurried(&client).add(1, 2), Code::Unavailable, false);
    // Those before it are let in, and then it is.
    thread::scope(|scope| {
        let sum = scope.spawn(|| client.add(3, 4));
        for _ in &waiting {
            drop(listener.accept().expect("a connection"));
        }
        let mut peer = Peer::accept_unix(&listener);
        answer(&mut peer);
        assert_eq!(sum.join().expect("no panic"), Ok(7));
    });
}

/// Answers the next call that is not given up.
fn answer<S: std::io::Read + std::io::Write>(peer: &mut Peer<S>) {
    let call = peer.call();
    peer.reply(call);
}

#[test]
fn r40_while_the_call_waits_for_its_turn() {
    let (listener, client) = tcp();
    let mut peer = Peer::accept(&listener);
    // As many as the server allows.
    let calls: Vec<_> = (0..64).map(|a| client.start_add(a, 1).expect("starts")).collect();
    assert!((1..=64).all(|call| peer.call() == call));
    let begin = Instant::now();
    is_late(begin, hurried(&client).add(1, 2), Code::DeadlineExceeded, false);
    (1..=64).for_each(|call| peer.reply(call));
    assert!(calls.into_iter().all(|call| call.wait() == Ok(7)));
    goes_on(&client, &mut peer);
}

/// That the same connection carries a further call.
fn goes_on<S: std::io::Read + std::io::Write + Send>(client: &Client, peer: &mut Peer<S>) {
    thread::scope(|scope| {
        let sum = scope.spawn(|| client.add(3, 4));
        answer(peer);
        assert_eq!(sum.join().expect("no panic"), Ok(7));
    });
}

/// The rest of what was begun is sent, or CANCEL (R24).
#[test]
fn r40_when_the_call_was_sent_in_part() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("s");
    let listener = UnixListener::bind(&path).expect("binds");
    let url = format!("unix://{}", path.display());
    let client = Client(Caller::new(Channel::connect_with(&url, options()).expect("connects")));
    let mut peer = Peer::accept_unix(&listener);
    let begin = Instant::now();
    // Many times what the socket holds, of which the server reads nothing meanwhile.
    is_late(begin, hurried(&client).echo(&vec![7; 8 << 20]).map(|_| ()), Code::DeadlineExceeded, true);
    thread::scope(|scope| {
        let sum = scope.spawn(|| client.add(3, 4));
        let mut cancelled = false;
        let add = loop {
            let (header, _) = peer.frame();
            cancelled |= (header.kind, header.call) == (Kind::Cancel, 1);
            if header.call == 2 {
                break header.call;
            }
        };
        peer.reply(add);
        assert_eq!(sum.join().expect("no panic"), Ok(7));
        while !cancelled {
            let (header, _) = peer.frame();
            cancelled = header.call == 1 && (header.kind == Kind::Cancel || !header.has_more());
        }
    });
}

#[test]
fn r40_when_no_answer_comes() {
    let (listener, client) = tcp();
    let mut peer = Peer::accept(&listener);
    let begin = Instant::now();
    is_late(begin, hurried(&client).add(1, 2), Code::DeadlineExceeded, true);
    assert_eq!(peer.call(), 1);
    let (header, _) = peer.frame();
    assert_eq!((header.kind, header.call), (Kind::Cancel, 1));
    // R42: an answer that comes too late is dropped.
    peer.reply(1);
    goes_on(&client, &mut peer);
}

#[test]
fn r40_while_the_answer_is_read() {
    for at in [3, 16, 18] {
        let (listener, client) = tcp();
        let mut peer = Peer::accept(&listener);
        let answer = [&Header { length: 4, ..Header::new(Kind::Reply, 1, 0) }.encode()[..], &[0, 0, 0, 7]].concat();
        thread::scope(|scope| {
            let begin = Instant::now();
            let sum = scope.spawn(|| hurried(&client).add(3, 4));
            assert_eq!(peer.call(), 1);
            peer.0.write_all(&answer[..at]).expect("sent");
            is_late(begin, sum.join().expect("no panic"), Code::DeadlineExceeded, true);
        });
        assert_eq!(peer.frame().0.kind, Kind::Cancel);
        peer.0.write_all(&answer[at..]).expect("sent");
        goes_on(&client, &mut peer);
    }
}
