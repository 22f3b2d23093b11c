//! tarpc over TCP with bincode, on one thread each.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use futures::{StreamExt as _, future};
use serde_bytes::ByteBuf;
use tarpc::client::Config;
use tarpc::context::{self, Context};
use tarpc::serde_transport::tcp;
use tarpc::server::{BaseChannel, Channel as _};
use tarpc::tokio_serde::formats::Bincode;

use crate::entrant::Entrant;
use crate::runtime::{block_on, in_tasks};
use crate::stubs::bench::User;
use crate::users::users;
use crate::work::{Kind, share};

/// Calls in flight have a task each.
pub(crate) const TARPC: Entrant = Entrant {
    name: "tarpc",
    title: "tarpc",
    does: |kind| matches!(kind, Kind::Add { .. } | Kind::Users | Kind::Echo { .. }),
    serve,
    run,
    hold: None,
};

#[tarpc::service]
trait Peer {
    async fn add(a: i32, b: i32) -> i32;
    async fn echo_users(users: Vec<User>) -> Vec<User>;
    async fn echo(data: ByteBuf) -> ByteBuf;
}

#[derive(Clone)]
struct Server;

impl Peer for Server {
    async fn add(self, _: Context, a: i32, b: i32) -> i32 {
        a.wrapping_add(b)
    }

    async fn echo_users(self, _: Context, users: Vec<User>) -> Vec<User> {
        users
    }

    async fn echo(self, _: Context, data: ByteBuf) -> ByteBuf {
        data
    }
}

fn serve(_: Kind) -> Result<()> {
    block_on(async {
        let mut listener = tcp::listen("127.0.0.1:0", Bincode::default).await?;
        listener.config_mut().max_frame_length(usize::MAX);
        println!("{}", listener.local_addr());
        let mut clients = listener.filter_map(|client| future::ready(client.ok()));
        while let Some(client) = clients.next().await {
            let answers = BaseChannel::with_defaults(client).execute(Server.serve());
            tokio::spawn(answers.for_each(|answer| async {
                tokio::spawn(answer);
            }));
        }
        Ok(())
    })
}

async fn connect(address: &str) -> Result<PeerClient> {
    let mut connect = tcp::connect(address.to_owned(), Bincode::default);
    connect.config_mut().max_frame_length(usize::MAX);
    Ok(PeerClient::new(Config::default(), connect.await?).spawn())
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
            Kind::Down { .. } | Kind::Up { .. } => Ok(()),
        }
    })
}

async fn add_connected(address: String, count: u64) -> Result<()> {
    add(connect(&address).await?, count).await
}

async fn add(client: PeerClient, count: u64) -> Result<()> {
    for number in 0..i32::try_from(count)? {
        ensure!(client.add(patient(), number, 1).await? == number + 1, "a wrong sum");
    }
    Ok(())
}

async fn echo_users(client: &PeerClient, count: u64) -> Result<()> {
    let users = users();
    for _ in 0..count {
        ensure!(client.echo_users(patient(), users.clone()).await?.len() == users.len(), "a wrong echo");
    }
    Ok(())
}

async fn echo(client: &PeerClient, bytes: usize, count: u64) -> Result<()> {
    let data = ByteBuf::from(vec![7; bytes]);
    for _ in 0..count {
        let echo = client.echo(patient(), data.clone()).await?;
        ensure!(echo.len() == bytes && echo.last() == data.last(), "a wrong echo");
    }
    Ok(())
}

/// The default of ten seconds may be too short on a busy machine.
fn patient() -> Context {
    let mut context = context::current();
    context.deadline = Instant::now() + Duration::from_secs(300);
    context
}
