//! SIGHUP: the workers are replaced one by one, and no call fails.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

use rpcgen_runtime::stub::{PendingCall, Status};
use rustix::process::Signal;

use crate::server::{Server, Setup, is_other};
use crate::work::{AGAIN, ANSWER, Account, Client, ONCE, WAIT, wait_until};

/// Calls that are made while workers are replaced, over TCP and again over a Unix socket.
fn calls() -> u64 {
    std::env::var("RPCGEN_ROLL_CALLS").map_or(3000, |calls| calls.parse().expect("a number"))
}

/// Rolls there are at least meanwhile.
const ROLLS: usize = 3;

/// Bytes of one in eight calls, and of its answer.
const LONG: usize = 12_000;

/// Ends the load, also where a roll fails.
struct Over<'a>(&'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// Hands out calls until there are enough.
struct Load<'a> {
    next: AtomicU64,
    is_over: AtomicBool,
    server: &'a Server,
}

impl Load<'_> {
    fn next(&self) -> Option<u64> {
        let id = self.next.fetch_add(1, Ordering::SeqCst);
        (id < calls() || !self.is_over.load(Ordering::SeqCst)).then_some(id)
    }

    /// Makes calls, each over what this gives.
    fn make(&self, mut client: impl FnMut() -> Client) -> Account {
        let mut account = Account::default();
        while let Some(id) = self.next() {
            let more = vec![7; if id % 8 == 0 { LONG } else { 8 }];
            let method = if id % 2 == 0 { &ONCE } else { &AGAIN };
            let answer = client().start(method, id, ANSWER, &more).and_then(PendingCall::wait);
            assert!(answer.as_ref().map_or(true, |(_, echo)| *echo == more), "a wrong answer");
            account.note(method, id, &answer.map(|(process, _)| process));
        }
        account
    }

    /// Makes eight calls at a time over one connection.
    fn make_together(&self, client: &Client) -> Account {
        let mut account = Account::default();
        while let Some(first) = self.next() {
            let ids = [Some(first), self.next(), self.next(), self.next()].into_iter().flatten();
            let started: Vec<_> =
                ids.map(|id| (id, client.start(&ONCE, id * 2 + (1 << 40), ANSWER, &[0; LONG]))).collect();
            for (id, call) in started {
                let answer: Result<_, Status> = call.and_then(PendingCall::wait);
                account.note(&ONCE, id * 2 + (1 << 40), &answer.map(|(process, _)| process));
            }
        }
        account
    }
}

/// Rolls again and again while clients call; no call fails.
fn roll_under_load(test: &str, is_unix: bool) {
    let server = Server::start(test, Setup { workers: 2, is_unix, ..Setup::default() });
    let load = Load { next: AtomicU64::new(0), is_over: AtomicBool::new(false), server: &server };
    let shared = server.client();
    let (account, rolls) = thread::scope(|scope| {
        let load = &load;
        let mut threads: Vec<_> = (0..2)
            .map(|_| {
                let client = load.server.client();
                scope.spawn(move || load.make(|| client.clone()))
            })
            .collect();
        for _ in 0..2 {
            let shared = shared.clone();
            threads.push(scope.spawn(move || load.make(|| shared.clone())));
        }
        let together = shared.clone();
        threads.push(scope.spawn(move || load.make_together(&together)));
        // Each call over a connection of its own.
        threads.push(scope.spawn(move || load.make(|| load.server.client())));
        let (mut rolls, over) = (0, Over(&load.is_over));
        while rolls < ROLLS || load.next.load(Ordering::SeqCst) < calls() {
            load.server.roll();
            rolls += 1;
        }
        drop(over);
        let accounts = threads.into_iter().map(|thread| thread.join().expect("no panic"));
        (accounts.fold(Account::default(), Account::add), rolls)
    });
    let (answered, failed) = (account.answered.len(), account.failures.len());
    println!("{answered} calls answered and {failed} failed during {rolls} rolls, unix: {is_unix}");
    assert!(account.failures.is_empty(), "{failed} failed: {:?}", &account.failures[..failed.min(5)]);
    account.check(&server.journal);
}

#[test]
fn no_call_fails_over_tcp_while_workers_are_rolled() {
    if !is_other() {
        roll_under_load("rolls::no_call_fails_over_tcp_while_workers_are_rolled", false);
    }
}

#[test]
fn no_call_fails_over_a_unix_socket_while_workers_are_rolled() {
    if !is_other() {
        roll_under_load("rolls::no_call_fails_over_a_unix_socket_while_workers_are_rolled", true);
    }
}

#[test]
fn a_call_under_way_is_answered_by_the_worker_that_is_replaced() {
    if is_other() {
        return;
    }
    let test = "rolls::a_call_under_way_is_answered_by_the_worker_that_is_replaced";
    let server = Server::start(test, Setup { workers: 1, ..Setup::default() });
    let client = server.client();
    let old = client.call(&ONCE, 0, ANSWER).expect("an answer");
    let waiting = client.start(&ONCE, 2, WAIT, &[]).expect("starts");
    server.journal.expect("run 2");
    server.signal(Signal::HUP);
    wait_until("there is a successor", || server.client().call(&ONCE, 4, ANSWER).expect("an answer") != old);
    assert!(server.workers().contains(&old));
    server.journal.mark("gate");
    assert_eq!(waiting.wait().expect("an answer").0, old);
    assert_ne!(client.call(&ONCE, 6, ANSWER).expect("an answer"), old);
    wait_until("the old one ends", || !server.workers().contains(&old));
}

#[test]
fn the_old_workers_go_on_if_their_successors_crash_or_hang() {
    if is_other() {
        return;
    }
    let test = "rolls::the_old_workers_go_on_if_their_successors_crash_or_hang";
    let start_timeout = std::time::Duration::from_secs(3);
    let mut server = Server::start(test, Setup { start_timeout, ..Setup::default() });
    let (old, client) = (server.workers(), server.client());
    for fault in ["crash", "hang"] {
        server.journal.mark(fault);
        server.signal(Signal::HUP);
        let why = server.hear("a new worker cannot be had");
        let expected = if fault == "crash" { "exit status: 7" } else { "signal: 9" };
        assert!(why.contains(expected), "{why}");
        assert!(old.contains(&client.call(&ONCE, 0, ANSWER).expect("an answer")));
        assert_eq!(server.workers(), old);
        server.journal.unmark(fault);
    }
    server.roll();
    assert!(!old.contains(&client.call(&ONCE, 2, ANSWER).expect("an answer")));
}
