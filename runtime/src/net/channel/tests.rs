//! Calls of several threads over one connection, in many orders of their steps: no wake-up is lost, and each call ends.
//!
//! Time does not pass for the scheduler: a thread that would go on only because its time has come hangs here, and that
//! fails the test.

use std::io::ErrorKind;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::connection::Connection;
use crate::net::calls::{Answer, ChannelOptions};
use crate::net::memory::Pipe;
use crate::net::schedules::check;
use crate::net::sender::Sender;
use crate::net::socket::{Readiness, Socket};
use crate::net::sync::thread::{self, JoinHandle};
use crate::proto::{Inbox, Limits, ServerConnection, Transmit as _};
use crate::service::Method;

static ECHO: Method = Method::new("test.Echo/echo", 1, 0);
static NOTE: Method = Method::oneway("test.Echo/note", 2, 0);

/// What the server does.
#[derive(Clone, Copy)]
enum Server {
    /// Answers as it reads.
    Echo,
    /// Answers what it has read together the other way round.
    Reversed,
    /// Takes no further calls behind so many.
    GoesAway(usize),
    /// Is gone behind so many calls, the last of them unanswered.
    Dies(usize),
}

/// Serves one end of a pipe until the other has gone; the calls that it took, by what they sent.
fn serve(pipe: Pipe, server: Server) -> JoinHandle<Vec<Vec<u8>>> {
    thread::spawn(move || Peer::new(pipe, server).run())
}

struct Peer {
    socket: Socket,
    server: Server,
    connection: ServerConnection,
    taken: Vec<Vec<u8>>,
}

impl Peer {
    fn new(pipe: Pipe, server: Server) -> Self {
        let connection = ServerConnection::new(Limits::default(), Instant::now());
        Self { socket: Socket::Memory(pipe), server, connection, taken: Vec::new() }
    }

    fn run(mut self) -> Vec<Vec<u8>> {
        let mut inbox = Inbox::new(1 << 20);
        loop {
            let count = self.socket.receive(inbox.space()).expect("memory");
            inbox.filled(count);
            if count == 0 || !self.handle(&mut inbox) {
                return self.taken;
            }
        }
    }

    /// Handles what came; whether the connection goes on.
    fn handle(&mut self, inbox: &mut Inbox) -> bool {
        let mut calls = Vec::new();
        while let Some(incoming) = inbox.next().expect("good bytes") {
            let Some(call) = self.connection.handle(incoming, Instant::now()).expect("good frames") else {
                continue;
            };
            self.taken.push(call.args().to_vec());
            if matches!(self.server, Server::Dies(most) if self.taken.len() >= most) {
                return false;
            }
            if !call.oneway {
                calls.push((call.id, call.args().to_vec()));
            }
            if matches!(self.server, Server::GoesAway(most) if self.taken.len() >= most) {
                self.connection.go_away("as asked");
            }
        }
        if matches!(self.server, Server::Reversed) {
            calls.reverse();
        }
        for (call, args) in calls {
            self.connection.reply(call, &mut args.into());
        }
        self.send();
        true
    }

    /// Sends all there is, waiting for room. Nobody misses it if the peer has gone: what it sent before counts.
    fn send(&mut self) {
        let mut sender = Sender::default();
        while sender.fill(&mut self.connection) {
            let sent = match sender.send(&self.socket) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    self.socket.wait(Readiness::WRITE, None).expect("memory");
                    0
                }
                sent => sent.unwrap_or_else(|_| sender.drop_rest()),
            };
            self.connection.transmitted(sent);
        }
    }
}

/// Without the thread that looks for silent servers: it is the whole process's.
fn options() -> ChannelOptions {
    ChannelOptions { keepalive: Duration::ZERO, ..ChannelOptions::default() }
}

fn connect(server: Server, options: &ChannelOptions) -> (Arc<Connection>, JoinHandle<Vec<Vec<u8>>>) {
    let (ours, theirs) = Pipe::pair();
    let serving = serve(theirs, server);
    let connection = Connection::open(Socket::Memory(ours), "test".to_owned(), options);
    (connection.expect("a pipe connects"), serving)
}

/// How a call ended.
#[derive(Debug, PartialEq)]
enum End {
    Answered,
    NeverRan,
    MayHaveRun,
}

/// Makes a call that sends `size` bytes of `content`, and waits for the answer.
fn call(connection: &Connection, content: u8, size: usize) -> End {
    let mut payload = [vec![0; 4], vec![content; size]].concat();
    let answer = match connection.start(&ECHO, 0, &mut payload, None) {
        Ok(call) => connection.finish(call, None),
        Err(status) => Answer::Lost(status),
    };
    match answer {
        Answer::Reply(body, _) => {
            assert!(body.len() == size && body.iter().all(|byte| *byte == content), "the answer of another call");
            End::Answered
        }
        Answer::Lost(status) if status.may_have_run() => End::MayHaveRun,
        Answer::Lost(_) => End::NeverRan,
        other => panic!("{other:?}"),
    }
}

/// So many threads make so many calls each, of so many bytes; how each ended, with its content.
fn call_from(connection: &Arc<Connection>, threads: u8, calls: u8, size: usize) -> Vec<(u8, End)> {
    let run = |thread: u8| {
        let connection = Arc::clone(connection);
        move || {
            let contents = (0..calls).map(|number| thread * calls + number);
            contents.map(|content| (content, call(&connection, content, size))).collect::<Vec<_>>()
        }
    };
    let callers: Vec<_> = (0..threads).map(|thread| thread::spawn(run(thread))).collect();
    callers.into_iter().flat_map(|caller| caller.join().expect("no panic")).collect()
}

/// Each call is answered.
fn all_are_answered(server: Server, options: &ChannelOptions, threads: u8, calls: u8, size: usize) {
    let (connection, serving) = connect(server, options);
    let ends = call_from(&connection, threads, calls, size);
    assert!(ends.iter().all(|(_, end)| *end == End::Answered), "{ends:?}");
    drop(connection);
    assert_eq!(serving.join().expect("no panic").len(), usize::from(threads * calls));
}

/// Each call ends, and what is said never to have run was not taken by the server.
fn each_ends(server: Server, threads: u8, calls: u8) {
    let (connection, serving) = connect(server, &options());
    let ends = call_from(&connection, threads, calls, 3);
    assert_eq!(ends.len(), usize::from(threads * calls));
    drop(connection);
    let taken = serving.join().expect("no panic");
    for (content, end) in ends {
        let was_taken = taken.iter().any(|args| args[0] == content);
        assert!(!was_taken || end != End::NeverRan, "call {content} did run");
        assert!(was_taken || end != End::Answered, "call {content} was answered by nobody");
    }
}

#[test]
fn followers_get_their_answers_from_the_leader() {
    check(|| all_are_answered(Server::Echo, &options(), 3, 2, 3));
}

#[test]
fn answers_in_another_order_reach_their_callers() {
    check(|| all_are_answered(Server::Reversed, &options(), 3, 2, 3));
}

#[test]
fn callers_who_wait_for_room_are_let_in() {
    // Nothing may wait to be sent when a call is opened: each waits until the one before has left.
    let limits = Limits { queued: 0, ..Limits::default() };
    let options = ChannelOptions { limits, ..options() };
    check(move || all_are_answered(Server::Echo, &options, 3, 2, 3));
}

#[test]
fn both_sides_fill_the_pipe() {
    check(|| all_are_answered(Server::Echo, &options(), 2, 1, 300_000));
}

#[test]
fn calls_end_when_the_server_goes_away() {
    for most in 1..4 {
        check(move || each_ends(Server::GoesAway(most), 3, 2));
    }
}

#[test]
fn calls_end_when_the_server_dies() {
    for most in 1..4 {
        check(move || each_ends(Server::Dies(most), 3, 2));
    }
}

#[test]
fn what_nobody_waits_for_is_sent() {
    check(|| {
        let (connection, serving) = connect(Server::Echo, &options());
        let notes = |first: u8| {
            let connection = Arc::clone(&connection);
            move || {
                for note in [first, first + 1] {
                    connection.start(&NOTE, 0, &mut vec![0, 0, 0, 0, note], None).expect("it is open");
                }
            }
        };
        let threads = [thread::spawn(notes(0)), thread::spawn(notes(2))];
        threads.into_iter().for_each(|thread| thread.join().expect("no panic"));
        // The channel is dropped though the notes may not have left.
        drop(connection);
        let mut taken = serving.join().expect("no panic");
        taken.sort();
        assert_eq!(taken, [[0], [1], [2], [3]]);
    });
}

#[test]
fn a_call_that_is_given_up_holds_up_nobody() {
    check(|| {
        let (connection, serving) = connect(Server::Reversed, &options());
        let other = Arc::clone(&connection);
        let giver = thread::spawn(move || {
            let given_up = other.start(&ECHO, 0, &mut vec![0, 0, 0, 0, 7], None).expect("it is open");
            let kept = other.start(&ECHO, 0, &mut vec![0, 0, 0, 0, 8], None).expect("it is open");
            other.cancel(given_up);
            assert!(matches!(other.finish(kept, None), Answer::Reply(body, _) if body[..] == [8]));
        });
        assert_eq!(call(&connection, 1, 3), End::Answered);
        giver.join().expect("no panic");
        drop(connection);
        serving.join().expect("no panic");
    });
}
