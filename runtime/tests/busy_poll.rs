//! Threads that look for bytes before they sleep: nothing else is different, and who has nothing to do does nothing.

mod support;

use std::thread;
use std::time::{Duration, Instant};

use rpcgen_runtime::stub::Caller;
use rpcgen_runtime::{Channel, ChannelOptions, Router, ServerOptions, ThreadServer};
use rustix::time::{ClockId, clock_gettime};
use support::{Client, Sums};

/// As long as may be.
const WINDOW: Duration = Duration::from_millis(1);

fn client() -> Client {
    let options = ServerOptions { busy_poll: WINDOW, ..ServerOptions::default() };
    let server = ThreadServer::bind("tcp://127.0.0.1:0").expect("binds").options(options);
    let running = server.start(Router::new().add(Sums::default())).expect("starts");
    let options = ChannelOptions { busy_poll: WINDOW, ..ChannelOptions::default() };
    let channel = Channel::connect_with(&running.endpoint().to_string(), options).expect("connects");
    Client(Caller::new(channel))
}

#[test]
fn calls_are_answered_by_whoever_looks() {
    let client = client();
    for a in 0..200 {
        assert_eq!(client.add(a, 1), Ok(a + 1));
        if a % 50 == 0 {
            // Longer than anybody looks.
            thread::sleep(2 * WINDOW);
        }
    }
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| (0..200).for_each(|a| assert_eq!(client.add(a, 1), Ok(a + 1))));
        }
    });
    let bytes = vec![7; 300_000];
    assert_eq!(client.echo(&bytes), Ok(bytes));
}

/// The processor's time that this process has had.
fn worked() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::try_from(time).expect("time goes on")
}

#[test]
fn who_has_nothing_to_do_looks_once_and_sleeps() {
    let client = client();
    assert_eq!(client.add(1, 1), Ok(2));
    let (begin, before) = (Instant::now(), worked());
    thread::sleep(200 * WINDOW);
    let (took, worked) = (begin.elapsed(), worked().saturating_sub(before));
    assert!(worked < took / 2, "{worked:?} of {took:?}");
    assert_eq!(client.add(1, 1), Ok(2));
}
