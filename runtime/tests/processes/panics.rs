//! Handlers that panic, also with what panics when it is dropped: their calls fail, and everything else goes on.

use rpcgen_runtime::{Code, Router, ThreadServer};

use crate::server::{Server, Setup, is_other};
use crate::work::{ANSWER, BOMB, Client, Journal, LATE_BOMB, ONCE, PANIC, PATIENCE, WAIT};

/// Panics where calls are read, and where handlers go on that take long.
fn panic_everywhere(client: &Client, journal: &Journal) {
    let process = client.call(&ONCE, 0, ANSWER).expect("an answer");
    let beside = client.start(&ONCE, 2, WAIT, &[]).expect("starts");
    let late: Vec<_> = (0..5).map(|n| client.start(&ONCE, 10 + 2 * n, LATE_BOMB, &[]).expect("starts")).collect();
    journal.expect("run 18");
    for id in (100..140).step_by(4) {
        for (id, manner) in [(id, PANIC), (id + 2, BOMB)] {
            let status = client.call(&ONCE, id, manner).expect_err("it panics");
            assert_eq!((status.code(), status.may_have_run()), (Code::Internal, true), "{status}");
        }
    }
    journal.mark("gate");
    for call in late {
        assert_eq!(call.wait().expect_err("it panics").code(), Code::Internal);
    }
    // The connection is the same, and so is the worker.
    assert_eq!(beside.wait().expect("an answer").0, process);
    assert_eq!(client.call(&ONCE, 4, ANSWER).expect("an answer"), process);
    assert!(journal.runs().values().all(|runs| *runs == 1));
}

#[test]
fn handlers_that_panic_fail_alone_in_threads_and_processes() {
    if is_other() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let journal = Journal(folder.path().to_owned());
    let router = Router::new().add(journal.clone());
    let threads = ThreadServer::bind("tcp://127.0.0.1:0").expect("binds").start(router).expect("starts");
    panic_everywhere(&Client::connect(&threads.endpoint().to_string()), &journal);
    let report = threads.shutdown(PATIENCE);
    assert_eq!((report.connections, report.cut), (1, 0));
    let server = Server::start("panics::handlers_that_panic_fail_alone_in_threads_and_processes", Setup::default());
    panic_everywhere(&server.client(), &server.journal);
}
