//! Handlers that are futures: where they are polled, when they are dropped, and how they fail.

use std::future::{pending, poll_fn};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;

use rpcgen_runtime::stub::{AsyncAnswer, AsyncCall, Context};
use rpcgen_runtime::{Code, Limits, Router, ServerOptions};
use tokio::sync::Semaphore;
use tokio::task::yield_now;

use crate::probe::{ADD, Client, PATIENCE, Probe, RUN, Told};
use crate::servers::{On, Running, on_each};

/// Serves what a closure makes.
fn serve(on: On, make: impl Fn(AsyncCall) -> AsyncAnswer + Send + Sync + 'static) -> (Running, Client) {
    // The fewest that may be open.
    let options = ServerOptions { limits: Limits { open_calls: 64, ..Limits::default() }, ..ServerOptions::default() };
    let server = on.serve_with(options, Router::new().add_async(Probe(make)));
    let client = Client::of(&server);
    (server, client)
}

/// Serves handlers that never answer: gives the context of each, and what hears when it was dropped.
fn serve_waiting(on: On) -> (Running, Client, Receiver<(Context, Receiver<()>)>) {
    let (begun, handlers) = channel();
    let begun = Mutex::new(begun);
    let (server, client) = serve(on, move |call| {
        let (told, dropped) = Told::new();
        begun.lock().expect("no panic").send((call.context().clone(), dropped)).expect("the test waits");
        Box::pin(async move {
            let _told = told;
            pending().await
        })
    });
    (server, client, handlers)
}

#[test]
fn r41_a_future_is_dropped_when_its_call_is_cancelled() {
    on_each(|on| {
        let (server, client, handlers) = serve_waiting(on);
        let call = client.start(&RUN);
        let (context, dropped) = handlers.recv_timeout(PATIENCE).expect("it begins");
        assert!(client.is_served());
        drop(call);
        assert_eq!(dropped.recv_timeout(PATIENCE), Ok(()));
        assert!(context.is_cancelled() && client.is_served());
        drop(client);
        assert_eq!(server.shutdown(PATIENCE).cut, 0);
    });
}

#[test]
fn r40_a_future_is_dropped_when_its_time_is_over() {
    on_each(|on| {
        let (server, client, handlers) = serve_waiting(on);
        let late = Client(client.0.with_timeout(Duration::from_millis(50))).start(&RUN).wait().expect_err("too late");
        assert_eq!(late.code(), Code::DeadlineExceeded);
        let (context, dropped) = handlers.recv_timeout(PATIENCE).expect("it begins");
        assert_eq!(dropped.recv_timeout(PATIENCE), Ok(()));
        assert!(context.is_cancelled() && client.is_served());
        drop(client);
        assert_eq!(server.shutdown(PATIENCE).cut, 0);
    });
}

/// R31: what is dropped counts no more.
#[test]
fn r31_futures_that_were_dropped_leave_room_for_others() {
    on_each(|on| {
        let (server, client, handlers) = serve_waiting(on);
        for _ in 0..300 {
            drop(client.start(&RUN));
        }
        while handlers.try_recv().is_ok() {}
        assert!(client.is_served());
        drop(client);
        assert_eq!(server.shutdown(PATIENCE).cut, 0);
    });
}

#[test]
fn a_connection_that_is_cut_drops_its_futures() {
    on_each(|on| {
        let (server, client, handlers) = serve_waiting(on);
        let call = client.start(&RUN);
        let (_, dropped) = handlers.recv_timeout(PATIENCE).expect("it begins");
        let report = server.shutdown(Duration::ZERO);
        assert_eq!((report.cut, report.calls.cut), (1, 1));
        assert_eq!(dropped.recv_timeout(PATIENCE), Ok(()));
        assert_eq!(call.wait().expect_err("it was cut").code(), Code::Unavailable);
    });
}

/// Panics when it is dropped.
struct Brittle;

impl Drop for Brittle {
    fn drop(&mut self) {
        panic!("as asked");
    }
}

/// A handler that panics, in one of the places where it can.
fn panicking(call: AsyncCall, place: &str) -> AsyncAnswer {
    assert!(place != "made", "as asked");
    let place = place.to_owned();
    Box::pin(async move {
        assert!(place != "first polled", "as asked");
        yield_now().await;
        assert!(place != "polled again", "as asked");
        let _brittle = (place == "dropped").then_some(Brittle);
        call.reply(|_| Ok(()))
    })
}

#[test]
fn a_panic_fails_its_call_wherever_it_is_and_no_other() {
    on_each(|on| {
        for place in ["made", "first polled", "polled again", "dropped"] {
            let (server, client) = serve(on, move |call| panicking(call, place));
            let failed = client.start(&RUN).wait().expect_err(place);
            assert_eq!((failed.code(), failed.may_have_run()), (Code::Internal, true), "{place}");
            assert!(client.is_served(), "{place}");
            drop(client);
            assert_eq!(server.shutdown(PATIENCE).cut, 0);
        }
    });
}

#[test]
fn a_panic_of_a_future_that_is_dropped_is_nobodys_failure() {
    on_each(|on| {
        let (server, client) = serve(on, |_| {
            Box::pin(async {
                let _brittle = Brittle;
                pending().await
            })
        });
        drop(client.start(&RUN));
        assert!(client.is_served());
        drop(client);
        assert_eq!(server.shutdown(PATIENCE).cut, 0);
    });
}

/// A future may be woken from anywhere, and more often than it need be.
#[test]
fn a_future_goes_on_whoever_wakes_it() {
    on_each(|on| {
        let (server, client) = serve(on, |call| {
            Box::pin(async move {
                let mut left = 100;
                poll_fn(|task| {
                    left -= 1;
                    let waker = task.waker().clone();
                    if left % 2 == 0 {
                        waker.wake();
                    } else {
                        drop(std::thread::spawn(move || waker.wake()));
                    }
                    if left == 0 { Poll::Ready(()) } else { Poll::Pending }
                })
                .await;
                call.reply(|_| Ok(()))
            })
        });
        assert_eq!(client.start(&RUN).wait(), Ok(()));
        drop(client);
        server.shutdown(PATIENCE);
    });
}

/// Many more than there are threads.
#[test]
fn thousands_of_futures_wait_at_once() {
    const CONNECTIONS: usize = 20;
    const CALLS: usize = 100;
    let (gate, (begun, begins)) = (Arc::new(Semaphore::new(0)), channel());
    let (wait, begun) = (Arc::clone(&gate), Mutex::new(begun));
    let service = Probe(move |call: AsyncCall| -> AsyncAnswer {
        begun.lock().expect("no panic").send(()).expect("the test waits");
        let wait = Arc::clone(&wait);
        Box::pin(async move {
            drop(wait.acquire().await.expect("open"));
            call.reply(|_| Ok(()))
        })
    });
    let options = ServerOptions { handler_threads: CONNECTIONS * CALLS + 1, ..ServerOptions::default() };
    let server = On::Tokio.serve_with(options, Router::new().add_async(service));
    let clients: Vec<_> = (0..CONNECTIONS).map(|_| Client::of(&server)).collect();
    let calls: Vec<_> = clients.iter().flat_map(|client| (0..CALLS).map(|_| client.start(&RUN))).collect();
    (0..CONNECTIONS * CALLS).for_each(|_| begins.recv_timeout(PATIENCE).expect("it begins"));
    assert!(clients.iter().all(|client| client.start(&ADD).wait() == Ok(())));
    gate.add_permits(1);
    assert!(calls.into_iter().all(|call| call.wait() == Ok(())));
    drop(clients);
    assert_eq!(server.shutdown(PATIENCE).cut, 0);
}
