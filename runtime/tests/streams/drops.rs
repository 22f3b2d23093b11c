//! Futures and streams of tasks, dropped at every step: no call, no credit and no task is left.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::atomic::Ordering;
use std::task::Poll;
use std::time::{Duration, Instant};

use rpcgen_runtime::stub::AsyncCaller;
use rpcgen_runtime::{AsyncChannel, Code, Router, Status, TokioServer};
use tokio::runtime::Builder;

use super::PATIENCE;
use super::tasks::{AsyncClient, Tasks};

/// Polls a future so often, lets all others run after each time, and drops it then; what it gave, if it was over before.
async fn polled<T>(times: usize, future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    for _ in 0..times {
        let step = poll_fn(|context| Poll::Ready(future.as_mut().poll(context))).await;
        if let Poll::Ready(value) = step {
            return Some(value);
        }
        tokio::task::yield_now().await;
    }
    None
}

/// Uses each kind of stream; whether all went as it should.
async fn work(client: &AsyncClient) -> Result<(), Status> {
    client.ping().await?;
    let mut numbers = client.count(100).await?;
    while let Some(number) = numbers.next().await {
        number?;
    }
    let mut sum = client.sum().await?;
    sum.send(&1).await?;
    sum.send_all(0..10).await?;
    assert_eq!(sum.finish().await?, 46);
    let (sender, mut texts) = client.echo().await?;
    for text in ["a", "b"] {
        sender.send(text).await?;
        assert_eq!(texts.next().await.transpose()?.as_deref(), Some(text));
    }
    sender.finish();
    assert!(texts.next().await.is_none());
    Ok(())
}

async fn eventually(is_true: impl Fn() -> bool) {
    let until = Instant::now() + PATIENCE;
    while !is_true() {
        assert!(Instant::now() < until, "it does not come true");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

#[test]
fn what_is_dropped_at_any_step_leaves_nothing_behind() {
    Builder::new_current_thread().enable_all().build().expect("starts").block_on(async {
        let tasks = Tasks::default();
        let server = TokioServer::bind("tcp://127.0.0.1:0").expect("binds");
        let running = server.start(Router::new().add_async(tasks.clone())).expect("starts");
        let channel = AsyncChannel::connect(&running.endpoint().to_string()).await.expect("connects");
        let client = AsyncClient(AsyncCaller::new(channel));
        let mut times = 0;
        while polled(times, work(&client)).await.transpose().expect("goes well").is_none() {
            times += 1;
            assert!(times < 10_000, "it comes to an end");
        }
        assert!(times > 10, "there are many steps: {times}");
        eventually(|| tasks.running.load(Ordering::SeqCst) == 0).await;
        work(&client).await.expect("goes well");
        drop(client);
        let report = running.shutdown(PATIENCE).await;
        assert_eq!((report.cut, report.connections), (0, 1), "{report:?}");
    });
}

/// R37: who takes nothing holds up its own stream only.
#[test]
fn a_task_that_takes_nothing_holds_up_no_other_call() {
    Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("starts").block_on(async {
        let server = TokioServer::bind("tcp://127.0.0.1:0").expect("binds");
        let running = server.start(Router::new().add_async(Tasks::default())).expect("starts");
        let channel = AsyncChannel::connect(&running.endpoint().to_string()).await.expect("connects");
        let client = AsyncClient(AsyncCaller::new(channel));
        let mut stalled = client.count(1_000_000).await.expect("starts");
        let (sender, _unread) = client.echo().await.expect("starts");
        let text = "x".repeat(1000);
        let flooded = tokio::time::timeout(Duration::from_millis(200), async {
            loop {
                sender.send(&text).await.expect("is sent");
            }
        });
        assert!(flooded.await.is_err(), "nobody takes what comes back");
        for _ in 0..100 {
            client.ping().await.expect("goes well");
        }
        let mut last = None;
        while let Some(number) = stalled.next().await {
            last = Some(number.expect("goes well"));
        }
        assert_eq!(last, Some(999_999));
    });
}

#[test]
fn times_end_streams_of_tasks() {
    Builder::new_current_thread().enable_all().build().expect("starts").block_on(async {
        let tasks = Tasks::default();
        let server = TokioServer::bind("tcp://127.0.0.1:0").expect("binds");
        let running = server.start(Router::new().add_async(tasks.clone())).expect("starts");
        let channel = AsyncChannel::connect(&running.endpoint().to_string()).await.expect("connects");
        let caller = AsyncCaller::new(channel);
        let (_sender, texts) = AsyncClient(caller.clone()).echo().await.expect("starts");
        let mut texts = texts.with_item_timeout(Duration::from_millis(20));
        let failure = texts.next().await.expect("a failure").expect_err("no item comes");
        assert_eq!((failure.code(), failure.message()), (Code::DeadlineExceeded, "no item came for 20ms"));
        let (_sender, mut texts) =
            AsyncClient(caller.with_timeout(Duration::from_millis(20))).echo().await.expect("starts");
        let failure = texts.next().await.expect("a failure").expect_err("the time is over");
        assert_eq!(failure.code(), Code::DeadlineExceeded);
        eventually(|| tasks.running.load(Ordering::SeqCst) == 0).await;
    });
}
