//! Peers that break the rules, on real sockets: they get the answer of `docs/wire.md`, and everybody else is served on.

mod support;

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rpcgen_runtime::stub::Caller;
use rpcgen_runtime::wire::header::{MORE, ONEWAY};
use rpcgen_runtime::wire::{Header, Kind, Preface};
use rpcgen_runtime::{Channel, Limits, Router, ServerOptions};
use support::servers::{On, Running, on_each};
use support::{Client, Sums};

/// No test waits longer than this for anything.
const PATIENCE: Duration = Duration::from_secs(20);

fn serve(on: On, options: ServerOptions) -> Running {
    on.serve_with(options, Router::new().add_quick(Sums::default()))
}

fn raw(server: &Running) -> TcpStream {
    let stream = TcpStream::connect(server.endpoint().to_string().trim_start_matches("tcp://")).expect("connects");
    stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    stream
}

fn client(server: &Running) -> Client {
    Client(Caller::new(Channel::connect(&server.endpoint().to_string()).expect("connects")))
}

fn preface() -> [u8; 16] {
    Preface { calls: 64, frame: 65_536, window: 16_384 }.encode()
}

/// Sends bytes, and gives everything that comes back until the server closes.
fn provoke(server: &Running, bytes: &[u8]) -> Vec<u8> {
    let mut stream = raw(server);
    // The server may close before all is sent; what it said before counts.
    if stream.write_all(bytes).is_ok() {
        stream.shutdown(Shutdown::Write).unwrap_or_default();
    }
    let mut heard = Vec::new();
    stream.read_to_end(&mut heard).map_or_else(|_| heard.clone(), |_| heard.clone())
}

/// The headers of the frames behind the server's preface.
fn headers(heard: &[u8]) -> Vec<Header> {
    let mut rest = heard.get(Preface::SIZE..).unwrap_or_default();
    let mut headers = Vec::new();
    while let Some((head, tail)) = rest.split_first_chunk() {
        let header = Header::decode(head, u32::MAX).expect("a good header");
        headers.push(header);
        rest = &tail[header.length as usize..];
    }
    headers
}

/// Their kinds.
fn kinds(heard: &[u8]) -> Vec<Kind> {
    headers(heard).iter().map(|header| header.kind).collect()
}

#[test]
fn everybody_else_is_served_whatever_one_peer_sends() {
    on_each(|on| {
        let server = serve(on, ServerOptions::default());
        let good = client(&server);
        let half_a_call = [&preface()[..], &[0, 0, 0, 12, 1, 0]].concat();
        let huge = [&preface()[..], &[255; 4], &[1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1]].concat();
        let cases: [(&[u8], &[Kind]); 5] = [
            (b"", &[]),
            (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", &[]),
            (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc", &[]),
            (&half_a_call, &[]),
            (&huge, &[Kind::GoAway]),
        ];
        for (bytes, answer) in cases {
            assert_eq!(kinds(&provoke(&server, bytes)), answer, "{bytes:?}");
            assert_eq!(good.add(1, 2), Ok(3));
        }
        let mut random = fastrand::Rng::with_seed(7);
        for _ in 0..50 {
            let noise: Vec<u8> = (0..random.usize(1..2000)).map(|_| random.u8(..)).collect();
            provoke(&server, &noise);
            provoke(&server, &[&preface()[..], &noise].concat());
            assert_eq!(good.add(1, 2), Ok(3));
        }
        server.shutdown(PATIENCE);
    });
}

/// R4, R46: calls may follow the preface at once, and nothing needs to follow them.
#[test]
fn a_half_close_still_gets_its_answers() {
    on_each(|on| {
        let server = serve(on, ServerOptions::default());
        let call = Header { length: 12, ..Header::new(Kind::Call, 1, 1) }.encode();
        let bytes = [&preface()[..], &call, &[0, 0, 0, 11], &[0, 0, 0, 2, 0, 0, 0, 3]].concat();
        assert!(provoke(&server, &bytes).ends_with(&[0, 0, 0, 5]));
        server.shutdown(PATIENCE);
    });
}

#[test]
fn oneway_calls_of_a_peer_that_has_gone_are_run() {
    on_each(|on| {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("s");
        let server = on.bind(&format!("unix://{}", path.display())).expect("binds");
        let mut note = Header { flags: ONEWAY, length: 8, ..Header::new(Kind::Call, 0, 3) };
        let mut bytes = preface().to_vec();
        for call in 1..=2000 {
            note.call = call;
            bytes.extend([&note.encode()[..], &[0, 0, 0, 13], &[0, 0, 0, 1]].concat());
        }
        UnixStream::connect(&path).and_then(|mut stream| stream.write_all(&bytes)).expect("sent");
        let sum = Arc::new(AtomicU32::new(0));
        let server = server.start(Router::new().add(Sums(Arc::clone(&sum)))).expect("starts");
        let begin = Instant::now();
        while sum.load(Ordering::SeqCst) < 2000 {
            assert!(begin.elapsed() < PATIENCE, "{sum:?} of 2000 notes arrived");
            thread::yield_now();
        }
        server.shutdown(PATIENCE);
    });
}

/// L15: a preface must come in time.
#[test]
fn a_peer_that_says_nothing_is_closed_in_time() {
    on_each(|on| {
        let limits = Limits { preface: Duration::from_millis(20), ..Limits::default() };
        let server = serve(on, ServerOptions { limits, ..ServerOptions::default() });
        let mut stream = raw(&server);
        let mut heard = Vec::new();
        stream.read_to_end(&mut heard).expect("closed");
        assert_eq!(kinds(&heard), [Kind::GoAway]);
        server.shutdown(PATIENCE);
    });
}

/// L7, R45: the reason arrives before the connection ends.
#[test]
fn a_peer_that_stops_in_a_frame_is_closed_in_time() {
    on_each(|on| {
        let limits = Limits { frame_stall: Duration::from_millis(20), ..Limits::default() };
        let server = serve(on, ServerOptions { limits, ..ServerOptions::default() });
        let mut stream = raw(&server);
        stream.write_all(&[&preface()[..], &[0, 0, 0]].concat()).expect("sent");
        let mut heard = Vec::new();
        stream.read_to_end(&mut heard).expect("closed");
        assert_eq!(kinds(&heard), [Kind::GoAway]);
        server.shutdown(PATIENCE);
    });
}

/// L7: each byte starts the time anew.
#[test]
fn a_slow_peer_is_served_for_as_long_as_bytes_come() {
    on_each(|on| {
        let limits = Limits { frame_stall: Duration::from_secs(1), ..Limits::default() };
        let server = serve(on, ServerOptions { limits, ..ServerOptions::default() });
        let mut stream = raw(&server);
        stream.write_all(&preface()).expect("sent");
        for byte in call(1, None) {
            stream.write_all(&[byte]).expect("sent");
            // All of it takes longer than the limit, a byte takes far less.
            thread::sleep(Duration::from_millis(50));
        }
        let mut heard = vec![0; Preface::SIZE + Header::SIZE + 4];
        stream.read_exact(&mut heard).expect("an answer");
        assert_eq!(kinds(&heard), [Kind::Reply]);
        server.shutdown(PATIENCE);
    });
}

/// L5, L6: replies do not pile up, nor wait for ever.
#[test]
fn a_peer_that_never_reads_its_replies_is_closed_in_time() {
    on_each(|on| {
        let limits = Limits { write_stall: Duration::from_millis(50), queued: 1 << 20, ..Limits::default() };
        let server = serve(on, ServerOptions { limits, ..ServerOptions::default() });
        let mut stream = raw(&server);
        stream.set_write_timeout(Some(PATIENCE)).expect("a timeout");
        let echo = Header { length: 60_008, ..Header::new(Kind::Call, 1, 2) };
        let body = [&[0, 0, 0, 12][..], &60_000_u32.to_be_bytes(), &vec![0; 60_000]].concat();
        stream.write_all(&preface()).expect("sent");
        let cut_off = (1..100_000_u32).find(|call| {
            let header = Header { call: *call, ..echo }.encode();
            stream.write_all(&header).and_then(|()| stream.write_all(&body)).is_err()
        });
        assert!(cut_off.is_some_and(|call| call < 10_000), "6 GB of replies should not be waiting");
        assert_eq!(client(&server).add(1, 2), Ok(3));
        server.shutdown(PATIENCE);
    });
}

/// L14: the idle make room.
#[test]
fn the_connection_that_is_idle_longest_makes_room_for_another() {
    on_each(|on| {
        let server = serve(on, ServerOptions { connections: 2, ..ServerOptions::default() });
        let (first, second) = (client(&server), client(&server));
        assert_eq!(first.add(1, 1), Ok(2));
        // An answer arrives a little before its session counts as idle: long before so many others have arrived.
        assert!((0..100).all(|_| second.add(2, 2) == Ok(4)));
        let third = client(&server);
        assert_eq!(third.add(3, 3), Ok(6));
        assert_eq!(second.add(2, 2), Ok(4));
        server.shutdown(PATIENCE);
    });
}

#[test]
fn shutting_down_tells_idle_clients_and_waits_for_nobody() {
    on_each(|on| {
        let server = serve(on, ServerOptions::default());
        let clients: Vec<_> = (0..20).map(|_| client(&server)).collect();
        assert!(clients.iter().all(|client| client.add(1, 1) == Ok(2)));
        let report = server.shutdown(PATIENCE);
        assert_eq!((report.connections, report.cut), (20, 0));
    });
}

#[test]
fn a_server_that_nobody_holds_serves_on() {
    on_each(|on| {
        let server = serve(on, ServerOptions::default());
        let url = server.endpoint().to_string();
        drop(server);
        for _ in 0..3 {
            let client = Client(Caller::new(Channel::connect(&url).expect("connects")));
            assert_eq!(client.add(1, 2), Ok(3));
        }
    });
}

/// A call of `add`, or of `echo` with so many bytes.
fn call(number: u32, echo: Option<usize>) -> Vec<u8> {
    let (method, mut payload) = match echo {
        None => (1, [&[0, 0, 0, 11][..], &[0, 0, 0, 2, 0, 0, 0, 3]].concat()),
        Some(size) => (2, [[0, 0, 0, 12], u32::try_from(size).expect("short").to_be_bytes()].concat()),
    };
    payload.resize(payload.len() + echo.unwrap_or(0), 7);
    let length = u32::try_from(payload.len()).expect("short");
    [&Header { length, ..Header::new(Kind::Call, number, method) }.encode()[..], &payload].concat()
}

/// L5: calls wait, and none is forgotten.
#[test]
fn calls_that_wait_for_the_queue_to_get_shorter_run_though_nothing_more_comes() {
    on_each(|on| {
        let limits = Limits { queued: 100, ..Limits::default() };
        let server = serve(on, ServerOptions { limits, ..ServerOptions::default() });
        let mut stream = raw(&server);
        let calls: Vec<u8> = (1..=100).flat_map(|number| call(number, None)).collect();
        stream.write_all(&[&preface()[..], &calls].concat()).expect("sent");
        let mut heard = vec![0; Preface::SIZE + 100 * (Header::SIZE + 4)];
        stream.read_exact(&mut heard).expect("all answers");
        assert_eq!(kinds(&heard), [Kind::Reply; 100]);
        server.shutdown(PATIENCE);
    });
}

/// R43: calls up to GOAWAY's argument are answered.
#[test]
fn a_server_that_shuts_down_answers_what_it_took_also_in_the_midst_of_a_frame() {
    on_each(|on| {
        let server = serve(on, ServerOptions::default());
        let mut stream = raw(&server);
        let calls: Vec<u8> = (1..=70).flat_map(|number| call(number, Some(60_000))).collect();
        let mut first_part = call(71, None);
        first_part[5] = MORE;
        let half = &call(72, None)[..20];
        stream.write_all(&[&preface()[..], &calls, &first_part, half].concat()).expect("sent");
        let heard = thread::scope(|scope| {
            let mut heard = vec![0; Preface::SIZE + 69 * (Header::SIZE + 60_004)];
            stream.read_exact(&mut heard).expect("all answers but one");
            scope.spawn(|| assert_eq!(server.shutdown(PATIENCE).cut, 0));
            stream.read_to_end(&mut heard).expect("closed in order");
            heard
        });
        let headers = headers(&heard);
        let last = headers.iter().find(|header| header.kind == Kind::GoAway).map(|header| header.argument);
        let answers = headers.iter().filter(|header| header.call > 0 && !header.has_more()).count();
        assert_eq!(last.map(|last| last as usize), Some(answers));
    });
}

#[test]
fn a_peer_that_reads_nothing_is_not_idle_and_does_not_keep_the_idle_from_making_room() {
    on_each(|on| {
        let limits = Limits { write_stall: 100 * PATIENCE, queued: 1 << 20, ..Limits::default() };
        let server = serve(on, ServerOptions { limits, connections: 2, ..ServerOptions::default() });
        let mut stuck = raw(&server);
        stuck.write_all(&preface()).expect("sent");
        stuck.set_write_timeout(Some(Duration::from_millis(500))).expect("a timeout");
        let is_full = (1..10_000).any(|number| stuck.write_all(&call(number, Some(60_000))).is_err());
        assert!(is_full, "6 GB of replies should not be waiting");
        let idle = client(&server);
        assert_eq!(idle.add(1, 2), Ok(3));
        let third = Client(client(&server).0.with_timeout(PATIENCE));
        assert_eq!(third.add(1, 2), Ok(3));
        drop(stuck);
        server.shutdown(PATIENCE);
    });
}
