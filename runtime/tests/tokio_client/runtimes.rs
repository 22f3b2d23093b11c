//! What becomes of a channel when a runtime ends, or there is none.

use std::io::Read as _;
use std::net::TcpListener;
use std::pin::pin;
use std::task::{Context, Waker};

use rpcgen_runtime::wire::{Header, Preface};
use rpcgen_runtime::{AsyncChannel, ChannelOptions, Code, Router, ThreadServer};

use crate::stub::{Client, PATIENCE, runtimes};
use crate::support::Sums;

/// Calls of another runtime fail over it, and do not hang.
#[test]
fn when_the_runtime_ends_that_connected_its_calls_fail_and_the_channel_connects_anew() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("binds");
    let url = format!("tcp://{}", listener.local_addr().expect("bound"));
    let [one, two] = runtimes();
    let client = Client::new(&one.block_on(AsyncChannel::connect(&url)).expect("connects"));
    let (mut silent, _) = listener.accept().expect("a connection");
    let call = two.spawn(async move { (client.add(1, 2).await, client) });
    silent.read_exact(&mut [0; Preface::SIZE + Header::SIZE + 12]).expect("a preface and a call");
    drop(one);
    let (ended, client) = two.block_on(call).expect("no panic");
    let status = ended.expect_err("nobody answers");
    assert_eq!(status.code(), Code::Unavailable, "{status}");
    assert!(status.message().contains("the runtime"), "{status}");
    assert!(status.may_have_run());
    drop((listener, silent));
    let server = ThreadServer::bind(&url).expect("binds").start(Router::new().add(Sums::default()));
    let server = server.expect("starts");
    assert_eq!(two.block_on(client.add(1, 2)), Ok(3));
    drop(client);
    server.shutdown(PATIENCE);
}

/// A call that an executor without tokio makes needs none, as long as its connection lives.
#[test]
fn a_call_outside_of_any_runtime_is_answered_or_fails() {
    let server = ThreadServer::bind("tcp://127.0.0.1:0").expect("binds").start(Router::new().add(Sums::default()));
    let server = server.expect("starts");
    let [_, runtime] = runtimes();
    let options = ChannelOptions { attempts: 1, ..ChannelOptions::default() };
    let url = server.endpoint().to_string();
    let connecting = AsyncChannel::connect_with(&url, options);
    let client = Client::new(&runtime.block_on(connecting).expect("connects"));
    assert_eq!(spin(client.add(1, 2)), Ok(3));
    let hurried = Client(client.0.with_timeout(PATIENCE));
    assert_eq!(spin(hurried.add(1, 2)), Ok(3));
    drop(runtime);
    let status = spin(client.add(1, 2)).expect_err("there is no connection");
    assert_eq!((status.code(), status.may_have_run()), (Code::Unavailable, false), "{status}");
    server.shutdown(PATIENCE);
}

/// Polls until something is ready.
fn spin<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    loop {
        if let std::task::Poll::Ready(value) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return value;
        }
        std::thread::yield_now();
    }
}

#[test]
fn without_a_runtime_no_channel_is_made() {
    let status = spin(AsyncChannel::connect("tcp://127.0.0.1:1")).expect_err("no runtime");
    assert_eq!((status.code(), status.may_have_run()), (Code::Unavailable, false));
    let status = AsyncChannel::in_process(Router::new()).expect_err("no runtime");
    assert_eq!((status.code(), status.may_have_run()), (Code::Unavailable, false));
}
