//! `kv-server [--threads | --processes N] ADDR`

use std::time::Duration;

use clap::Parser;
use kv::MemoryStore;
use kv::stubs::StoreServer;
use rpcgen_runtime::{ProcessServer, Router, ThreadServer};

/// How long workers may take to start.
const PATIENCE: Duration = Duration::from_secs(30);

/// Serves a key-value store.
///
/// With `--processes` every worker has a store of its own: a client sees the one of the worker that it is connected to.
#[derive(Debug, Parser)]
struct Arguments {
    /// One process, with a thread for each connection; this is the default.
    #[arg(long, conflicts_with = "processes")]
    threads: bool,

    /// So many worker processes, which share the connections.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    processes: Option<u16>,

    /// Where to listen, such as `tcp://127.0.0.1:7000`; with port 0 the system chooses one.
    address: String,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let router = Router::new().add(StoreServer::new(MemoryStore::default()));
    match arguments.processes {
        None => threads(&arguments.address, router),
        Some(count) => processes(&arguments.address, count.into(), router),
    }
}

fn threads(address: &str, router: Router) -> anyhow::Result<()> {
    let running = ThreadServer::bind(address)?.start(router)?;
    println!("listening on {}", running.endpoint());
    Ok(running.wait()?)
}

fn processes(address: &str, count: usize, router: Router) -> anyhow::Result<()> {
    let server = ProcessServer::bind(address)?.workers(count);
    let Some(running) = server.start(router)? else { return Ok(()) };
    anyhow::ensure!(running.wait_ready(PATIENCE), "the workers do not start");
    println!("listening on {}", running.endpoint()?);
    println!("workers {:?}", running.worker_ids());
    running.wait();
    Ok(())
}
