//! How a channel comes to a connection, the first time and every time after.

use std::sync::Arc;

use super::connection::Connection;
use crate::net::calls::{ChannelOptions, IN_PROCESS, Target, cannot_connect, nobody_answers, round, serve_in_process};
use crate::net::endpoint::Endpoint;
use crate::net::memory::Pipe;
use crate::net::socket::Socket;
use crate::status::Status;

/// Tries each address once, beginning with the one of this index and going round. Gives the index of the first that
/// answers as well.
pub(super) fn connect(
    target: &Target,
    first: usize,
    options: &ChannelOptions,
) -> Result<(usize, Arc<Connection>), Status> {
    match target {
        Target::Endpoints(endpoints) => connect_any(endpoints, first, options),
        Target::InProcess(router) => {
            let (ours, theirs) = Pipe::pair();
            serve_in_process(Socket::Memory(theirs), router.clone(), options.limits.clone())?;
            Ok((0, Connection::open(Socket::Memory(ours), IN_PROCESS.to_owned(), options)?))
        }
    }
}

fn connect_any(
    endpoints: &[Endpoint],
    first: usize,
    options: &ChannelOptions,
) -> Result<(usize, Arc<Connection>), Status> {
    let mut failures = Vec::new();
    for (index, endpoint) in round(endpoints, first) {
        match connect_to(endpoint, options) {
            Ok(connection) => return Ok((index, connection)),
            Err(status) => failures.push(status),
        }
    }
    Err(nobody_answers(&failures))
}

fn connect_to(endpoint: &Endpoint, options: &ChannelOptions) -> Result<Arc<Connection>, Status> {
    let socket =
        Socket::connect(endpoint, options.connect_timeout).map_err(|error| cannot_connect(endpoint, &error))?;
    Connection::open(socket, endpoint.to_string(), options)
}
