//! capnp-rpc over TCP, on one thread each.

#[rustfmt::skip]
#[allow(dead_code, clippy::all)]
// Made from `idl/bench.capnp`, and kept here so that no `capnp` need be installed: benches/README.md says how.
mod bench_capnp;
mod records;
mod server;

use anyhow::{Result, ensure};
use capnp::message::ReaderOptions;
use capnp_rpc::RpcSystem;
use capnp_rpc::rpc_twoparty_capnp::Side;
use capnp_rpc::twoparty::VatNetwork;
use tokio::io::{BufReader, BufWriter};
use tokio::net::TcpStream;
use tokio::net::tcp::OwnedReadHalf;
use tokio::task;
use tokio_util::compat::{Compat, TokioAsyncReadCompatExt as _, TokioAsyncWriteCompatExt as _};

use self::bench_capnp::bench::Client;
use crate::entrant::Entrant;
use crate::runtime::{block_on_local, in_local_tasks};
use crate::users::users;
use crate::work::{Kind, share};

/// Calls in flight have a task each.
pub(crate) const CAPNP: Entrant = Entrant {
    name: "capnp",
    title: "capnp-rpc",
    does: |kind| matches!(kind, Kind::Add { .. } | Kind::Users | Kind::Echo { .. }),
    serve: server::serve,
    run,
    hold: None,
};

/// As much as raw sockets have. 100 records are longer than the 8 KiB that a buffer has by default, and what is longer is written
/// apart from the head of its message: that takes half as long again.
const BUFFER: usize = 65_536;

/// One side of a connection.
fn network(stream: TcpStream, side: Side) -> Result<Box<VatNetwork<Compat<BufReader<OwnedReadHalf>>>>> {
    stream.set_nodelay(true)?;
    let (input, output) = stream.into_split();
    let input = BufReader::with_capacity(BUFFER, input).compat();
    let output = BufWriter::with_capacity(BUFFER, output).compat_write();
    // A limit of 64 MiB is the default.
    let options = *ReaderOptions::new().traversal_limit_in_words(None);
    Ok(Box::new(VatNetwork::new(input, output, side, options)))
}

async fn connect(address: &str) -> Result<Client> {
    let network = network(TcpStream::connect(address).await?, Side::Client)?;
    let mut system = RpcSystem::new(network, None);
    let client = system.bootstrap(Side::Server);
    task::spawn_local(system);
    Ok(client)
}

fn run(address: &str, kind: Kind, count: u64) -> Result<()> {
    block_on_local(async {
        match kind {
            Kind::Add { connections: 1, in_flight } => {
                let client = connect(address).await?;
                in_local_tasks(in_flight, || add(client.clone(), share(count, in_flight))).await
            }
            Kind::Add { connections, .. } => {
                in_local_tasks(connections, || add_connected(address.to_owned(), share(count, connections))).await
            }
            Kind::Users => echo_users(&connect(address).await?, count).await,
            Kind::Echo { bytes } => echo(&connect(address).await?, bytes, count).await,
            Kind::Down { .. } | Kind::Up { .. } => Ok(()),
        }
    })
}

async fn add_connected(address: String, count: u64) -> Result<()> {
    add(connect(&address).await?, count).await
}

async fn add(client: Client, count: u64) -> Result<()> {
    for number in 0..i32::try_from(count)? {
        let mut request = client.add_request();
        request.get().set_a(number);
        request.get().set_b(1);
        let reply = request.send().promise.await?;
        ensure!(reply.get()?.get_sum() == number + 1, "a wrong sum");
    }
    Ok(())
}

/// The client begins and ends with the interface's own records, as those of all others do.
async fn echo_users(client: &Client, count: u64) -> Result<()> {
    let users = users();
    for _ in 0..count {
        let mut request = client.echo_users_request();
        records::write(&users, request.get().init_users(u32::try_from(users.len())?))?;
        let reply = request.send().promise.await?;
        ensure!(records::read(reply.get()?.get_users()?)?.len() == users.len(), "a wrong echo");
    }
    Ok(())
}

/// Bytes are read where they have arrived.
async fn echo(client: &Client, bytes: usize, count: u64) -> Result<()> {
    let data = vec![7; bytes];
    for _ in 0..count {
        let mut request = client.echo_request();
        request.get().set_data(&data);
        let reply = request.send().promise.await?;
        let echo = reply.get()?.get_data()?;
        ensure!(echo.len() == bytes && echo.last() == data.last(), "a wrong echo");
    }
    Ok(())
}
