//! Clients that send without end: the memory and the threads of the server stay within its limits, and others are served.

use std::io::{Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::thread;
use std::time::Duration;

use rpcgen_runtime::stub::Caller;
use rpcgen_runtime::wire::header::MORE;
use rpcgen_runtime::wire::{Header, Kind};
use rpcgen_runtime::{Channel, Limits, ServerOptions};

use crate::child::{Child, is_child};
use crate::raw::{Raw, add, echo, frame};
use crate::support::Client;
use crate::support::servers::{On, on_each};
use crate::{PATIENCE, serve_parent, start};

const MIB: usize = 1 << 20;

/// Clients that flood.
const CLIENTS: usize = 8;

/// What one connection may hold, in messages that are unfinished, and in replies.
const HELD: usize = 4 * MIB;

fn options() -> ServerOptions {
    let limits = Limits { held_by_connection: HELD, queued: HELD, message: 2 * MIB, ..Limits::default() };
    ServerOptions { limits, ..ServerOptions::default() }
}

/// A server in another process, with clients that each do the same, and one that wants to be served meanwhile.
struct Flooded {
    server: Child,
    url: String,
    good: Client,
    before: u64,
}

impl Flooded {
    fn start(test: &str, on: On) -> Self {
        let (server, url) = start(test, on);
        let good = Client(Caller::new(Channel::connect(&url).expect("connects")));
        assert_eq!(good.echo(&vec![7; MIB]).map(|bytes| bytes.len()), Ok(MIB));
        let before = server.usage().resident;
        Self { server, url, good, before }
    }

    /// Runs all clients at once, and gives the most memory that the server came to have for each.
    fn run(&self, client: impl Fn(Raw<UnixStream>) + Sync) -> usize {
        let most = thread::scope(|scope| {
            let threads: Vec<_> =
                (0..CLIENTS).map(|_| scope.spawn(|| client(Raw::unix(&self.url, PATIENCE).greet()))).collect();
            let mut most = 0;
            while !threads.iter().all(thread::ScopedJoinHandle::is_finished) {
                assert_eq!(self.good.add(1, 2), Ok(3), "others are served");
                most = most.max(self.server.usage().resident);
            }
            for thread in threads {
                thread.join().expect("no panic");
            }
            most
        });
        usize::try_from(most.saturating_sub(self.before)).expect("small") / CLIENTS
    }

    fn finish(self) {
        drop(self.good);
        self.server.finish();
    }
}

/// L5: replies of at most 4 MiB wait, and the next call is not read. So much, a call and a reply, each of them in a buffer
/// that may be twice as long, and what the system has yet to take back.
#[test]
fn a_flood_of_long_calls_whose_replies_nobody_reads_takes_bounded_memory() {
    if is_child() {
        return serve_parent(options());
    }
    on_each(|on| {
        let flooded =
            Flooded::start("flood::a_flood_of_long_calls_whose_replies_nobody_reads_takes_bounded_memory", on);
        let each = flooded.run(|mut raw| {
            raw.0.set_write_timeout(Some(Duration::from_millis(300))).expect("set");
            // 200 MiB: some calls are taken, and then no more.
            let stuck = (1..=200).find(|call| raw.0.write_all(&echo(*call, MIB - 8)).is_err());
            assert!(stuck.is_some_and(|call| call < 50), "{stuck:?}");
        });
        println!("long calls whose replies nobody reads: {} KiB for each connection", each >> 10);
        assert!(each <= 4 * HELD, "{each} bytes");
        flooded.finish();
    });
}

/// All of them are answered, and what one of them takes is used again for the next.
#[test]
fn a_flood_of_long_calls_takes_bounded_memory() {
    if is_child() {
        return serve_parent(options());
    }
    on_each(|on| {
        let flooded = Flooded::start("flood::a_flood_of_long_calls_takes_bounded_memory", on);
        let each = flooded.run(|mut raw| {
            let mut reader = Raw(raw.0.try_clone().expect("cloned"));
            thread::scope(|scope| {
                scope.spawn(move || (1..=100).for_each(|call| raw.send(&echo(call, MIB - 8))));
                let mut answers = Answers::default();
                while answers.count < 100 {
                    answers.take(&mut reader);
                }
                assert_eq!((answers.refused, answers.bytes), (0, 100 * (MIB - 4)));
            });
        });
        println!("800 MiB of long calls: {} KiB for each connection", each >> 10);
        assert!(each <= 4 * HELD, "{each} bytes");
        flooded.finish();
    });
}

/// L3 and L2: calls of which parts come and never the last one.
#[test]
fn more_without_end_takes_bounded_memory() {
    if is_child() {
        return serve_parent(options());
    }
    on_each(|on| {
        let flooded = Flooded::start("flood::more_without_end_takes_bounded_memory", on);
        let each = flooded.run(|mut raw| {
            let part = |call| {
                let header = Header { flags: MORE, ..Header::new(Kind::Call, call, 2) };
                frame(header, &[[0, 0, 0, 12].as_slice(), &vec![0; 60_000]].concat())
            };
            // 60 calls of some MiB each, all at once, are more than may be held; each of them goes on, and on.
            for _ in 0..40 {
                (1..=60).for_each(|call| raw.send(&part(call)));
            }
            raw.send(&add(61));
            let ends: Vec<_> = (0..61).map(|_| raw.hear().0).collect();
            let refused = ends.iter().filter(|end| (end.kind, end.argument) == (Kind::Fault, 8)).count();
            assert_eq!(
                (refused, ends.last().map(|end| end.call)),
                (60, Some(61)),
                "each fails, and the connection lives"
            );
        });
        println!("1.1 GiB of parts that do not end: {} KiB for each connection", each >> 10);
        assert!(each <= 4 * HELD, "{each} bytes");
        flooded.finish();
    });
}

/// R41 and R27: each has one answer, be it its result or that it was cancelled. (That handlers count until they have
/// returned is shown in `handlers`.)
#[test]
fn a_flood_of_call_and_cancel_is_answered_call_by_call() {
    if is_child() {
        return serve_parent(options());
    }
    on_each(|on| {
        let flooded = Flooded::start("flood::a_flood_of_call_and_cancel_is_answered_call_by_call", on);
        let each = flooded.run(|mut raw| {
            raw.0.set_nonblocking(false).expect("set");
            let mut reader = raw.0.try_clone().expect("cloned");
            thread::scope(|scope| {
                scope.spawn(move || {
                    for call in 1..=20_000 {
                        raw.send(&[add(call), frame(Header::new(Kind::Cancel, call, 0), &[])].concat());
                    }
                    raw.0.shutdown(std::net::Shutdown::Write).expect("ends");
                });
                let mut heard = Vec::new();
                reader.read_to_end(&mut heard).expect("closed");
                assert_eq!(count_answers(&heard), 20_000, "each call has one answer");
            });
        });
        println!("160,000 calls that are cancelled: {} KiB for each connection", each >> 10);
        assert!(each <= HELD, "{each} bytes");
        flooded.finish();
    });
}

fn count_answers(mut heard: &[u8]) -> usize {
    let mut answers = 0;
    while let Some((head, rest)) = heard.split_first_chunk() {
        let header = Header::decode(head, u32::MAX).expect("a good header");
        answers += usize::from(matches!(header.kind, Kind::Reply | Kind::Fault));
        heard = &rest[header.length as usize..];
    }
    answers
}

/// What answers there were.
#[derive(Debug, Default)]
struct Answers {
    count: usize,
    refused: usize,
    bytes: usize,
}

impl Answers {
    /// Hears a frame.
    fn take(&mut self, raw: &mut Raw<UnixStream>) {
        let (header, payload) = raw.hear();
        self.count += usize::from(!header.has_more());
        self.refused += usize::from(header.kind == Kind::Fault);
        self.bytes += payload.len();
    }
}
