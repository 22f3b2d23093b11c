//! A `Channel` and a `ThreadServer`.

use std::collections::VecDeque;
use std::thread;

use anyhow::{Context as _, Result, ensure};
use rpcgen_runtime::{Channel, PendingCall, Router, ServerOptions, Status, ThreadServer};

use super::service::Server;
use super::{channel_options, server_options};
use crate::entrant::Entrant;
use crate::idle::Held;
use crate::stubs::bench::{BenchClient, BenchServer};
use crate::users::users;
use crate::work::{Kind, share, sum_below};

/// Calls in flight are pipelined by one thread.
pub(crate) const OURS: Entrant =
    Entrant { name: "ours", title: "ours, blocking", does: |_| true, serve, run, hold: Some(hold) };

/// Calls in flight have a thread each.
pub(crate) const THREADS: Entrant = Entrant {
    name: "ours-threads",
    title: "ours, blocking, a thread a call",
    does: |kind| matches!(kind, Kind::Add { connections: 1, in_flight: 2.. }),
    serve,
    run: run_threads,
    hold: None,
};

fn serve(_: Kind) -> Result<()> {
    serve_with(server_options())
}

pub(super) fn serve_with(options: ServerOptions) -> Result<()> {
    serve_router(options, Router::new().add(BenchServer::new(Server)))
}

pub(super) fn serve_router(options: ServerOptions, router: Router) -> Result<()> {
    let running = ThreadServer::bind("tcp://127.0.0.1:0")?.options(options).start(router)?;
    println!("{}", running.endpoint());
    Ok(running.wait()?)
}

fn connect(address: &str) -> Result<BenchClient> {
    Ok(BenchClient::new(Channel::connect_with(address, channel_options())?))
}

fn run(address: &str, kind: Kind, count: u64) -> Result<()> {
    let client = connect(address)?;
    match kind {
        Kind::Add { connections: 1, in_flight: 1 } => add(&client, count),
        Kind::Add { connections: 1, in_flight } => add_pipelined(&client, in_flight, count),
        Kind::Add { connections, .. } => in_threads(connections, || add(&connect(address)?, share(count, connections))),
        Kind::Users => echo_users(&client, count),
        Kind::Echo { bytes } => echo(&client, bytes, count),
        Kind::Down { singly } => receive(&client, singly, count),
        Kind::Up { singly } => send(&client, singly, count),
    }
}

fn run_threads(address: &str, kind: Kind, count: u64) -> Result<()> {
    let client = connect(address)?;
    let Kind::Add { in_flight, .. } = kind else { return Ok(()) };
    in_threads(in_flight, || add(&client, share(count, in_flight)))
}

pub(super) fn hold(address: &str, connections: usize) -> Result<Held> {
    let held = (0..connections).map(|_| {
        let client = connect(address)?;
        add(&client, 1)?;
        Ok(client)
    });
    Ok(Box::new(held.collect::<Result<Vec<_>>>()?))
}

fn in_threads(threads: usize, work: impl Fn() -> Result<()> + Sync) -> Result<()> {
    thread::scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(&work)).collect();
        threads.into_iter().try_for_each(|thread| thread.join().ok().context("a thread panicked")?)
    })
}

/// One call after the other.
pub(super) fn add(client: &BenchClient, count: u64) -> Result<()> {
    for number in 0..i32::try_from(count)? {
        ensure!(client.add(number, 1)? == number + 1, "a wrong sum");
    }
    Ok(())
}

/// Always so many calls in flight: a new one is started when the oldest has come back.
fn add_pipelined(client: &BenchClient, in_flight: usize, count: u64) -> Result<()> {
    let (mut calls, mut sums) = (VecDeque::<PendingCall<i32, Status>>::with_capacity(in_flight), 1..);
    for number in 0..i32::try_from(count)? {
        if calls.len() == in_flight
            && let Some(call) = calls.pop_front()
        {
            ensure!(Some(call.wait()?) == sums.next(), "a wrong sum");
        }
        calls.push_back(client.start_add(number, 1)?);
    }
    for call in calls {
        ensure!(Some(call.wait()?) == sums.next(), "a wrong sum");
    }
    Ok(())
}

fn echo_users(client: &BenchClient, count: u64) -> Result<()> {
    let users = users();
    for _ in 0..count {
        ensure!(client.echo_users(&users)?.len() == users.len(), "a wrong echo");
    }
    Ok(())
}

fn echo(client: &BenchClient, bytes: usize, count: u64) -> Result<()> {
    let data = vec![7; bytes];
    for _ in 0..count {
        let echo = client.echo(&data)?;
        ensure!(echo.len() == bytes && echo.last() == data.last(), "a wrong echo");
    }
    Ok(())
}

fn receive(client: &BenchClient, singly: bool, count: u64) -> Result<()> {
    let mut items = if singly { client.count_singly(count)? } else { client.count(count)? };
    let sum = items.try_fold(0_u64, |sum, item| item.map(|item| sum.wrapping_add(item)))?;
    ensure!(sum == sum_below(count), "a wrong sum");
    Ok(())
}

fn send(client: &BenchClient, singly: bool, count: u64) -> Result<()> {
    let mut items = client.sum()?;
    if singly {
        (0..count).try_for_each(|number| items.send(&number))?;
    } else {
        items.send_all(0..count)?;
    }
    ensure!(items.finish()? == sum_below(count), "a wrong sum");
    Ok(())
}
