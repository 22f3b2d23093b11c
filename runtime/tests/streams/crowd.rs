//! Many streams on one connection, of which nobody reads one. `RPCGEN_STREAMS` says how many; what they have of the connection
//! with and without the one is printed, and not asserted: it is a measure, and tests run beside others.

use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use rpcgen_runtime::stub::{AsyncCaller, Caller};
use rpcgen_runtime::{AsyncChannel, Channel, Router, ServerOptions, ThreadServer, TokioServer};
use tokio::runtime::Builder;

use super::router;
use super::service::{Client, Streams};
use super::tasks::{AsyncClient, Tasks};

/// Items of each stream.
const ITEMS: u32 = 10_000;

/// How often each is measured, alternated.
const ROUNDS: usize = 9;

fn streams() -> usize {
    std::env::var("RPCGEN_STREAMS").ok().and_then(|count| count.parse().ok()).unwrap_or(50)
}

/// Items a second, of all streams together.
fn rate(took: Duration) -> f64 {
    let streams = u32::try_from(streams()).expect("not so many");
    f64::from(streams * ITEMS) / took.as_secs_f64()
}

/// Says what the streams had while one more was stalled, and while none was.
fn report(what: &str, mut measure: impl FnMut(bool) -> f64) {
    measure(false);
    let (mut free, mut beside): (Vec<_>, Vec<_>) = (0..ROUNDS).map(|_| (measure(false), measure(true))).unzip();
    free.sort_by(f64::total_cmp);
    beside.sort_by(f64::total_cmp);
    let (count, free, beside) = (streams(), free[ROUNDS / 2], beside[ROUNDS / 2]);
    println!(
        "{what}, {count} streams on one connection: {free:.0} items/s, beside a stalled one {beside:.0} ({:.2})",
        beside / free
    );
}

#[test]
fn threads_read_on_beside_a_stalled_stream() {
    let options = ServerOptions { handler_threads: streams() + 2, ..ServerOptions::default() };
    let server = ThreadServer::bind("tcp://127.0.0.1:0").expect("binds").options(options);
    let running = server.start(router(&Streams::default())).expect("starts");
    let client = Client(Caller::new(Channel::connect(&running.endpoint().to_string()).expect("connects")));
    report("threads", |is_one_stalled| {
        let stalled = is_one_stalled.then(|| client.count(u64::MAX).expect("starts"));
        let begun = read_together(&client);
        let took = begun.elapsed();
        drop(stalled);
        rate(took)
    });
}

/// Reads all streams in a thread each, and says when the first of them began.
fn read_together(client: &Client) -> Instant {
    let ready = Barrier::new(streams());
    thread::scope(|scope| {
        let read = || {
            ready.wait();
            let begun = Instant::now();
            let items = client.count(ITEMS.into()).expect("starts");
            assert_eq!(items.map(|item| item.expect("goes well")).last(), Some(u64::from(ITEMS) - 1));
            begun
        };
        let readers: Vec<_> = (0..streams()).map(|_| scope.spawn(read)).collect();
        readers.into_iter().map(|reader| reader.join().expect("goes well")).min().expect("a stream")
    })
}

#[test]
fn tasks_read_on_beside_a_stalled_stream() {
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("starts");
    let (_running, client) = runtime.block_on(async {
        let options = ServerOptions { handler_threads: streams() + 2, ..ServerOptions::default() };
        let server = TokioServer::bind("tcp://127.0.0.1:0").expect("binds").options(options);
        let running = server.start(Router::new().add_async(Tasks::default())).expect("starts");
        let channel = AsyncChannel::connect(&running.endpoint().to_string()).await.expect("connects");
        (running, AsyncClient(AsyncCaller::new(channel)))
    });
    report("tasks", |is_one_stalled| {
        runtime.block_on(async {
            let stalled = if is_one_stalled { Some(client.count(u64::MAX).await.expect("starts")) } else { None };
            let begun = Instant::now();
            let readers: Vec<_> = (0..streams()).map(|_| tokio::spawn(read(client.clone()))).collect();
            for reader in readers {
                reader.await.expect("goes well");
            }
            let took = begun.elapsed();
            drop(stalled);
            rate(took)
        })
    });
}

async fn read(client: AsyncClient) {
    let (mut items, mut last) = (client.count(ITEMS.into()).await.expect("starts"), None);
    while let Some(item) = items.next().await {
        last = Some(item.expect("goes well"));
    }
    assert_eq!(last, Some(u64::from(ITEMS) - 1));
}
