//! How long connections last, and how many there may be: nobody's call fails over it.

mod support;

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rpcgen_runtime::stub::Caller;
use rpcgen_runtime::wire::header::{MAX_CALL, MORE};
use rpcgen_runtime::wire::{Header, Kind, Preface};
use rpcgen_runtime::{Channel, ChannelOptions, Code, Limits, Router, ServerOptions};
use support::servers::{On, Running, on_each};
use support::{Client, NOTE, Sums};

/// No test waits longer than this for anything.
const PATIENCE: Duration = Duration::from_secs(20);

/// Far longer than a loaded machine keeps a thread waiting.
const SHORT: Option<Duration> = Some(Duration::from_millis(500));

fn serve(on: On, options: ServerOptions, notes: &Arc<AtomicU32>) -> Running {
    on.serve_with(options, Router::new().add_quick(Sums(Arc::clone(notes))))
}

fn client(server: &Running) -> Client {
    Client(Caller::new(Channel::connect(&server.endpoint().to_string()).expect("connects")))
}

/// A client's end of a connection, by hand: it has sent its preface.
fn raw(server: &Running) -> TcpStream {
    let address = server.endpoint().to_string();
    let mut stream = TcpStream::connect(address.trim_start_matches("tcp://")).expect("connects");
    stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    stream.write_all(&Preface { calls: 64, frame: 65_536, window: 16_384 }.encode()).expect("sent");
    stream
}

/// A call of `add(2, 3)`.
fn add(call: u32) -> [u8; 28] {
    let header = Header { length: 12, ..Header::new(Kind::Call, call, 1) }.encode();
    let mut bytes = [0; 28];
    bytes[..16].copy_from_slice(&header);
    bytes[16..].copy_from_slice(&[0, 0, 0, 11, 0, 0, 0, 2, 0, 0, 0, 3]);
    bytes
}

/// The kinds and arguments of the frames behind a preface.
fn frames(heard: &[u8]) -> Vec<(Kind, u32)> {
    let mut rest = heard.get(Preface::SIZE..).unwrap_or_default();
    let mut frames = Vec::new();
    while let Some((head, tail)) = rest.split_first_chunk() {
        let header = Header::decode(head, u32::MAX).expect("a good header");
        frames.push((header.kind, header.argument));
        rest = &tail[header.length as usize..];
    }
    frames
}

/// Everything until the server closes.
fn hear(stream: &mut TcpStream) -> Vec<(Kind, u32)> {
    let mut heard = Vec::new();
    stream.read_to_end(&mut heard).expect("closed in order");
    frames(&heard)
}

/// R43, R44: first every call is still handled, then those up to the last that came.
#[test]
fn an_idle_connection_is_told_to_leave_and_then_ends() {
    on_each(|on| {
        let options = ServerOptions { max_connection_idle: SHORT, ..ServerOptions::default() };
        let server = serve(on, options, &Arc::default());
        let client = client(&server);
        assert_eq!(client.add(1, 2), Ok(3));
        let mut stream = raw(&server);
        stream.write_all(&add(7)).expect("sent");
        assert_eq!(hear(&mut stream), [(Kind::Reply, 0), (Kind::GoAway, MAX_CALL), (Kind::GoAway, 7)]);
        assert_eq!(client.add(3, 4), Ok(7), "on another connection");
        assert_eq!(server.shutdown(PATIENCE).connections, 3);
    });
}

/// R43: whatever is under way when a connection grows too old, large calls and oneway calls too, none of it is lost.
#[test]
fn no_call_fails_or_is_lost_though_connections_grow_old_all_the_time() {
    on_each(|on| {
        const LASTS: Duration = Duration::from_secs(2);
        let notes = Arc::<AtomicU32>::default();
        let options = ServerOptions { max_connection_age: SHORT, ..ServerOptions::default() };
        let server = serve(on, options, &notes);
        let (large, sent, begin) = (vec![7; 200_000], AtomicU32::new(0), Instant::now());
        thread::scope(|scope| {
            for _ in 0..2 {
                let client = client(&server);
                let (large, sent) = (&large, &sent);
                scope.spawn(move || {
                    for number in (0..).take_while(|_| begin.elapsed() < LASTS) {
                        client.0.send(&NOTE, |out| out.fixed(&1_u32)).expect("queued");
                        sent.fetch_add(1, Ordering::SeqCst);
                        assert_eq!(client.add(number, 1), Ok(number + 1));
                        if number % 50 == 0 {
                            assert!(client.echo(large).as_ref() == Ok(large), "call {number}");
                        }
                    }
                });
            }
        });
        let (begin, sent) = (Instant::now(), sent.load(Ordering::SeqCst));
        while notes.load(Ordering::SeqCst) < sent {
            assert!(begin.elapsed() < PATIENCE, "{notes:?} of {sent} notes arrived");
            thread::yield_now();
        }
        let report = server.shutdown(PATIENCE);
        assert_eq!(notes.load(Ordering::SeqCst), sent);
        assert!(report.connections > 2, "{report:?}");
    });
}

/// R43: who is told to leave and does not is cut off when the grace is over, though a call has come in part.
#[test]
fn a_connection_that_is_too_old_is_cut_after_its_grace() {
    on_each(|on| {
        let max_connection_age_grace = Duration::from_millis(300);
        let options = ServerOptions { max_connection_age: SHORT, max_connection_age_grace, ..ServerOptions::default() };
        let server = serve(on, options, &Arc::default());
        let mut stream = raw(&server);
        let mut part = add(1);
        part[5] = MORE;
        stream.write_all(&part).expect("sent");
        let unavailable = Code::Unavailable.number();
        assert_eq!(hear(&mut stream), [(Kind::GoAway, MAX_CALL), (Kind::GoAway, 1), (Kind::Fault, unavailable)]);
        server.shutdown(PATIENCE);
    });
}

/// L14: of which a call has come in part is not idle. While none is, a further connection waits.
#[test]
fn while_no_connection_is_idle_a_further_one_waits() {
    on_each(|on| {
        let server = serve(on, ServerOptions { connections: 1, ..ServerOptions::default() }, &Arc::default());
        let mut first = raw(&server);
        let mut part = add(1);
        part[5] = MORE;
        first.write_all(&part).expect("sent");
        first.read_exact(&mut [0; Preface::SIZE]).expect("a preface");
        let mut second = raw(&server);
        second.write_all(&add(1)).expect("sent");
        second.set_read_timeout(Some(Duration::from_millis(300))).expect("a timeout");
        let waits = second.read(&mut [0; 1]).map_err(|error| error.kind());
        assert_eq!(waits, Err(ErrorKind::WouldBlock));
        // What comes now is one parameter too much.
        part[5] = 0;
        first.write_all(&part).expect("sent");
        second.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        let mut answer = [0; Preface::SIZE + Header::SIZE + 4];
        second.read_exact(&mut answer).expect("an answer");
        assert_eq!(frames(&answer), [(Kind::Reply, 0)]);
        let mut heard = Vec::new();
        first.read_to_end(&mut heard).expect("closed in order");
        let reason = String::from_utf8_lossy(&heard);
        let expected = "the server makes room for another connection: 1 are open, and no more may be \
                        (ServerOptions::connections)";
        assert!(reason.ends_with(expected), "{reason}");
        server.shutdown(PATIENCE);
    });
}

/// R58: a server does not start with a value that makes no sense, and says which.
#[test]
fn a_server_with_an_option_that_makes_no_sense_does_not_start() {
    on_each(|on| {
        let good = ServerOptions::default();
        let zero = Some(Duration::ZERO);
        for (options, refusal) in [
            (
                ServerOptions { connections: 0, ..good.clone() },
                "ServerOptions::connections is 0, and must be at least 1",
            ),
            (ServerOptions { stack: 1, ..good.clone() }, "ServerOptions::stack is 1, and must be at least 65536"),
            (
                ServerOptions { stack: usize::MAX, ..good.clone() },
                "ServerOptions::stack is 18446744073709551615, and must be at most 1073741824",
            ),
            (
                ServerOptions { longest_call: zero, ..good.clone() },
                "ServerOptions::longest_call is 0ns, and must be longer than that",
            ),
            (
                ServerOptions { max_connection_idle: zero, ..good.clone() },
                "ServerOptions::max_connection_idle is 0ns, and must be longer than that",
            ),
            (
                ServerOptions { max_connection_age: zero, ..good.clone() },
                "ServerOptions::max_connection_age is 0ns, and must be longer than that",
            ),
            (
                ServerOptions { limits: Limits { nesting: 1000, ..Limits::default() }, ..good },
                "Limits::nesting is 1000, and must be at most 256",
            ),
        ] {
            let started = on.start("tcp://127.0.0.1:0", options, Router::new());
            let refused = started.map(|_| ()).map_err(|error| error.to_string());
            assert_eq!(refused, Err(refusal.to_owned()));
        }
    });
}

/// R58: nor is a channel made.
#[test]
fn a_channel_with_an_option_that_makes_no_sense_is_not_made() {
    let limits = Limits { open_calls: 0, ..Limits::default() };
    let options = ChannelOptions { limits, ..ChannelOptions::default() };
    let refused = Channel::connect_with("tcp://127.0.0.1:1", options).map(|_| ()).expect_err("refused");
    assert_eq!((refused.code(), refused.may_have_run()), (Code::InvalidArgument, false));
    assert_eq!(refused.message(), "Limits::open_calls is 0, and must be at least 64");
}
