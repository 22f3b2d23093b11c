//! `kv-server [--threads | --processes N] ADDR`

use std::time::Duration;

use clap::Parser;
use kv::MemoryStore;
use kv::stubs::StoreServer;
use rpcgen_runtime::{ProcessServer, Router, ThreadServer};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

/// How long workers may take to start.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long calls that run may take when the server is to end.
const DRAIN: Duration = Duration::from_secs(10);

/// Serves a key-value store.
///
/// It ends in order at SIGTERM and SIGINT, and says what became of its connections and calls. With `--processes` SIGHUP replaces
/// the workers one by one, and every worker has a store of its own: a client sees the one of the worker that it is connected to.
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
    let mut signals = Signals::new([SIGTERM, SIGINT])?;
    let running = ThreadServer::bind(address)?.start(router)?;
    println!("listening on {}", running.endpoint());
    signals.forever().next();
    // A second signal ends the process at once.
    std::thread::spawn(move || signals.forever().next().map(signal_hook::low_level::emulate_default_handler));
    println!("{}", running.shutdown(DRAIN));
    Ok(())
}

fn processes(address: &str, count: usize, router: Router) -> anyhow::Result<()> {
    let server = ProcessServer::bind(address)?.workers(count).drain(DRAIN);
    let Some(running) = server.start(router)? else { return Ok(()) };
    anyhow::ensure!(running.wait_ready(PATIENCE), "the workers do not start");
    println!("listening on {}", running.endpoint()?);
    println!("workers {:?}", running.worker_ids());
    println!("{}", running.wait());
    Ok(())
}
