//! A server is told to end in each phase of a connection's life: it ends in time, and its client learns why where it can.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use rpcgen_runtime::Router;
use rpcgen_runtime::net::server::Calls;
use rpcgen_runtime::wire::header::MORE;
use rpcgen_runtime::wire::{Header, Kind, Preface};
use rustix::process::Signal;

use crate::server::{Server, Setup, is_other};
use crate::servers::on_each;
use crate::work::{ANSWER, Journal, PATIENCE, WAIT};

const PREFACE: Preface = Preface { calls: 64, frame: 1 << 20, window: 16_384 };

/// Time to drain where something never ends.
const DRAIN: Duration = Duration::from_millis(400);

/// The most bytes of a part of a call.
const PART: usize = 1 << 20;

/// Bytes of an answer that no system takes for a client that does not read.
const LONG: u32 = 40 << 20;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    NoConnection,
    BeforeThePreface,
    HalfOfThePreface,
    Idle,
    HalfOfAFrame,
    InAHandler,
    /// The client does not read a long answer.
    WhileAnswering,
}

use Phase::{BeforeThePreface, HalfOfAFrame, HalfOfThePreface, Idle, InAHandler, NoConnection, WhileAnswering};

const PHASES: [Phase; 7] =
    [NoConnection, BeforeThePreface, HalfOfThePreface, Idle, HalfOfAFrame, InAHandler, WhileAnswering];

/// A call of `once`, in parts if it is long.
fn call(id: u32, manner: u32, size: u32) -> Vec<u8> {
    let head = [11_u32.to_be_bytes(), [0; 4], id.to_be_bytes(), manner.to_be_bytes(), size.to_be_bytes()].concat();
    let payload = [head, vec![7; size as usize]].concat();
    let parts = payload.chunks(PART).enumerate().flat_map(|(index, part)| {
        let is_last = (index + 1) * PART >= payload.len();
        let (length, flags) = (u32::try_from(part.len()).expect("short"), if is_last { 0 } else { MORE });
        [&Header { length, flags, ..Header::new(Kind::Call, id, 1) }.encode()[..], part].concat()
    });
    parts.collect()
}

/// A client that is just there.
fn bring(phase: Phase, url: &str, journal: &Journal) -> Option<TcpStream> {
    if phase == NoConnection {
        return None;
    }
    let mut stream = TcpStream::connect(url.trim_start_matches("tcp://")).expect("connects");
    stream.set_read_timeout(Some(PATIENCE)).expect("set");
    let preface = PREFACE.encode();
    let sent = match phase {
        NoConnection | BeforeThePreface => Vec::new(),
        HalfOfThePreface => preface[..5].to_vec(),
        Idle => [&preface[..], &call(1, ANSWER, 0)].concat(),
        HalfOfAFrame => [&preface[..], &call(1, ANSWER, 0), &call(2, ANSWER, 0)[..20]].concat(),
        InAHandler => [&preface[..], &call(1, WAIT, 0)].concat(),
        WhileAnswering => [&preface[..], &call(1, ANSWER, LONG)].concat(),
    };
    // A server that waits for its answers to be read does not read either: this ends with the connection.
    let mut to = stream.try_clone().expect("cloned");
    thread::spawn(move || to.write_all(&sent));
    match phase {
        NoConnection | BeforeThePreface | HalfOfThePreface => {}
        Idle | HalfOfAFrame => assert_eq!(hear(greeted(&mut stream)).0, Kind::Reply),
        InAHandler | WhileAnswering => journal.expect("run 1"),
    }
    Some(stream)
}

fn greeted(stream: &mut TcpStream) -> &mut TcpStream {
    stream.read_exact(&mut [0; Preface::SIZE]).expect("a preface");
    stream
}

/// The next frame: its kind, its call and its argument.
fn hear(stream: &mut TcpStream) -> (Kind, u32, u32) {
    let mut head = [0; Header::SIZE];
    stream.read_exact(&mut head).expect("a header");
    let header = Header::decode(&head, u32::MAX).expect("a good header");
    stream.read_exact(&mut vec![0; header.length as usize]).expect("a payload");
    (header.kind, header.call, header.argument)
}

/// What the client hears at the end: GOAWAY with the last call that was handled, and the answers to those.
fn check(phase: Phase, stream: Option<TcpStream>, journal: &Journal) {
    let Some(mut stream) = stream else { return };
    let handled = match phase {
        WhileAnswering => return,
        NoConnection | BeforeThePreface | HalfOfThePreface => 0,
        Idle | HalfOfAFrame | InAHandler => 1,
    };
    if handled == 0 || phase == InAHandler {
        greeted(&mut stream);
    }
    assert_eq!(hear(&mut stream), (Kind::GoAway, 0, handled), "{phase:?}");
    if phase == InAHandler {
        journal.mark("gate");
        assert_eq!(hear(&mut stream), (Kind::Reply, 1, 0));
    }
    let mut rest = Vec::new();
    drop(stream.read_to_end(&mut rest));
    assert_eq!(rest, b"", "{phase:?}");
}

#[test]
fn a_server_shuts_down_in_each_phase() {
    on_each(|on| {
        for phase in PHASES {
            let folder = tempfile::tempdir().expect("a folder");
            let journal = Journal(folder.path().to_owned());
            let server = on.serve(Router::new().add(journal.clone()));
            let stream = bring(phase, &server.endpoint().to_string(), &journal);
            let drain = if phase == WhileAnswering { DRAIN } else { PATIENCE };
            let begin = Instant::now();
            let report = thread::scope(|scope| {
                let ending = scope.spawn(|| server.shutdown(drain));
                check(phase, stream.as_ref().map(|stream| stream.try_clone().expect("cloned")), &journal);
                ending.join().expect("no panic")
            });
            assert!(begin.elapsed() < PATIENCE / 4, "{phase:?}: {:?}", begin.elapsed());
            assert_eq!(report.cut, usize::from(phase == WhileAnswering), "{phase:?}: {report}");
            assert_eq!(report.connections, u64::from(phase != NoConnection));
            // A long answer may still be on its way out of the handler.
            let finished = if phase == WhileAnswering { report.calls.finished } else { u64::from(phase == InAHandler) };
            assert_eq!(report.calls, Calls { finished, ..Calls::default() }, "{phase:?}");
            assert!(journal.runs().values().all(|runs| *runs == 1));
        }
    });
}

#[test]
fn a_process_server_ends_in_each_phase() {
    if is_other() {
        return;
    }
    for phase in PHASES {
        let drain = if phase == WhileAnswering { DRAIN } else { PATIENCE };
        let test = "phases::a_process_server_ends_in_each_phase";
        let mut server = Server::start(test, Setup { workers: 1, drain, ..Setup::default() });
        let stream = bring(phase, &server.url, &server.journal);
        let begin = Instant::now();
        server.signal(Signal::TERM);
        check(phase, stream.as_ref().map(|stream| stream.try_clone().expect("cloned")), &server.journal);
        let (rest, status) = server.wait();
        let cut = u8::from(phase == WhileAnswering);
        let expected = format!("of which {cut} were cut");
        let finished = format!("{} finished, 0 were cancelled, and 0 were cut", u8::from(phase == InAHandler));
        let is_counted = phase == WhileAnswering || rest.contains(&finished);
        assert!(status.success() && rest.contains(&expected) && is_counted, "{phase:?}: {status}, {rest}");
        assert!(begin.elapsed() < PATIENCE / 4, "{phase:?}: {:?}", begin.elapsed());
        assert!(server.journal.runs().values().all(|runs| *runs == 1));
    }
}
