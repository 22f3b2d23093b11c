//! A server under many clients at once: one channel of many threads, and many connections.

use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::{Result, ensure};
use calculator_stubs::{CalculatorClient, CalculatorServer};
use quickstart::Memory;
use rpcgen_runtime::{Channel, Router, ThreadServer};

/// No test waits longer than this for anything.
const PATIENCE: Duration = Duration::from_secs(60);

/// Calls that all threads together make; `RPCGEN_CALLS` makes it more.
fn calls() -> i32 {
    std::env::var("RPCGEN_CALLS").ok().and_then(|calls| calls.parse().ok()).unwrap_or(64_000)
}

fn router() -> Router {
    Router::new().add(CalculatorServer::new(Memory::default()))
}

#[test]
fn sixty_four_threads_share_a_channel_and_every_answer_is_right() -> Result<()> {
    let server = ThreadServer::bind("tcp://127.0.0.1:0")?.start(router())?;
    let calculator = CalculatorClient::new(Channel::connect(&server.endpoint().to_string())?);
    let wrong = AtomicU32::new(0);
    thread::scope(|scope| {
        for thread in 0..64 {
            let (calculator, wrong) = (&calculator, &wrong);
            scope.spawn(move || {
                for n in 0..calls() / 64 {
                    let sum = if n % 2 == 0 { calculator.add(thread, n) } else { calculator.divide(thread + n, 1) };
                    wrong.fetch_add(u32::from(sum != Ok(thread + n)), Ordering::Relaxed);
                }
            });
        }
    });
    ensure!(wrong.into_inner() == 0);
    ensure!(server.shutdown(PATIENCE).connections == 1);
    Ok(())
}

#[test]
fn a_thousand_connections_are_served_at_once() -> Result<()> {
    let server = ThreadServer::bind("tcp://127.0.0.1:0")?.start(router())?;
    let url = server.endpoint().to_string();
    let clients = (0..1000).map(|_| Ok(CalculatorClient::new(Channel::connect(&url)?))).collect::<Result<Vec<_>>>()?;
    for round in 0..3 {
        let calls =
            clients.iter().zip(0..).map(|(client, n)| client.start_add(n, round)).collect::<Result<Vec<_>, _>>()?;
        for (call, n) in calls.into_iter().zip(0..) {
            ensure!(call.wait()? == n + round);
        }
    }
    let report = server.shutdown(PATIENCE);
    ensure!((report.connections, report.cut) == (1000, 0), "{report:?}");
    Ok(())
}
