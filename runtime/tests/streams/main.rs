//! Streams over blocking channels and servers.

mod crowd;
mod drops;
mod service;
mod tasks;

use std::sync::LazyLock;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant};

use rpcgen_runtime::stub::Caller;
use rpcgen_runtime::{Channel, ChannelOptions, Code, Limits, Router, ServerOptions, Status, ThreadServer, TokioServer};
use service::{Client, Streams};
use tokio::runtime::Runtime;

/// Longer than anything takes that does not hang.
const PATIENCE: Duration = Duration::from_secs(60);

/// A client of a service, by each way there is to it.
fn clients(service: &Streams) -> Vec<(&'static str, Client)> {
    let running = ThreadServer::bind("tcp://127.0.0.1:0").expect("binds").start(router(service)).expect("starts");
    let over_tcp = Channel::connect(&running.endpoint().to_string()).expect("connects");
    let in_process = Channel::in_process(router(service)).expect("starts");
    let on_tokio = Channel::connect(&tokio_server(service)).expect("connects");
    let ways = [("tcp", over_tcp), ("in process", in_process), ("tokio", on_tokio)];
    ways.into_iter().map(|(way, channel)| (way, Client(Caller::new(channel)))).collect()
}

/// The address of a server that has a runtime of its own.
fn tokio_server(service: &Streams) -> String {
    static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().expect("starts"));
    RUNTIME.block_on(async {
        let server = TokioServer::bind("tcp://127.0.0.1:0").expect("binds");
        server.start(router(service)).expect("starts").endpoint().to_string()
    })
}

fn router(service: &Streams) -> Router {
    Router::new().add(service.clone())
}

fn eventually(is_true: impl Fn() -> bool) {
    let until = Instant::now() + PATIENCE;
    while !is_true() {
        assert!(Instant::now() < until, "it does not come true");
        thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn a_server_stream_comes_in_order_and_ends() {
    for (way, client) in clients(&Streams::default()) {
        for upto in [0, 1, 1000, 300_000] {
            let numbers: Result<Vec<_>, Status> = client.count(upto).expect("starts").collect();
            assert_eq!(numbers.expect(way), (0..upto).collect::<Vec<_>>(), "{way}");
        }
    }
}

#[test]
fn a_client_stream_goes_whole_and_is_answered() {
    for (way, client) in clients(&Streams::default()) {
        let mut sum = client.sum().expect("starts");
        sum.send(&1).expect(way);
        sum.send_all(0..300_000).expect(way);
        assert_eq!(sum.finish().expect(way), 1 + 299_999 * 150_000, "{way}");
    }
}

#[test]
fn a_failure_of_the_handler_ends_the_stream_with_it() {
    for (way, client) in clients(&Streams::default()) {
        let mut sum = client.sum().expect("starts");
        sum.send_all([6, 7]).expect(way);
        let failure = sum.finish().expect_err("thirteen");
        assert_eq!((failure.code(), failure.message()), (Code::FailedPrecondition, "thirteen"), "{way}");
    }
}

#[test]
fn items_go_to_and_fro_one_by_one() {
    for (way, client) in clients(&Streams::default()) {
        let (sender, mut receiver) = client.echo().expect("starts");
        for text in ["one", "", "three"] {
            sender.send(text).expect(way);
            assert_eq!(receiver.next().expect("an item").expect(way), text, "{way}");
        }
        sender.finish();
        assert!(receiver.next().is_none(), "{way}");
    }
}

#[test]
fn both_directions_are_full_at_once() {
    for (way, client) in clients(&Streams::default()) {
        let (sender, receiver) = client.echo().expect("starts");
        let sending = thread::spawn(move || {
            let text = "x".repeat(1000);
            sender.send_all(std::iter::repeat_n(text, 5000)).expect(way);
            sender.finish();
        });
        assert_eq!(receiver.map(|text| text.expect(way).len()).sum::<usize>(), 5_000_000, "{way}");
        sending.join().expect(way);
    }
}

#[test]
fn an_item_larger_than_the_window_goes_through() {
    for (way, client) in clients(&Streams::default()) {
        let (sender, mut receiver) = client.echo().expect("starts");
        let text = "x".repeat(3 << 20);
        sender.send(&text).expect(way);
        assert!(receiver.next().expect("an item").expect(way) == text, "{way}");
        sender.finish();
        assert!(receiver.next().is_none(), "{way}");
    }
}

/// R37, L16: a reader that takes nothing holds up its own stream, within a window, and nothing else.
#[test]
fn a_stream_that_nobody_reads_holds_up_no_other_call() {
    // What was taken, the window, what begins above its end, and what the handler has packed.
    let most = (32 << 10) + (256 << 10) + 2 * (16 << 10);
    for (way, _) in clients(&Streams::default()) {
        let service = Streams::default();
        let (_, client) = clients(&service).into_iter().find(|(other, _)| *other == way).expect("the same ways");
        let mut stalled = client.count(1_000_000).expect("starts");
        assert_eq!(stalled.next().expect("an item").expect(way), 0);
        for _ in 0..100 {
            client.ping().expect(way);
        }
        let bytes = 8 * service.counted.load(Ordering::SeqCst);
        assert!(bytes <= most, "{way}: {bytes} bytes were made, and {most} may be");
        assert_eq!(client.count(100_000).expect("starts").count(), 100_000, "{way}");
        assert_eq!(stalled.map(|number| number.expect(way)).last(), Some(999_999), "{way}");
    }
}

/// R41: a stream that is dropped is cancelled, and its handler hears of it.
#[test]
fn a_stream_that_is_dropped_ends_its_handler() {
    let service = Streams::default();
    for (way, client) in clients(&service) {
        let before = service.failed.load(Ordering::SeqCst);
        let mut numbers = client.count(100_000_000).expect("starts");
        assert_eq!(numbers.next().expect("an item").expect(way), 0);
        drop(numbers);
        let mut sum = client.sum().expect("starts");
        sum.send(&1).expect(way);
        drop(sum);
        eventually(|| service.failed.load(Ordering::SeqCst) == before + 2);
    }
}

/// R41: what is dropped after any step leaves nothing behind: no call, no handler, and the connection goes on.
#[test]
fn streams_that_are_dropped_after_any_step_leave_nothing_behind() {
    let service = Streams::default();
    let running = ThreadServer::bind("tcp://127.0.0.1:0").expect("binds").start(router(&service)).expect("starts");
    let client = Client(Caller::new(Channel::connect(&running.endpoint().to_string()).expect("connects")));
    for steps in 0..12 {
        assert!(client.count(10).expect("starts").take(steps).all(|number| number.is_ok()));
        let mut sum = client.sum().expect("starts");
        (0..steps).for_each(|_| sum.send(&1).expect("is sent"));
        drop(sum);
        for drops_sender_first in [false, true] {
            let (sender, mut receiver) = client.echo().expect("starts");
            for _ in 0..steps {
                sender.send("a").expect("is sent");
                assert_eq!(receiver.next().expect("an item").expect("goes well"), "a");
            }
            if drops_sender_first { drop(sender) } else { drop(receiver) }
        }
        client.ping().expect("goes well");
    }
    eventually(|| service.returned.load(Ordering::SeqCst) == service.begun.load(Ordering::SeqCst));
    drop(client);
    let report = running.shutdown(PATIENCE);
    assert_eq!((report.connections, report.cut), (1, 0), "{report:?}");
}

#[test]
fn a_sender_that_outlives_its_handler_keeps_no_connection() {
    let service = Streams::default();
    let running = ThreadServer::bind("tcp://127.0.0.1:0").expect("binds").start(router(&service)).expect("starts");
    let client = Client(Caller::new(Channel::connect(&running.endpoint().to_string()).expect("connects")));
    let (sender, mut receiver) = client.echo().expect("starts");
    sender.send("a").expect("is sent");
    assert_eq!(receiver.next().expect("an item").expect("goes well"), "a");
    sender.finish();
    assert!(receiver.next().is_none());
    let kept = service.kept.lock().expect("no panic").take().expect("a sender");
    assert_eq!(kept.send("b").expect_err("the call is over").code(), Code::Cancelled);
    drop((receiver, client));
    assert_eq!(running.shutdown(PATIENCE).cut, 0);
    assert_eq!(kept.send("c").expect_err("the connection is gone").code(), Code::Cancelled);
}

/// R40: the deadline of a call is that of its streams.
#[test]
fn a_deadline_ends_streams_on_both_sides() {
    let service = Streams::default();
    for (way, Client(caller)) in clients(&service) {
        let before = service.failed.load(Ordering::SeqCst);
        let client = Client(caller.with_timeout(Duration::from_millis(100)));
        let (sender, mut receiver) = client.echo().expect("starts");
        sender.send("a").expect(way);
        assert_eq!(receiver.next().expect("an item").expect(way), "a");
        let failure = receiver.next().expect("a failure").expect_err("the time is over");
        assert_eq!(failure.code(), Code::DeadlineExceeded, "{way}");
        assert!(receiver.next().is_none());
        assert!(sender.send("b").is_err());
        eventually(|| service.failed.load(Ordering::SeqCst) == before + 1);
    }
}

#[test]
fn an_item_that_does_not_come_in_time_fails_the_stream() {
    for (way, client) in clients(&Streams::default()) {
        let (sender, receiver) = client.echo().expect("starts");
        let mut receiver = receiver.with_item_timeout(Duration::from_millis(50));
        sender.send("a").expect(way);
        assert_eq!(receiver.next().expect("an item").expect(way), "a");
        let failure = receiver.next().expect("a failure").expect_err("no item comes");
        assert_eq!((failure.code(), failure.message()), (Code::DeadlineExceeded, "no item came for 50ms"), "{way}");
        assert!(sender.send("b").is_err(), "{way}");
    }
}

/// R47: a connection that breaks ends its streams.
#[test]
fn streams_end_with_their_connection() {
    let service = Streams::default();
    let running = ThreadServer::bind("tcp://127.0.0.1:0").expect("binds").start(router(&service)).expect("starts");
    let client = Client(Caller::new(Channel::connect(&running.endpoint().to_string()).expect("connects")));
    let (sender, mut receiver) = client.echo().expect("starts");
    sender.send("a").expect("is sent");
    assert_eq!(receiver.next().expect("an item").expect("is echoed"), "a");
    running.shutdown(Duration::ZERO);
    let failure = receiver.next().expect("a failure").expect_err("the server has gone");
    assert!([Code::Unavailable, Code::Cancelled].contains(&failure.code()), "{failure}");
    eventually(|| service.returned.load(Ordering::SeqCst) == 1);
    eventually(|| sender.send("b").is_err());
}

/// L9: each call with streams has a thread of its own, as many as there may be.
#[test]
fn streams_beyond_the_threads_for_handlers_are_refused() {
    let options = ServerOptions { handler_threads: 2, ..ServerOptions::default() };
    let server = ThreadServer::bind("tcp://127.0.0.1:0").expect("binds").options(options);
    let running = server.start(router(&Streams::default())).expect("starts");
    let options = ChannelOptions { attempts: 1, ..ChannelOptions::default() };
    let channel = Channel::connect_with(&running.endpoint().to_string(), options).expect("connects");
    let client = Client(Caller::new(channel));
    let _held: Vec<_> = (0..2).map(|_| client.echo().expect("starts")).collect();
    let refused = client.sum().expect("starts").finish().expect_err("no thread is left");
    assert_eq!((refused.code(), refused.may_have_run()), (Code::ResourceExhausted, false), "{refused}");
}

/// L2: short items go together, a long one alone; one that is longer than a message may be is refused where it is sent.
#[test]
fn items_are_as_long_as_a_message_may_be() {
    let limits = Limits { message: 100_000, ..Limits::default() };
    let options = ServerOptions { limits: limits.clone(), ..ServerOptions::default() };
    let server = ThreadServer::bind("tcp://127.0.0.1:0").expect("binds").options(options);
    let running = server.start(router(&Streams::default())).expect("starts");
    let options = ChannelOptions { limits, ..ChannelOptions::default() };
    let channel = Channel::connect_with(&running.endpoint().to_string(), options).expect("connects");
    let (sender, receiver) = Client(Caller::new(channel)).echo().expect("starts");
    let longest = "x".repeat(100_000 - 4);
    let texts = ["a", &longest, "b", &longest, &longest];
    sender.send_all(texts).expect("is sent");
    let refused = sender.send(&"x".repeat(100_000)).expect_err("too long");
    assert_eq!(refused.code(), Code::ResourceExhausted);
    assert!(refused.message().ends_with("at most 100000 may be sent (Limits::message)"), "{refused}");
    sender.finish();
    assert!(receiver.map(|text| text.expect("is echoed")).eq(texts));
}

#[test]
fn a_small_window_is_enough() {
    let limits = Limits { stream_window: 16_384, ..Limits::default() };
    let options = ServerOptions { limits: limits.clone(), ..ServerOptions::default() };
    let server = ThreadServer::bind("tcp://127.0.0.1:0").expect("binds").options(options);
    let running = server.start(router(&Streams::default())).expect("starts");
    let options = ChannelOptions { limits, ..ChannelOptions::default() };
    let channel = Channel::connect_with(&running.endpoint().to_string(), options).expect("connects");
    let client = Client(Caller::new(channel));
    assert_eq!(client.count(200_000).expect("starts").count(), 200_000);
    let mut sum = client.sum().expect("starts");
    sum.send_all(std::iter::repeat_n(1, 200_000)).expect("is sent");
    assert_eq!(sum.finish().expect("is answered"), 200_000);
}
