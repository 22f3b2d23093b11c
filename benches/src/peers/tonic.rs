//! tonic, which is gRPC, with messages of prost, on one thread each. Its stubs are made in `build.rs`.

use anyhow::{Result, ensure};
use prost::bytes::Bytes;
use tonic::transport::server::TcpIncoming;
use tonic::transport::{Channel, Endpoint, Server};
use tonic::{Request, Response, Status};

use self::stubs::bench_client::BenchClient;
use self::stubs::bench_server::{Bench, BenchServer};
use crate::entrant::Entrant;
use crate::proto::Users;
use crate::runtime::{block_on, in_tasks};
use crate::users::users;
use crate::work::{Kind, share};

mod stubs {
    tonic::include_proto!("bench.Bench");
}

/// Calls in flight have a task each.
pub(crate) const TONIC: Entrant = Entrant {
    name: "tonic",
    title: "tonic",
    does: |kind| matches!(kind, Kind::Add { .. } | Kind::Users | Kind::Echo { .. }),
    serve,
    run,
    hold: None,
};

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Numbers {
    #[prost(int32, tag = "1")]
    a: i32,
    #[prost(int32, tag = "2")]
    b: i32,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Sum {
    #[prost(int32, tag = "1")]
    sum: i32,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Data {
    /// Not a `Vec`: what has arrived is then not copied once more.
    #[prost(bytes = "bytes", tag = "1")]
    data: Bytes,
}

struct Handlers;

#[tonic::async_trait]
impl Bench for Handlers {
    async fn add(&self, numbers: Request<Numbers>) -> Result<Response<Sum>, Status> {
        let Numbers { a, b } = numbers.into_inner();
        Ok(Response::new(Sum { sum: a.wrapping_add(b) }))
    }

    async fn echo_users(&self, users: Request<Users>) -> Result<Response<Users>, Status> {
        Ok(Response::new(users.into_inner()))
    }

    async fn echo(&self, data: Request<Data>) -> Result<Response<Data>, Status> {
        Ok(Response::new(data.into_inner()))
    }
}

fn serve(_: Kind) -> Result<()> {
    block_on(async {
        let clients = TcpIncoming::bind("127.0.0.1:0".parse()?)?.with_nodelay(Some(true));
        println!("{}", clients.local_addr()?);
        let service =
            BenchServer::new(Handlers).max_decoding_message_size(usize::MAX).max_encoding_message_size(usize::MAX);
        Ok(Server::builder().add_service(service).serve_with_incoming(clients).await?)
    })
}

async fn connect(address: &str) -> Result<BenchClient<Channel>> {
    let server = Endpoint::from_shared(format!("http://{address}"))?.tcp_nodelay(true);
    let client = BenchClient::new(server.connect().await?);
    Ok(client.max_decoding_message_size(usize::MAX).max_encoding_message_size(usize::MAX))
}

fn run(address: &str, kind: Kind, count: u64) -> Result<()> {
    block_on(async {
        match kind {
            Kind::Add { connections: 1, in_flight } => {
                let client = connect(address).await?;
                in_tasks(in_flight, || add(client.clone(), share(count, in_flight))).await
            }
            Kind::Add { connections, .. } => {
                in_tasks(connections, || add_connected(address.to_owned(), share(count, connections))).await
            }
            Kind::Users => echo_users(connect(address).await?, count).await,
            Kind::Echo { bytes } => echo(connect(address).await?, bytes, count).await,
            Kind::Down { .. } | Kind::Up { .. } => Ok(()),
        }
    })
}

async fn add_connected(address: String, count: u64) -> Result<()> {
    add(connect(&address).await?, count).await
}

async fn add(mut client: BenchClient<Channel>, count: u64) -> Result<()> {
    for number in 0..i32::try_from(count)? {
        let sum = client.add(Numbers { a: number, b: 1 }).await?.into_inner().sum;
        ensure!(sum == number + 1, "a wrong sum");
    }
    Ok(())
}

/// Of the messages as prost has them, which are what a program with tonic works on: nothing is made of them.
async fn echo_users(mut client: BenchClient<Channel>, count: u64) -> Result<()> {
    let users = Users::from(&users()[..]);
    for _ in 0..count {
        let echo = client.echo_users(users.clone()).await?.into_inner();
        ensure!(echo.users.len() == users.users.len(), "a wrong echo");
    }
    Ok(())
}

async fn echo(mut client: BenchClient<Channel>, bytes: usize, count: u64) -> Result<()> {
    let data = Bytes::from(vec![7; bytes]);
    for _ in 0..count {
        let echo = client.echo(Data { data: data.clone() }).await?.into_inner().data;
        ensure!(echo.len() == bytes && echo.last() == data.last(), "a wrong echo");
    }
    Ok(())
}
