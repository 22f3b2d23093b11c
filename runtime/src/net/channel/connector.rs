//! How a channel comes to a connection, the first time and every time after.

use std::fmt;
use std::sync::Arc;

use super::connection::Connection;
use crate::context::Peer;
use crate::net::calls::ChannelOptions;
use crate::net::endpoint::{Endpoint, EndpointError};
use crate::net::memory::Pipe;
use crate::net::server::{Seat, ServerOptions, Session};
use crate::net::socket::Socket;
use crate::net::sync::thread;
use crate::proto::Limits;
use crate::service::Router;
use crate::status::Status;

/// Where connections come from.
#[derive(Debug)]
pub(super) enum Connector {
    /// At least one, in the order in which they are tried.
    Endpoints(Vec<Endpoint>),
    InProcess(Router),
}

impl Connector {
    /// Reads one address, or several with commas between.
    pub(super) fn parse(urls: &str) -> Result<Self, EndpointError> {
        split(urls).into_iter().map(str::parse).collect::<Result<_, _>>().map(Self::Endpoints)
    }

    /// Tries each address once, beginning with the one of this index and going round. Gives the index of the first that
    /// answers as well.
    pub(super) fn connect(&self, first: usize, options: &ChannelOptions) -> Result<(usize, Arc<Connection>), Status> {
        match self {
            Self::Endpoints(endpoints) => connect_any(endpoints, first, options),
            Self::InProcess(router) => {
                let (ours, theirs) = Pipe::pair();
                serve(theirs, router.clone(), options.limits.clone())?;
                Ok((0, Connection::open(Socket::Memory(ours), "in process".to_owned(), options)?))
            }
        }
    }

    /// The index behind this one, going round.
    pub(super) fn after(&self, index: usize) -> usize {
        match self {
            Self::Endpoints(endpoints) => (index + 1) % endpoints.len().max(1),
            Self::InProcess(_) => 0,
        }
    }
}

impl fmt::Display for Connector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Endpoints(endpoints) => {
                let urls: Vec<_> = endpoints.iter().map(ToString::to_string).collect();
                f.write_str(&urls.join(","))
            }
            Self::InProcess(_) => f.write_str("in process"),
        }
    }
}

/// Splits at the commas behind which an address begins: a path may have commas too.
fn split(urls: &str) -> Vec<&str> {
    let (mut parts, mut begin) = (Vec::new(), 0);
    for (comma, _) in urls.match_indices(',') {
        let scheme = urls[comma + 1..].split_once("://").map(|(scheme, _)| scheme);
        if scheme.is_some_and(|scheme| scheme.chars().all(|letter| letter.is_ascii_alphanumeric())) {
            parts.push(&urls[begin..comma]);
            begin = comma + 1;
        }
    }
    parts.push(&urls[begin..]);
    parts
}

fn connect_any(
    endpoints: &[Endpoint],
    first: usize,
    options: &ChannelOptions,
) -> Result<(usize, Arc<Connection>), Status> {
    let mut failures = Vec::new();
    for index in (0..endpoints.len()).map(|step| (first + step) % endpoints.len()) {
        match connect(&endpoints[index], options) {
            Ok(connection) => return Ok((index, connection)),
            Err(status) => failures.push(status.message().to_owned()),
        }
    }
    Err(Status::unavailable(failures.join("; ")).did_not_run())
}

fn connect(endpoint: &Endpoint, options: &ChannelOptions) -> Result<Arc<Connection>, Status> {
    let socket = Socket::connect(endpoint, options.connect_timeout)
        .map_err(|error| Status::unavailable(format!("cannot connect to {endpoint}: {error}")).did_not_run())?;
    Connection::open(socket, endpoint.to_string(), options)
}

/// Serves one end of a pipe until the other is dropped.
fn serve(pipe: Pipe, router: Router, limits: Limits) -> Result<(), Status> {
    let options = ServerOptions { limits, ..ServerOptions::default() };
    let peer = Arc::new(Peer::named("in process"));
    let seat = Seat::alone(Session::new(Socket::Memory(pipe), peer, router, &options));
    let spawned = thread::Builder::new().name("rpc-in-process".into()).spawn(move || seat.run());
    match spawned {
        Ok(_) => Ok(()),
        Err(error) => Err(Status::from(error).did_not_run()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_split_where_one_begins() {
        for (urls, parts) in [
            ("tcp://a:1", vec!["tcp://a:1"]),
            ("tcp://a:1,tcp://b:2", vec!["tcp://a:1", "tcp://b:2"]),
            ("unix:///a,b,tcp://b:2", vec!["unix:///a,b", "tcp://b:2"]),
            ("tcp://a:1,", vec!["tcp://a:1,"]),
            ("", vec![""]),
        ] {
            assert_eq!(split(urls), parts);
        }
        assert!(Connector::parse("tcp://a:1,http://b:2").is_err());
    }
}
