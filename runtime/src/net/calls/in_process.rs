//! Services in this process, over a socket or a pipe to it.

use std::sync::Arc;
use std::time::Duration;

use super::options::ChannelOptions;
use super::target::IN_PROCESS;
use crate::context::Peer;
use crate::net::server::{Seat, ServerOptions, Session};
use crate::net::socket::Socket;
use crate::net::sync::thread;
use crate::proto::Limits;
use crate::service::Router;
use crate::status::Status;

/// The options of a channel to these services, if they can be served.
pub(in crate::net) fn options(router: &Router) -> Result<ChannelOptions, Status> {
    router.check().map_err(|error| Status::failed_precondition(error.to_string()).did_not_run())?;
    // The server cannot be gone while the channel is there, and it does not answer while a handler runs.
    Ok(ChannelOptions { keepalive: Duration::ZERO, ..ChannelOptions::default() })
}

/// Serves one end until the other is dropped, in a thread.
pub(in crate::net) fn serve(socket: Socket, router: Router, limits: Limits) -> Result<(), Status> {
    let options = ServerOptions { limits, ..ServerOptions::default() };
    let peer = Arc::new(Peer::named(IN_PROCESS));
    let seat = Seat::alone(Session::new(socket, peer, router, &options, None));
    let spawned = thread::Builder::new().name("rpc-in-process".into()).spawn(move || seat.run());
    match spawned {
        Ok(_) => Ok(()),
        Err(error) => Err(Status::from(error).did_not_run()),
    }
}
