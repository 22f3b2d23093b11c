//! Futures of calls that are dropped before they are over: the call is cancelled, and nothing of it is kept.

use std::pin::pin;
use std::task::{Context, Waker};

use proptest::prelude::*;
use rpcgen_runtime::{AsyncChannel, ChannelOptions, Limits, Router, ServerOptions, ThreadServer};
use tokio::runtime::Runtime;

use crate::stub::{Client, PATIENCE, runtimes};
use crate::support::Sums;

/// What is done with a call before its future is dropped.
#[derive(Debug, Clone)]
struct Dropped {
    /// Bytes that are sent, and come back.
    size: usize,
    /// How often its future is polled.
    polls: usize,
    /// Whether other tasks run after each poll, so that answers come meanwhile.
    is_slow: bool,
}

fn dropped() -> impl Strategy<Value = Dropped> {
    // From a call that leaves at once to one that leaves in many parts, and waits for room.
    let sizes = prop_oneof![0..100_usize, 30_000..40_000_usize, Just(2 << 20)];
    (sizes, 0..6_usize, any::<bool>()).prop_map(|(size, polls, is_slow)| Dropped { size, polls, is_slow })
}

/// Polls a call so often at most, and drops it.
async fn poll_and_drop(client: &Client, Dropped { size, polls, is_slow }: Dropped) {
    let bytes = vec![7; size];
    let mut call = pin!(client.echo(&bytes));
    for _ in 0..polls {
        if call.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready() {
            return;
        }
        if is_slow {
            tokio::task::yield_now().await;
        }
    }
}

/// A server that has few calls open at once: what is kept of a call keeps another one out.
fn few_calls() -> (ThreadServer, ServerOptions) {
    let limits = Limits { open_calls: 64, ..Limits::default() };
    let options = ServerOptions { limits, ..ServerOptions::default() };
    (ThreadServer::bind("tcp://127.0.0.1:0").expect("binds").options(options.clone()), options)
}

fn check(runtime: &Runtime, calls: Vec<Dropped>) -> Result<(), TestCaseError> {
    let server = few_calls().0.start(Router::new().add(Sums::default())).expect("starts");
    let url = server.endpoint().to_string();
    runtime.block_on(async {
        let options = ChannelOptions { attempts: 1, ..ChannelOptions::default() };
        let client = Client::new(&AsyncChannel::connect_with(&url, options).await.expect("connects"));
        for call in calls.into_iter().cycle().take(100) {
            poll_and_drop(&client, call).await;
        }
        let sum = tokio::time::timeout(PATIENCE, client.add(1, 2)).await;
        prop_assert_eq!(sum.expect("it is not held up"), Ok(3));
        Ok(())
    })?;
    let report = server.shutdown(PATIENCE);
    prop_assert_eq!((report.connections, report.cut), (1, 0), "all calls went over one connection");
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// R24, R31: with CANCEL; the connection goes on, and its places are free again.
    #[test]
    fn a_call_that_is_dropped_after_any_poll_is_cancelled_and_nothing_of_it_is_kept(
        calls in prop::collection::vec(dropped(), 1..8),
    ) {
        for runtime in runtimes() {
            check(&runtime, calls.clone())?;
        }
    }
}
