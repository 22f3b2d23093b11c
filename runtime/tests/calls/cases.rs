//! Cases for any kind of channel.

use super::{Caller, Channel, Client};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::support::servers::on_each;
use crate::support::{ADD, FAIL, MISSING, NOTE, OTHER_SHAPE, Sums};
use rpcgen_runtime::{ChannelOptions, Code, Router, ServerOptions, ThreadServer};

/// Runs a check over TCP, over a Unix socket, and in the process.
fn everywhere(check: impl Fn(&Client)) {
    let folder = tempfile::tempdir().expect("a folder");
    let unix = format!("unix://{}", folder.path().join("s").display());
    for url in ["tcp://127.0.0.1:0", &unix] {
        on_each(|on| {
            let router = Router::new().add_quick(Sums::default());
            let server = on.start(url, ServerOptions::default(), router).expect("starts");
            let channel = Channel::connect(&server.endpoint().to_string()).expect("connects");
            check(&Client(Caller::new(channel)));
            server.shutdown(Duration::from_secs(5));
        });
    }
    let channel = Channel::in_process(Router::new().add(Sums::default())).expect("a channel");
    check(&Client(Caller::new(channel)));
}

#[test]
fn a_call_comes_back() {
    everywhere(|client| assert_eq!(client.add(2, 3), Ok(5)));
}

#[test]
fn calls_may_be_started_together_and_awaited_in_any_order() {
    everywhere(|client| {
        let started: Vec<_> = (0..500).map(|a| client.start_add(a, 1).expect("starts")).collect();
        for (a, call) in started.into_iter().enumerate().rev() {
            assert_eq!(call.wait(), Ok(i32::try_from(a).expect("few") + 1));
        }
    });
}

/// L8: the caller waits.
#[test]
fn more_calls_than_the_server_allows_wait_for_their_turn() {
    everywhere(|client| {
        let started: Vec<_> = (0..5000).map(|a| client.start_add(a, 1).expect("starts")).collect();
        assert!(started.into_iter().zip(1..).all(|(call, sum)| call.wait() == Ok(sum)));
    });
}

/// R22: in parts that the other side accepts.
#[test]
fn large_messages_travel_in_parts_both_ways() {
    everywhere(|client| {
        for size in [0, 1, 16 << 10, (16 << 10) + 1, 65_531, 65_532, 1 << 20, 5_000_000] {
            let bytes: Vec<u8> = (0..=250).cycle().take(size).collect();
            assert!(client.echo(&bytes) == Ok(bytes), "{size} bytes");
        }
    });
}

/// R2: both sides send more than the sockets between them hold, and each reads while it cannot write.
#[test]
fn both_sides_may_have_much_to_send_at_once() {
    everywhere(|client| {
        let bytes = vec![7; 1 << 20];
        let started: Vec<_> = (0..24).map(|_| client.start_echo(&bytes).expect("starts")).collect();
        assert!(started.into_iter().all(|call| call.wait().as_ref() == Ok(&bytes)));
    });
}

#[test]
fn threads_share_a_channel() {
    everywhere(|client| {
        thread::scope(|scope| {
            for thread in 0..16 {
                scope.spawn(move || {
                    for n in 0..200 {
                        assert_eq!(client.add(thread, n), Ok(thread + n));
                        assert_eq!(client.echo(&vec![7; 40_000]).map(|bytes| bytes.len()), Ok(40_000));
                    }
                });
            }
        });
    });
}

#[test]
fn failures_say_what_happened_and_whether_the_call_may_have_run() {
    everywhere(|client| {
        let code = |method| client.call(method).map_err(|status| (status.code(), status.may_have_run()));
        assert_eq!(code(&OTHER_SHAPE), Err((Code::SchemaMismatch, false)));
        assert_eq!(code(&MISSING), Err((Code::Unimplemented, false)));
        assert_eq!(code(&ADD), Err((Code::InvalidArgument, false)));
        assert_eq!(code(&FAIL), Err((Code::Internal, true)));
        assert_eq!(client.add(1, 1), Ok(2));
    });
}

/// L2: the sender looks first.
#[test]
fn a_message_over_the_limit_is_refused_before_it_is_sent() {
    everywhere(|client| {
        let status = client.echo(&vec![0; 65 << 20]).expect_err("too long");
        assert_eq!((status.code(), status.may_have_run()), (Code::ResourceExhausted, false));
        assert_eq!(client.add(1, 1), Ok(2));
    });
}

#[test]
fn oneway_calls_arrive_before_later_calls_and_without_any() {
    let sum = Arc::new(AtomicU32::new(0));
    let channel = Channel::in_process(Router::new().add(Sums(Arc::clone(&sum)))).expect("a channel");
    let client = Client(Caller::new(channel));
    for _ in 0..100 {
        client.0.send(&NOTE, |out| out.fixed(&1_u32)).expect("sent");
    }
    assert_eq!(client.add(1, 1), Ok(2));
    assert_eq!(sum.load(Ordering::SeqCst), 100);
    client.0.send(&NOTE, |out| out.fixed(&1_u32)).expect("sent");
    while sum.load(Ordering::SeqCst) < 101 {
        thread::yield_now();
    }
}

/// The server's preface is unread when the channel is dropped: that must not cost the server what it has not read.
#[test]
fn oneway_calls_arrive_though_their_channel_is_dropped_at_once() {
    for _ in 0..20 {
        let sum = Arc::new(AtomicU32::new(0));
        let router = Router::new().add(Sums(Arc::clone(&sum)));
        let server = ThreadServer::bind("tcp://127.0.0.1:0").expect("binds").start(router).expect("starts");
        let client = Client(Caller::new(Channel::connect(&server.endpoint().to_string()).expect("connects")));
        for _ in 0..100 {
            client.0.send(&NOTE, |out| out.fixed(&1_u32)).expect("sent");
        }
        drop(client);
        let until = Instant::now() + Duration::from_secs(20);
        while sum.load(Ordering::SeqCst) < 100 {
            assert!(Instant::now() < until, "{} of 100 came", sum.load(Ordering::SeqCst));
            thread::yield_now();
        }
        server.shutdown(Duration::from_secs(5));
    }
}

#[test]
fn a_started_call_leaves_though_nobody_waits() {
    let sum = Arc::new(AtomicU32::new(0));
    let channel = Channel::in_process(Router::new().add(Sums(Arc::clone(&sum)))).expect("a channel");
    let client = Client(Caller::new(channel));
    let pending = client.start_add(1, 1).expect("starts");
    client.0.send(&NOTE, |out| out.fixed(&1_u32)).expect("sent");
    while sum.load(Ordering::SeqCst) < 1 {
        thread::yield_now();
    }
    assert_eq!(pending.wait(), Ok(2));
}

#[test]
fn calls_after_their_time_are_given_up_and_the_channel_lives_on() {
    everywhere(|client| {
        let hurried = Client(client.0.with_timeout(Duration::ZERO));
        assert_eq!(hurried.add(1, 1).map_err(|status| status.code()), Err(Code::DeadlineExceeded));
        let patient = Client(client.0.with_timeout(Duration::from_secs(60)));
        assert_eq!(patient.add(1, 1), Ok(2));
    });
}

#[test]
fn dropped_calls_are_cancelled_and_their_answers_dropped() {
    everywhere(|client| {
        for n in 0..3000 {
            drop(client.start_add(n, n).expect("starts"));
        }
        assert_eq!(client.add(1, 1), Ok(2));
    });
}

#[test]
fn a_channel_connects_anew_after_its_server_went_away() {
    let server = ThreadServer::bind("tcp://127.0.0.1:0").expect("binds");
    let url = server.endpoint().expect("bound").to_string();
    let server = server.start(Router::new().add(Sums::default())).expect("starts");
    let options = ChannelOptions { fail_fast: true, ..ChannelOptions::default() };
    let client = Client(Caller::new(Channel::connect_with(&url, options).expect("connects")));
    assert_eq!(client.add(1, 1), Ok(2));
    assert_eq!(server.shutdown(Duration::from_secs(5)).cut, 0);
    let status = client.add(1, 1).expect_err("nobody there");
    assert_eq!(status.code(), Code::Unavailable);
    let server = ThreadServer::bind(&url).expect("binds").start(Router::new().add(Sums::default())).expect("starts");
    while client.add(1, 1).is_err() {}
    server.shutdown(Duration::from_secs(5));
}

#[test]
fn a_router_that_cannot_tell_its_methods_apart_serves_nobody() {
    let router = Router::new().add(Sums::default()).add(Sums::default());
    let status = Channel::in_process(router).expect_err("refused");
    assert_eq!(status.code(), Code::FailedPrecondition);
}
