//! How a channel comes to a connection, the first time and every time after.

use std::io;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpStream, lookup_host};
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use super::connection::Connection;
use super::patience::runtime;
use crate::net::calls::{ChannelOptions, IN_PROCESS, Target, cannot_connect, nobody_answers, round, serve_in_process};
use crate::net::endpoint::Endpoint;
use crate::net::socket::{Socket, no_address};
use crate::net::tokio::stream::Stream;
use crate::service::Router;
use crate::status::Status;

/// Tries each address once, beginning with the one of this index and going round. Gives the index of the first that
/// answers as well.
pub(super) async fn connect(
    target: &Target,
    first: usize,
    options: &ChannelOptions,
) -> Result<(usize, Arc<Connection>), Status> {
    match target {
        Target::Endpoints(endpoints) => connect_any(endpoints, first, options).await,
        Target::InProcess(router) => Ok((0, in_process(router, options)?)),
    }
}

/// A connection to services in this process, which a thread serves.
pub(super) fn in_process(router: &Router, options: &ChannelOptions) -> Result<Arc<Connection>, Status> {
    let _runtime = runtime()?.enter();
    let (ours, theirs) = pair().map_err(|error| Status::from(error).did_not_run())?;
    serve_in_process(theirs, router.clone(), options.limits.clone())?;
    Connection::open(ours, IN_PROCESS.to_owned(), options)
}

fn pair() -> io::Result<(Stream, Socket)> {
    let (ours, theirs) = UnixStream::pair()?;
    Ok((Stream::watch(Socket::Unix(ours))?, Socket::Unix(theirs)))
}

async fn connect_any(
    endpoints: &[Endpoint],
    first: usize,
    options: &ChannelOptions,
) -> Result<(usize, Arc<Connection>), Status> {
    let mut failures = Vec::new();
    for (index, endpoint) in round(endpoints, first) {
        match connect_to(endpoint, options).await {
            Ok(connection) => return Ok((index, connection)),
            Err(status) => failures.push(status),
        }
    }
    Err(nobody_answers(&failures))
}

async fn connect_to(endpoint: &Endpoint, options: &ChannelOptions) -> Result<Arc<Connection>, Status> {
    let socket = match endpoint {
        Endpoint::Tcp(address) => tcp(address, options.connect_timeout).await,
        Endpoint::Unix { .. } | Endpoint::Abstract(_) => unix(endpoint, options.connect_timeout).await,
    };
    let socket = socket.map_err(|error| cannot_connect(endpoint, &error))?;
    Connection::open(socket, endpoint.to_string(), options)
}

/// The first address of a name that answers, or why the last one did not.
async fn tcp(address: &str, patience: Duration) -> io::Result<Stream> {
    let mut failure = no_address();
    for address in lookup_host(address).await? {
        match timeout(patience, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => return Stream::tcp(stream),
            Ok(Err(error)) => failure = error,
            Err(_) => failure = io::Error::new(io::ErrorKind::TimedOut, "connection timed out"),
        }
    }
    Err(failure)
}

/// A server that has no room for a further connection can only be waited for by a thread.
async fn unix(endpoint: &Endpoint, patience: Duration) -> io::Result<Stream> {
    let endpoint = endpoint.clone();
    Stream::watch(spawn_blocking(move || Socket::connect(&endpoint, patience)).await??)
}
