//! The server.

use std::rc::Rc;

use anyhow::Result;
use capnp::Error;
use capnp_rpc::rpc_twoparty_capnp::Side;
use capnp_rpc::{RpcSystem, new_client};
use tokio::net::TcpListener;
use tokio::task;

use super::bench_capnp::bench;
use super::network;
use crate::runtime::block_on_local;
use crate::work::Kind;

struct Server;

impl bench::Server for Server {
    async fn add(self: Rc<Self>, params: bench::AddParams, mut results: bench::AddResults) -> Result<(), Error> {
        let params = params.get()?;
        results.get().set_sum(params.get_a().wrapping_add(params.get_b()));
        Ok(())
    }

    /// From one message into the other: what is only handed on is never made a `struct`, as Cap'n Proto means it to be.
    async fn echo_users(
        self: Rc<Self>,
        params: bench::EchoUsersParams,
        mut results: bench::EchoUsersResults,
    ) -> Result<(), Error> {
        results.get().set_users(params.get()?.get_users()?)
    }

    async fn echo(self: Rc<Self>, params: bench::EchoParams, mut results: bench::EchoResults) -> Result<(), Error> {
        results.get().set_data(params.get()?.get_data()?);
        Ok(())
    }
}

pub(super) fn serve(_: Kind) -> Result<()> {
    block_on_local(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        println!("{}", listener.local_addr()?);
        let server: bench::Client = new_client(Server);
        loop {
            let network = network(listener.accept().await?.0, Side::Server)?;
            task::spawn_local(RpcSystem::new(network, Some(server.clone().client)));
        }
    })
}
