//! The baseline: what sockets cost without any RPC.

mod add;
mod echo;
mod stream;
pub(crate) mod tasks;

use std::net::{TcpListener, TcpStream};
use std::thread;

use anyhow::{Context as _, Result};

use crate::entrant::Entrant;
use crate::idle::Held;
use crate::work::{Kind, share};

pub(crate) const RAW: Entrant =
    Entrant { name: "raw", title: "raw, blocking", does: |_| true, serve, run, hold: Some(hold) };

fn serve(kind: Kind) -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    println!("{}", listener.local_addr()?);
    for client in listener.incoming() {
        let client = client?;
        client.set_nodelay(true)?;
        thread::spawn(move || answer(client, kind));
    }
    Ok(())
}

fn answer(client: TcpStream, kind: Kind) -> Result<()> {
    match kind {
        Kind::Add { .. } => add::answer(client),
        Kind::Users => echo::answer(client, crate::users::packed()?.len()),
        Kind::Echo { bytes } => echo::answer(client, bytes),
        Kind::Down { .. } => stream::send_counted(client),
        Kind::Up { .. } => stream::answer_sum(client),
    }
}

fn run(address: &str, kind: Kind, count: u64) -> Result<()> {
    match kind {
        Kind::Add { connections: 1, in_flight } => add::run(connect(address)?, in_flight, count),
        Kind::Add { connections, in_flight } => run_threads(address, connections, in_flight, count),
        Kind::Users => echo::run(connect(address)?, crate::users::packed()?, count),
        Kind::Echo { bytes } => echo::run(connect(address)?, vec![7; bytes], count),
        Kind::Down { .. } => stream::receive(connect(address)?, count),
        Kind::Up { .. } => stream::send(connect(address)?, count),
    }
}

/// A thread for each connection.
fn run_threads(address: &str, connections: usize, in_flight: usize, count: u64) -> Result<()> {
    thread::scope(|scope| {
        let run = || add::run(connect(address)?, in_flight, share(count, connections));
        let threads: Vec<_> = (0..connections).map(|_| scope.spawn(run)).collect();
        threads.into_iter().try_for_each(|thread| thread.join().ok().context("a thread panicked")?)
    })
}

fn hold(address: &str, connections: usize) -> Result<Held> {
    let held = (0..connections).map(|_| {
        let server = connect(address)?;
        add::run(server.try_clone()?, 1, 1)?;
        Ok(server)
    });
    Ok(Box::new(held.collect::<Result<Vec<_>>>()?))
}

fn connect(address: &str) -> Result<TcpStream> {
    let server = TcpStream::connect(address)?;
    server.set_nodelay(true)?;
    Ok(server)
}
