//! Calls of asynchronous handlers, on every kind of server.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rpcgen_runtime::stub::{CallError, Caller, Context, Fault, Status};
use rpcgen_runtime::{Channel, Code, Router};

use crate::desk::{AsyncDesk, AsyncDeskServer, Client, Refusal};
use crate::probe::PATIENCE;
use crate::servers::on_each;

/// Adds at once, greets after a while, and counts notes.
#[derive(Default)]
struct Desk(Arc<AtomicU32>);

impl AsyncDesk for Desk {
    async fn add(&self, _: &Context, a: i32, b: i32) -> Result<i32, Status> {
        a.checked_add(b).ok_or_else(|| Status::out_of_range("too much"))
    }

    async fn greet(&self, _: &Context, name: &str) -> Result<String, Fault<Refusal>> {
        tokio::time::sleep(Duration::from_millis(1)).await;
        match name {
            "" => Err(Refusal::Nobody.into()),
            "panic" => panic!("as asked"),
            name => Ok(format!("hello {name}")),
        }
    }

    async fn note(&self, _: &Context, count: u32) {
        tokio::task::yield_now().await;
        self.0.fetch_add(count, Ordering::SeqCst);
    }
}

/// Runs a check on every kind of server, and in the process.
fn everywhere(check: impl Fn(&Client, &AtomicU32)) {
    let notes = Arc::<AtomicU32>::default();
    let router = || Router::new().add_async(AsyncDeskServer::new(Desk(Arc::clone(&notes))));
    on_each(|on| {
        let server = on.serve(router());
        notes.store(0, Ordering::SeqCst);
        check(&Client(Caller::new(Channel::connect(&server.endpoint().to_string()).expect("connects"))), &notes);
        server.shutdown(PATIENCE);
    });
    notes.store(0, Ordering::SeqCst);
    check(&Client(Caller::new(Channel::in_process(router()).expect("a channel"))), &notes);
}

#[test]
fn answers_come_back() {
    everywhere(|client, _| {
        assert_eq!(client.add(2, 3), Ok(5));
        assert_eq!(client.greet("Ada"), Ok("hello Ada".to_owned()));
        assert_eq!(client.greet(""), Err(CallError::Declared(Refusal::Nobody)));
    });
}

#[test]
fn failures_say_what_happened_and_whether_the_call_may_have_run() {
    everywhere(|client, _| {
        let failed = client.add(i32::MAX, 1).expect_err("too much");
        assert_eq!((failed.code(), failed.may_have_run()), (Code::OutOfRange, true));
        let failed = |name: &str| match client.greet(name) {
            Err(CallError::Status(status)) => (status.code(), status.may_have_run()),
            other => panic!("{other:?}"),
        };
        assert_eq!(failed("panic"), (Code::Internal, true));
        assert_eq!(failed(&"x".repeat(65)), (Code::InvalidArgument, false));
        assert_eq!(client.add(2, 3), Ok(5));
    });
}

#[test]
fn oneway_calls_run() {
    everywhere(|client, notes| {
        for _ in 0..100 {
            client.note(1).expect("sent");
        }
        let until = Instant::now() + PATIENCE;
        while notes.load(Ordering::SeqCst) < 100 {
            assert!(Instant::now() < until, "{notes:?} came");
            thread::yield_now();
        }
    });
}
