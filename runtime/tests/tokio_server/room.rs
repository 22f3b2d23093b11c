//! Where handlers run on a tokio server, and how many there may be beside the reading of their connections.

use std::sync::{Arc, Mutex};
use std::thread::{self, ThreadId};

use rpcgen_runtime::stub::{AsyncAnswer, AsyncCall, Context, Failure, Packer, Service, ServiceInfo, Unpacker};
use rpcgen_runtime::{Code, Router, ServerOptions, TokioServer};
use tokio::runtime::Builder;
use tokio::sync::Semaphore;

use crate::probe::{ADD, Client, PATIENCE, Probe, RUN};
use crate::servers::On;

static THREADS: ServiceInfo = ServiceInfo::new("test.Threads", &[&RUN, &ADD]);

/// Notes in which threads it runs.
#[derive(Clone, Default)]
struct Threads(Arc<Mutex<Vec<ThreadId>>>);

impl Service for Threads {
    fn info(&self) -> &'static ServiceInfo {
        &THREADS
    }

    fn call(&self, _: usize, _: &Context, _: &mut Unpacker<'_>, _: &mut Packer<'_>) -> Result<(), Failure> {
        self.0.lock().expect("no panic").push(thread::current().id());
        Ok(())
    }
}

#[test]
fn quick_handlers_run_where_calls_are_read_and_other_blocking_ones_do_not() {
    for is_quick in [true, false] {
        let threads = Threads::default();
        let router = Router::new();
        let router = if is_quick { router.add_quick(threads.clone()) } else { router.add(threads.clone()) };
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
        let server = {
            let _inside = runtime.enter();
            TokioServer::bind("tcp://127.0.0.1:0").expect("binds").start(router).expect("starts")
        };
        let url = server.endpoint().to_string();
        let calling = thread::spawn(move || {
            let client = Client::at(&url);
            (0..10).all(|_| client.is_served())
        });
        runtime.block_on(async {
            while !calling.is_finished() {
                tokio::task::yield_now().await;
            }
            server.shutdown(PATIENCE).await
        });
        assert!(calling.join().expect("no panic"));
        let (ran, here) = (threads.0.lock().expect("no panic"), thread::current().id());
        assert_eq!((ran.len(), ran.iter().all(|thread| *thread == here)), (10, is_quick));
    }
}

/// A service whose `run` waits at a gate.
fn gated(gate: &Arc<Semaphore>) -> Router {
    let gate = Arc::clone(gate);
    Router::new().add_async(Probe(move |call: AsyncCall| -> AsyncAnswer {
        let gate = Arc::clone(&gate);
        Box::pin(async move {
            drop(gate.acquire().await.expect("open"));
            call.reply(|_| Ok(()))
        })
    }))
}

/// L9: with room for none, those that wait hold up the calls behind them, and none is refused.
#[test]
fn l9_without_room_calls_wait_behind_a_future_that_waits() {
    let gate = Arc::new(Semaphore::new(0));
    let server = On::Tokio.serve_with(ServerOptions { handler_threads: 0, ..ServerOptions::default() }, gated(&gate));
    let (client, other) = (Client::of(&server), Client::of(&server));
    let mut calls: Vec<_> = (0..100).map(|number| client.start(if number % 2 == 0 { &RUN } else { &ADD })).collect();
    let last = calls.pop().expect("some");
    assert!(other.is_served(), "another connection goes on");
    gate.add_permits(1);
    assert!(calls.into_iter().all(|call| call.wait() == Ok(())));
    assert_eq!(last.wait(), Ok(()));
    drop((client, other));
    assert_eq!(server.shutdown(PATIENCE).cut, 0);
}

/// L9: and there is room again when one has answered.
#[test]
fn l9_a_future_that_waits_takes_room_until_it_answers() {
    let gate = Arc::new(Semaphore::new(0));
    let server = On::Tokio.serve_with(ServerOptions { handler_threads: 1, ..ServerOptions::default() }, gated(&gate));
    let (client, other) = (Client::of(&server), Client::of(&server));
    let slow = client.start(&RUN);
    // They are handled in their order, so the slow one has taken its room.
    let refused = client.start(&ADD).wait().expect_err("no room");
    assert_eq!((refused.code(), refused.may_have_run()), (Code::ResourceExhausted, false));
    assert_eq!(refused.message(), "1 slow handlers run, and no more may (ServerOptions::handler_threads)");
    assert_eq!(other.start(&ADD).wait().map_err(|status| status.code()), Err(Code::ResourceExhausted));
    gate.add_permits(1);
    assert_eq!(slow.wait(), Ok(()));
    assert!(client.is_served() && other.is_served());
    drop((client, other));
    server.shutdown(PATIENCE);
}
