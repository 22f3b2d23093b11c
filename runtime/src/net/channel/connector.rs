//! How a channel comes to a connection, the first time and every time after.

use std::sync::Arc;
use std::thread;

use super::ChannelOptions;
use super::connection::Connection;
use crate::context::Peer;
use crate::net::endpoint::Endpoint;
use crate::net::memory::Pipe;
use crate::net::server::Session;
use crate::net::socket::Socket;
use crate::proto::Limits;
use crate::service::Router;
use crate::status::Status;

/// Where connections come from.
#[derive(Debug)]
pub(super) enum Connector {
    Endpoint(Endpoint),
    InProcess(Router),
}

impl Connector {
    pub(super) fn connect(&self, options: &ChannelOptions) -> Result<Arc<Connection>, Status> {
        let ChannelOptions { limits, connect_timeout } = options;
        match self {
            Self::Endpoint(endpoint) => {
                let socket = Socket::connect(endpoint, *connect_timeout).map_err(|error| {
                    Status::unavailable(format!("cannot connect to {endpoint}: {error}")).did_not_run()
                })?;
                Connection::open(socket, endpoint.to_string(), limits)
            }
            Self::InProcess(router) => {
                let (ours, theirs) = Pipe::pair();
                serve(theirs, router.clone(), limits.clone())?;
                Connection::open(Socket::Memory(ours), "in process".to_owned(), limits)
            }
        }
    }
}

/// Serves one end of a pipe until the other is dropped.
fn serve(pipe: Pipe, router: Router, limits: Limits) -> Result<(), Status> {
    let session = Session::new(Socket::Memory(pipe), Arc::new(Peer::named("in process")), limits);
    let spawned = thread::Builder::new().name("rpc-in-process".into()).spawn(move || session.run(&router));
    match spawned {
        Ok(_) => Ok(()),
        Err(error) => Err(Status::from(error).did_not_run()),
    }
}
