//! kill -9, of whatever there is: what was answered has run, nothing runs twice that may not, and nothing is held.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

use rpcgen_runtime::{Router, ServerOptions};
use rustix::process::Signal;

use crate::server::{Server, Setup, is_other, send_signal, waiting_client};
use crate::servers::on_each;
use crate::work::{AGAIN, ANSWER, Account, Client, Journal, ONCE, PATIENCE, WAIT, wait_until};

/// Kills that each of some faults is made of.
const KILLS: u64 = 8;

/// Calls made between two kills, at least.
const BETWEEN: u64 = 150;

/// Calls from four threads while `fault` is at work.
fn under_load(server: &Server, fault: impl FnOnce(&AtomicU64)) -> Account {
    let (next, is_over) = (AtomicU64::new(0), AtomicBool::new(false));
    let make = |client: Client| {
        let mut account = Account::default();
        while !is_over.load(Ordering::SeqCst) {
            let id = next.fetch_add(1, Ordering::SeqCst);
            let method = if id % 2 == 0 { &ONCE } else { &AGAIN };
            account.note(method, id, &client.call(method, id, ANSWER));
        }
        account
    };
    thread::scope(|scope| {
        let threads = [(); 4].map(|()| {
            let (make, client) = (&make, server.client());
            scope.spawn(move || make(client))
        });
        fault(&next);
        is_over.store(true, Ordering::SeqCst);
        let accounts = threads.into_iter().map(|thread| thread.join().expect("no panic"));
        accounts.fold(Account::default(), Account::add)
    })
}

fn wait_for_calls(next: &AtomicU64) {
    let until = next.load(Ordering::SeqCst) + BETWEEN;
    wait_until("calls are made", || next.load(Ordering::SeqCst) >= until);
}

#[test]
fn a_killed_worker_loses_no_idempotent_call_and_runs_none_twice() {
    if is_other() {
        return;
    }
    let test = "faults::a_killed_worker_loses_no_idempotent_call_and_runs_none_twice";
    let server = Server::start(test, Setup { workers: 3, ..Setup::default() });
    let account = under_load(&server, |next| {
        for _ in 0..KILLS {
            wait_for_calls(next);
            let workers = server.workers();
            let victim = *workers.first().expect("a worker");
            send_signal(victim, Signal::KILL);
            wait_until("it is replaced", || server.workers().len() == 3 && !server.workers().contains(&victim));
        }
        wait_for_calls(next);
    });
    let (answered, perhaps, not) = (account.answered.len(), account.perhaps.len(), account.did_not_run.len());
    println!("{KILLS} workers killed: {answered} answered, {perhaps} may have run, {not} did not run");
    assert!(account.again_failed.is_empty(), "{:?}", account.again_failed);
    account.check(&server.journal);
}

#[test]
fn a_killed_server_runs_no_call_twice_and_every_call_ends() {
    if is_other() {
        return;
    }
    let test = "faults::a_killed_server_runs_no_call_twice_and_every_call_ends";
    let mut server = Server::start(test, Setup { is_unix: true, ..Setup::default() });
    let waiting = server.client().start(&ONCE, 1 << 40, WAIT, &[]).expect("starts");
    server.journal.expect(&format!("run {}", 1_u64 << 40));
    let journal = server.journal.clone();
    let client = server.client();
    let calls = thread::spawn(move || {
        let (mut account, mut id) = (Account::default(), 0);
        while account.failures.is_empty() {
            account.note(&ONCE, id, &client.call(&ONCE, id, ANSWER));
            id += 2;
        }
        account
    });
    wait_until("calls are made", || journal.runs().len() > 100);
    server.kill_all();
    assert!(waiting.wait().expect_err("no answer").may_have_run());
    server.wait();
    calls.join().expect("no panic").check(&server.journal);
}

#[test]
fn workers_whose_parent_was_killed_finish_what_they_run_and_end() {
    if is_other() {
        return;
    }
    let test = "faults::workers_whose_parent_was_killed_finish_what_they_run_and_end";
    let mut server = Server::start(test, Setup::default());
    let client = server.client();
    let waiting = client.start(&ONCE, 2, WAIT, &[]).expect("starts");
    server.journal.expect("run 2");
    server.signal(Signal::KILL);
    wait_until("nobody accepts", || std::net::TcpStream::connect(server.url.trim_start_matches("tcp://")).is_err());
    server.journal.mark("gate");
    waiting.wait().expect("an answer");
    // The workers hold the other end of the pipe until they have ended.
    server.wait();
    assert!(!client.call(&ONCE, 4, ANSWER).expect_err("nobody is there").may_have_run());
}

#[test]
fn a_killed_client_leaves_nothing_behind() {
    if is_other() {
        return;
    }
    let test = "faults::a_killed_client_leaves_nothing_behind";
    let server = Server::start(test, Setup { workers: 1, connections: 1, ..Setup::default() });
    kill_clients(test, &server.url, &server.journal);
    on_each(|on| {
        let folder = tempfile::tempdir().expect("a folder");
        let journal = Journal(folder.path().to_owned());
        let options = ServerOptions { connections: 1, ..ServerOptions::default() };
        let server = on.serve_with(options, Router::new().add(journal.clone()));
        kill_clients(test, &server.endpoint().to_string(), &journal);
        let report = server.shutdown(PATIENCE);
        assert_eq!((report.connections, report.cut, report.calls.cut), (6, 0, 0));
    });
}

/// Kills one client after the other in the midst of a call, at a server with room for just one connection.
fn kill_clients(test: &str, url: &str, journal: &Journal) {
    for id in [2, 4, 6] {
        let mut client = waiting_client(test, url, id);
        journal.expect(&format!("run {id}"));
        client.kill().expect("killed");
        client.wait().expect("it ends");
        journal.expect(&format!("cancelled {id}"));
        Client::connect(url).call(&ONCE, id + 100, ANSWER).expect("an answer");
    }
    assert!(journal.runs().values().all(|runs| *runs == 1));
}
