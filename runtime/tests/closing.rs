//! A server ends connections whose clients go on sending, and have not read their answers yet: they hear all of it.

#[path = "support/raw.rs"]
mod raw;
mod support;

use std::io::Write as _;
use std::thread;
use std::time::{Duration, Instant};

use raw::{Raw, add, echo};
use rpcgen_runtime::net::server::Report;
use rpcgen_runtime::wire::{Header, Kind, Preface};
use rpcgen_runtime::{Router, ServerOptions};
use rustix::net::sockopt::set_socket_recv_buffer_size;
use support::Sums;
use support::servers::{On, Running, on_each};

/// No test waits longer than this for anything.
const PATIENCE: Duration = Duration::from_secs(20);

/// Servers that end, and connections of each.
const ROUNDS: usize = 6;
const CLIENTS: usize = 8;

/// Calls whose answers are long: more than a client's system takes that does not read, and less than the server's.
const LONG_CALLS: u32 = 10;
const LONG: usize = 60_000;

/// Calls that are made meanwhile, and the pause between two of them: the server comes to rest in between.
const CALLS: u32 = 60;
const PAUSE: Duration = Duration::from_micros(200);

/// Half of the time after which a server takes it that nothing more comes.
const HELD_UP: Duration = Duration::from_millis(50);

fn serve(on: On, connections: usize) -> Running {
    on.serve_with(ServerOptions { connections, ..ServerOptions::default() }, Router::new().add(Sums::default()))
}

fn connect(url: &str) -> Raw {
    let raw = Raw::tcp(url, PATIENCE);
    set_socket_recv_buffer_size(&raw.0, 16 << 10).expect("set");
    raw
}

/// Goes on calling; whether nothing held it up for so long that the server had to think that nothing more comes.
fn call_on(raw: &mut Raw) -> bool {
    let (mut is_sent, mut longest) = (true, Duration::ZERO);
    for number in 1..=CALLS {
        let begin = Instant::now();
        is_sent &= raw.0.write_all(&add(LONG_CALLS + number)).is_ok();
        thread::sleep(PAUSE);
        longest = longest.max(begin.elapsed());
    }
    assert!(is_sent || longest > HELD_UP, "the server reads on");
    longest <= HELD_UP
}

/// Calls on, and then hears everything.
fn listen_late(raw: &mut Raw) {
    if call_on(raw) {
        check(raw);
    }
}

/// Everything up to the end: an answer to each call up to the argument of GOAWAY, and to no other.
fn check(raw: &mut Raw) {
    set_socket_recv_buffer_size(&raw.0, 1 << 20).expect("set");
    let rest = raw.rest();
    let mut rest = &rest[Preface::SIZE..];
    let (mut answered, mut last) = (Vec::new(), None);
    while let Some((head, tail)) = rest.split_first_chunk() {
        let header = Header::decode(head, u32::MAX).expect("a good header");
        match header.kind {
            Kind::Reply => answered.push(header.call),
            Kind::GoAway => last = Some(header.argument),
            other => panic!("{other:?}"),
        }
        rest = &tail[header.length as usize..];
    }
    answered.sort_unstable();
    assert_eq!(answered, (1..=last.expect("GOAWAY")).collect::<Vec<_>>());
}

/// A client that has much to read, and does not yet.
fn busy(url: &str) -> Raw {
    let mut raw = connect(url);
    let calls: Vec<u8> = (1..=LONG_CALLS).flat_map(|number| echo(number, LONG)).collect();
    raw.send(&[&raw::PREFACE.encode()[..], &calls].concat());
    raw
}

/// R45: none of them sees a reset before it has heard all.
#[test]
fn r45_who_goes_on_sending_while_a_server_shuts_down_hears_every_answer_and_the_goodbye() {
    on_each(|on| (0..ROUNDS).for_each(|_| shut_down(serve(on, CLIENTS))));
}

fn shut_down(server: Running) {
    let clients: Vec<_> = (0..CLIENTS).map(|_| busy(&server.endpoint().to_string())).collect();
    thread::scope(|scope| {
        let ending = scope.spawn(|| server.shutdown(PATIENCE));
        for mut raw in clients {
            scope.spawn(move || listen_late(&mut raw));
        }
        let Report { connections, cut, .. } = ending.join().expect("no panic");
        assert_eq!((connections, cut), (CLIENTS as u64, 0));
    });
}

/// R45: the same.
#[test]
fn r45_who_goes_on_sending_on_a_connection_that_makes_room_hears_every_answer_and_the_goodbye() {
    on_each(|on| {
        let server = serve(on, 1);
        (0..ROUNDS).for_each(|_| make_room(&server.endpoint().to_string()));
        server.shutdown(PATIENCE);
    });
}

fn make_room(url: &str) {
    let mut raw = busy(url);
    thread::scope(|scope| {
        let other = scope.spawn(|| connect(url).greet());
        listen_late(&mut raw);
        drop(raw);
        drop(other.join().expect("no panic"));
    });
}

/// R45: a client that neither sends nor closes holds nothing up for long, and does not count as cut: it has heard all.
#[test]
fn r45_who_just_stays_is_told_and_not_waited_for() {
    on_each(|on| {
        let server = serve(on, 10);
        let mut idle: Vec<_> = (0..10).map(|_| connect(&server.endpoint().to_string()).greet()).collect();
        let begin = Instant::now();
        assert_eq!(server.shutdown(PATIENCE).cut, 0);
        assert!(begin.elapsed() < PATIENCE / 2);
        for raw in &mut idle {
            assert_eq!(raw.hear().0.kind, Kind::GoAway);
            assert_eq!(raw.rest(), b"");
        }
    });
}

/// What was said to a client that had no time to hear it counts, and not that the client is still there.
#[test]
fn who_has_heard_all_is_not_cut_though_the_time_to_drain_is_short() {
    let server = serve(On::Threads, 1);
    let _idle = connect(&server.endpoint().to_string()).greet();
    let Report { connections, cut, .. } = server.shutdown(Duration::from_millis(1));
    assert_eq!((connections, cut), (1, 0));
}
