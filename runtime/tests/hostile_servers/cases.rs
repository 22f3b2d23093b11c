//! Cases for any kind of channel.

use super::{Caller, Channel, Client};
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::unix::net::UnixListener;
use std::thread;
use std::time::{Duration, Instant};

use crate::support::NOTE;
use rpcgen_runtime::stub::UNBOUNDED;
use rpcgen_runtime::wire::{Header, Kind, Preface};
use rpcgen_runtime::{ChannelOptions, Code};

/// No test waits longer than this for anything.
const PATIENCE: Duration = Duration::from_secs(20);

fn listen() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").expect("binds")
}

fn client(listener: &TcpListener) -> Client {
    let url = format!("tcp://{}", listener.local_addr().expect("bound"));
    Client(Caller::new(Channel::connect(&url).expect("connects")))
}

/// A server's end of a connection, by hand.
struct Peer(TcpStream);

impl Peer {
    /// Accepts, and exchanges prefaces.
    fn accept(listener: &TcpListener) -> Self {
        let mut stream = listener.accept().expect("a connection").0;
        stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        stream.read_exact(&mut [0; Preface::SIZE]).expect("a preface");
        stream.write_all(&Preface { calls: 64, frame: 65_536, window: 16_384 }.encode()).expect("sent");
        Self(stream)
    }

    fn send(&mut self, header: Header, payload: &[u8]) {
        let length = payload.len().try_into().expect("short");
        let frame = [&Header { length, ..header }.encode()[..], payload].concat();
        self.0.write_all(&frame).expect("sent");
    }

    fn reply(&mut self, call: u32) {
        self.send(Header::new(Kind::Reply, call, 0), &[0, 0, 0, 7]);
    }

    /// The next frame.
    fn frame(&mut self) -> Header {
        let mut head = [0; Header::SIZE];
        self.0.read_exact(&mut head).expect("a frame");
        let header = Header::decode(&head, 65_536).expect("a good header");
        self.0.read_exact(&mut vec![0; header.length as usize]).expect("a payload");
        header
    }
}

#[test]
fn who_sends_only_oneway_calls_notices_that_the_server_has_gone() {
    let listener = listen();
    let client = client(&listener);
    drop(Peer::accept(&listener));
    listener.set_nonblocking(true).expect("set");
    let begin = Instant::now();
    loop {
        client.0.send(&NOTE, |out| out.fixed(&1_u32)).expect("the channel connects anew");
        match listener.accept() {
            Ok(_) => return,
            Err(error) => assert_eq!(error.kind(), ErrorKind::WouldBlock),
        }
        assert!(begin.elapsed() < PATIENCE, "the channel has not noticed");
        // What is queued leaves within a millisecond.
        thread::sleep(Duration::from_millis(1));
    }
}

/// R15: by whoever reads.
#[test]
fn a_ping_right_behind_the_last_answer_is_answered() {
    let listener = listen();
    let client = client(&listener);
    thread::scope(|scope| {
        let mut peer = Peer::accept(&listener);
        scope.spawn(|| assert_eq!(client.add(3, 4), Ok(7)));
        let call = peer.frame().call;
        let reply = Header { length: 4, ..Header::new(Kind::Reply, call, 0) }.encode();
        let ping = Header::new(Kind::Ping, 0, 42).encode();
        peer.0.write_all(&[&reply[..], &[0, 0, 0, 7], &ping].concat()).expect("sent");
        let answer = peer.frame();
        assert_eq!((answer.kind, answer.argument), (Kind::Pong, 42));
    });
}

/// R26, R31: calls are answered in any order, and each answer makes room for another.
#[test]
fn a_slow_call_does_not_hold_up_those_that_wait_for_room() {
    let listener = listen();
    let client = client(&listener);
    thread::scope(|scope| {
        let mut peer = Peer::accept(&listener);
        let mut calls: Vec<_> = (0..64).map(|a| client.start_add(a, 1).expect("starts")).collect();
        let slow = calls.remove(0);
        scope.spawn(|| assert_eq!(slow.wait(), Ok(7)));
        assert!((1..=64).all(|call| peer.frame().call == call));
        let more: Vec<_> = (0..8).map(|_| scope.spawn(|| client.add(1, 1))).collect();
        (2..=64).for_each(|call| peer.reply(call));
        let late: Vec<_> = (65..=72).map(|_| peer.frame().call).collect();
        assert_eq!(late, [65, 66, 67, 68, 69, 70, 71, 72], "they leave while the slow one runs");
        late.into_iter().chain([1]).for_each(|call| peer.reply(call));
        assert!(more.into_iter().all(|thread| thread.join().expect("no panic") == Ok(7)));
        assert!(calls.into_iter().all(|call| call.wait() == Ok(7)));
    });
}

/// R43, R47: what GOAWAY says of each call.
#[test]
fn calls_above_the_last_one_handled_did_not_run_whatever_the_reason() {
    let listener = listen();
    let url = format!("tcp://{}", listener.local_addr().expect("bound"));
    let once = ChannelOptions { attempts: 1, ..ChannelOptions::default() };
    let client = Client(Caller::new(Channel::connect_with(&url, once).expect("connects")));
    let mut peer = Peer::accept(&listener);
    let calls: Vec<_> = (0..3).map(|a| client.start_add(a, 1).expect("starts")).collect();
    assert!((1..=3).all(|call| peer.frame().call == call));
    peer.send(Header::new(Kind::GoAway, 0, 1), &[0, 0, 0, 13, 0, 0, 0, 0]);
    let failures: Vec<_> = calls.into_iter().map(|call| call.wait().expect_err("broken off")).collect();
    assert!(failures.iter().all(|status| status.code() == Code::Unavailable), "{failures:?}");
    let ran: Vec<_> = failures.iter().map(rpcgen_runtime::Status::may_have_run).collect();
    assert_eq!(ran, [true, false, false]);
    assert!(failures.iter().all(|status| status.attempts() == 1), "{failures:?}");
}

#[test]
fn what_was_queued_leaves_before_the_channel_is_dropped() {
    let listener = listen();
    let client = client(&listener);
    let mut peer = Peer::accept(&listener);
    let calls: Vec<_> = (0..2).map(|a| client.start_add(a, 1).expect("starts")).collect();
    client.0.send(&NOTE, |out| out.fixed(&1_u32)).expect("queued");
    drop((calls, client));
    let mut kinds: Vec<_> = (0..5).map(|_| peer.frame()).map(|frame| (frame.kind, frame.call)).collect();
    // In which order the two were dropped is nobody's concern.
    kinds[3..].sort_by_key(|(_, call)| *call);
    let calls = [1, 2, 3].map(|call| (Kind::Call, call));
    assert_eq!(kinds, [&calls[..], &[(Kind::Cancel, 1), (Kind::Cancel, 2)]].concat());
}

/// R43: no further calls, but the answers to those that are open.
#[test]
fn a_call_that_waits_for_room_goes_elsewhere_when_the_server_takes_no_more() {
    let listener = listen();
    let client = client(&listener);
    thread::scope(|scope| {
        let mut peer = Peer::accept(&listener);
        let calls: Vec<_> = (0..64).map(|a| client.start_add(a, 1).expect("starts")).collect();
        assert!((1..=64).all(|call| peer.frame().call == call));
        let late = scope.spawn(|| client.add(1, 1));
        peer.send(Header::new(Kind::GoAway, 0, 64), &[0; 8]);
        let mut next = Peer::accept(&listener);
        assert_eq!(next.frame().call, 1);
        next.reply(1);
        assert_eq!(late.join().expect("no panic"), Ok(7));
        (1..=64).for_each(|call| peer.reply(call));
        assert!(calls.into_iter().all(|call| call.wait() == Ok(7)));
    });
}

#[test]
fn a_channel_that_is_dropped_goes_on_until_the_server_has_taken_what_was_queued() {
    const NOTES: usize = 20_000;
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("s");
    let listener = UnixListener::bind(&path).expect("binds");
    let channel = Channel::connect(&format!("unix://{}", path.display())).expect("connects");
    let client = Client(Caller::new(channel));
    (0..NOTES).for_each(|_| client.0.send(&NOTE, |out| out.fixed(&1_u32)).expect("queued"));
    drop(client);
    let (mut stream, _) = listener.accept().expect("a connection");
    stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    let mut heard = Vec::new();
    stream.read_to_end(&mut heard).expect("closed in order");
    assert_eq!(heard.len(), Preface::SIZE + NOTES * (Header::SIZE + 8));
}

/// L5 holds for what a client has yet to send, too.
#[test]
fn oneway_calls_wait_while_the_server_reads_nothing() {
    let listener = listen();
    let client = client(&listener);
    let peer = Peer::accept(&listener);
    let hurried = client.0.with_timeout(Duration::from_millis(100));
    let size = 60_000;
    let send = || hurried.send(&NOTE, |out| out.bytes(&vec![0; size], UNBOUNDED));
    let refused = (0..10_000).find_map(|count| send().err().map(|status| (count, status)));
    let (count, status) = refused.expect("600 MB should not be waiting");
    assert_eq!((status.code(), status.may_have_run()), (Code::DeadlineExceeded, false), "{status}");
    // 4 MiB are queued; the rest is what the system's sockets hold.
    assert!(count * size < 32 << 20, "{count} calls of {size} bytes");
    drop(peer);
}
