//! SIGTERM and SIGINT: a process server ends in order, or at once.

use std::os::unix::process::ExitStatusExt as _;
use std::time::{Duration, Instant};

use rpcgen_runtime::{Channel, ChannelOptions};
use rustix::process::Signal;

use crate::server::{Server, Setup, is_other, kill_each, send_signal};
use crate::work::{ANSWER, Client, ONCE, PATIENCE, WAIT, wait_until};

/// Whether nobody listens there any more.
fn is_refused(url: &str) -> bool {
    let options = ChannelOptions { connect_timeout: Duration::from_secs(1), ..ChannelOptions::default() };
    Channel::connect_with(url, options).is_err()
}

#[test]
fn sigterm_refuses_new_connections_and_lets_calls_finish() {
    if is_other() {
        return;
    }
    for (signal, is_unix) in [(Signal::TERM, false), (Signal::INT, true)] {
        let test = "ends::sigterm_refuses_new_connections_and_lets_calls_finish";
        let mut server = Server::start(test, Setup { is_unix, ..Setup::default() });
        let (client, idle) = (server.client(), server.client());
        idle.call(&ONCE, 0, ANSWER).expect("an answer");
        let waiting = client.start(&ONCE, 2, WAIT, &[]).expect("starts");
        server.journal.expect("run 2");
        server.signal(signal);
        wait_until("nobody accepts", || is_refused(&server.url));
        server.journal.mark("gate");
        waiting.wait().expect("an answer");
        let (rest, status) = server.wait();
        assert!(status.success(), "{status}");
        let expected = "of which 0 were cut; of the calls that ran at the end,";
        assert!(rest.contains(expected) && rest.contains("0 were cancelled, and 0 were cut"), "{rest}");
        assert_eq!(server.journal.runs().get(&2), Some(&1));
    }
}

#[test]
fn a_signal_to_all_processes_lets_calls_finish_too() {
    if is_other() {
        return;
    }
    let mut server = Server::start("ends::a_signal_to_all_processes_lets_calls_finish_too", Setup::default());
    let waiting = server.client().start(&ONCE, 2, WAIT, &[]).expect("starts");
    server.journal.expect("run 2");
    for worker in server.workers() {
        send_signal(worker, Signal::INT);
    }
    server.signal(Signal::INT);
    wait_until("nobody accepts", || is_refused(&server.url));
    server.journal.mark("gate");
    waiting.wait().expect("an answer");
    let (rest, status) = server.wait();
    assert!(status.success() && rest.contains("0 were cancelled, and 0 were cut"), "{status}: {rest}");
}

#[test]
fn a_second_sigterm_ends_at_once() {
    if is_other() {
        return;
    }
    let mut server = Server::start("ends::a_second_sigterm_ends_at_once", Setup::default());
    let waiting = server.client().start(&ONCE, 2, WAIT, &[]).expect("starts");
    server.journal.expect("run 2");
    server.signal(Signal::TERM);
    wait_until("nobody accepts", || is_refused(&server.url));
    let begin = Instant::now();
    server.signal(Signal::TERM);
    let (_, status) = server.wait();
    assert!(begin.elapsed() < PATIENCE / 2, "it took {:?}", begin.elapsed());
    assert_eq!(status.signal(), Some(15));
    assert!(waiting.wait().expect_err("no answer").may_have_run());
}

#[test]
fn what_has_not_finished_in_time_is_cut() {
    if is_other() {
        return;
    }
    let drain = Duration::from_millis(300);
    let mut server = Server::start("ends::what_has_not_finished_in_time_is_cut", Setup { drain, ..Setup::default() });
    let waiting = server.client().start(&ONCE, 2, WAIT, &[]).expect("starts");
    server.journal.expect("run 2");
    server.signal(Signal::TERM);
    assert!(waiting.wait().expect_err("no answer").may_have_run());
    let (rest, status) = server.wait();
    let expected = "1 were cut; of the calls that ran at the end, 0 finished, 0 were cancelled, and 1 were cut";
    assert!(status.success() && rest.contains(expected), "{status}: {rest}");
}

#[test]
fn sigterm_to_a_worker_drains_it_and_it_is_replaced() {
    if is_other() {
        return;
    }
    let test = "ends::sigterm_to_a_worker_drains_it_and_it_is_replaced";
    let server = Server::start(test, Setup { workers: 1, ..Setup::default() });
    let client = server.client();
    let old = client.call(&ONCE, 0, ANSWER).expect("an answer");
    let waiting = client.start(&ONCE, 2, WAIT, &[]).expect("starts");
    server.journal.expect("run 2");
    send_signal(old, Signal::HUP);
    send_signal(old, Signal::TERM);
    server.journal.mark("gate");
    // Until it has heard the signal it may take connections, and answers them. After that they wait for another.
    let probe = || Client::connect(&server.url).call(&ONCE, 4, ANSWER).expect("an answer");
    wait_until("another serves", || probe() != old);
    assert_eq!(waiting.wait().expect("an answer").0, old);
    assert_ne!(client.call(&ONCE, 6, ANSWER).expect("an answer"), old);
}

#[test]
fn a_worker_that_hangs_before_it_is_ready_is_killed_and_holds_up_no_shutdown() {
    if is_other() {
        return;
    }
    let test = "ends::a_worker_that_hangs_before_it_is_ready_is_killed_and_holds_up_no_shutdown";
    let setup = Setup { is_hasty: true, start_timeout: Duration::from_millis(1500), ..Setup::default() };
    let mut server = Server::start(test, Setup { workers: 1, ..setup });
    server.client().call(&ONCE, 0, ANSWER).expect("an answer");
    server.journal.mark("hang");
    kill_each(&server.workers());
    assert!(server.hear("is replaced").contains("signal: 9"));
    server.hear("has not become ready in time, and is killed");
    server.journal.unmark("hang");
    server.client().call(&ONCE, 2, ANSWER).expect("an answer");
    drop(server);

    let mut server = Server::start(test, Setup { start_timeout: PATIENCE * 10, ..setup });
    server.journal.mark("hang");
    server.signal(Signal::HUP);
    wait_until("a worker hangs", || server.journal.lines().len() > 2);
    let begin = Instant::now();
    server.signal(Signal::TERM);
    let (_, status) = server.wait();
    assert!(status.success() && begin.elapsed() < PATIENCE / 2, "{status} after {:?}", begin.elapsed());
}

#[test]
fn workers_that_crash_at_once_are_started_after_longer_and_longer_pauses() {
    if is_other() {
        return;
    }
    let test = "ends::workers_that_crash_at_once_are_started_after_longer_and_longer_pauses";
    let mut server = Server::start(test, Setup { workers: 1, ..Setup::default() });
    server.journal.mark("crash");
    for worker in server.workers() {
        send_signal(worker, Signal::ABORT);
    }
    assert!(server.hear("is replaced").contains("signal: 6"));
    for _ in 0..3 {
        let said = server.hear("is replaced");
        assert!(said.contains("exit status: 7") && said.contains("ms"), "{said}");
    }
    assert!(server.journal.lines().len() < 7, "{:?}", server.journal.lines());
    let client = Client::connect(&server.url);
    let call = client.start(&ONCE, 2, ANSWER, &[]).expect("starts");
    server.journal.unmark("crash");
    call.wait().expect("an answer");
    server.journal.mark("crash");
    kill_each(&server.workers());
    server.hear("is replaced");
    server.signal(Signal::TERM);
    assert!(server.wait().1.success());
}
