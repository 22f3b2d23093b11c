//! An `AsyncChannel` and a `TokioServer`, each on a runtime of one thread.

use anyhow::{Result, ensure};
use rpcgen_runtime::{AsyncChannel, Router, TokioServer};

use super::service::Server;
use super::{channel_options, server_options};
use crate::entrant::Entrant;
use crate::runtime::{block_on, in_tasks};
use crate::stubs::bench::{AsyncBenchClient, AsyncBenchServer};
use crate::users::users;
use crate::work::{Kind, share, sum_below};

/// Calls in flight have a task each.
pub(crate) const TASKS: Entrant =
    Entrant { name: "ours-tokio", title: "ours, tokio", does: |_| true, serve, run, hold: Some(super::blocking::hold) };

fn serve(_: Kind) -> Result<()> {
    block_on(async {
        let server = TokioServer::bind("tcp://127.0.0.1:0")?.options(server_options());
        let running = server.start(Router::new().add_async(AsyncBenchServer::new(Server)))?;
        println!("{}", running.endpoint());
        Ok(running.wait().await?)
    })
}

async fn connect(address: &str) -> Result<AsyncBenchClient> {
    Ok(AsyncBenchClient::new(AsyncChannel::connect_with(address, channel_options()).await?))
}

fn run(address: &str, kind: Kind, count: u64) -> Result<()> {
    block_on(async {
        let client = connect(address).await?;
        match kind {
            Kind::Add { connections: 1, in_flight } => {
                in_tasks(in_flight, || add(client.clone(), share(count, in_flight))).await
            }
            Kind::Add { connections, .. } => {
                in_tasks(connections, || add_connected(address.to_owned(), share(count, connections))).await
            }
            Kind::Users => echo_users(&client, count).await,
            Kind::Echo { bytes } => echo(&client, bytes, count).await,
            Kind::Down { singly } => receive(&client, singly, count).await,
            Kind::Up { singly } => send(&client, singly, count).await,
        }
    })
}

async fn add_connected(address: String, count: u64) -> Result<()> {
    add(connect(&address).await?, count).await
}

async fn add(client: AsyncBenchClient, count: u64) -> Result<()> {
    for number in 0..i32::try_from(count)? {
        ensure!(client.add(number, 1).await? == number + 1, "a wrong sum");
    }
    Ok(())
}

async fn echo_users(client: &AsyncBenchClient, count: u64) -> Result<()> {
    let users = users();
    for _ in 0..count {
        ensure!(client.echo_users(&users).await?.len() == users.len(), "a wrong echo");
    }
    Ok(())
}

async fn echo(client: &AsyncBenchClient, bytes: usize, count: u64) -> Result<()> {
    let data = vec![7; bytes];
    for _ in 0..count {
        let echo = client.echo(&data).await?;
        ensure!(echo.len() == bytes && echo.last() == data.last(), "a wrong echo");
    }
    Ok(())
}

async fn receive(client: &AsyncBenchClient, singly: bool, count: u64) -> Result<()> {
    let mut items = if singly { client.count_singly(count).await? } else { client.count(count).await? };
    let mut sum = 0_u64;
    while let Some(item) = items.next().await {
        sum = sum.wrapping_add(item?);
    }
    ensure!(sum == sum_below(count), "a wrong sum");
    Ok(())
}

async fn send(client: &AsyncBenchClient, singly: bool, count: u64) -> Result<()> {
    let mut items = client.sum().await?;
    if singly {
        for number in 0..count {
            items.send(&number).await?;
        }
    } else {
        items.send_all(0..count).await?;
    }
    ensure!(items.finish().await? == sum_below(count), "a wrong sum");
    Ok(())
}
