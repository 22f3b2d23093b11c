//! A worker: serves the parent's socket until the parent ends, or wants it to.

use std::io;
use std::os::fd::AsFd as _;
use std::os::unix::net::UnixStream;
use std::time::Duration;

use super::line;
use crate::net::listener::Listener;
use crate::net::server::{ServerError, ServerOptions};
use crate::net::socket::Socket;
use crate::service::Router;

/// How long running handlers may go on when the worker is to stop.
const DRAIN: Duration = Duration::from_secs(10);

/// This process, as a worker.
#[derive(Debug)]
pub(super) struct Worker {
    pub(super) listener: Listener,
    line: Socket,
}

impl Worker {
    /// Takes the line from standard input, and the listening socket from the line.
    pub(super) fn join() -> io::Result<Self> {
        let line = UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?);
        let listener = Listener::from_fd(line::receive(&line)?)?;
        Ok(Self { listener, line: Socket::Unix(line) })
    }

    pub(super) fn serve(self, router: Router, options: ServerOptions) -> Result<(), ServerError> {
        let running = super::thread_server(self.listener, options).start(router)?;
        if let Err(error) = self.line.send(&line::READY) {
            log::debug!("the parent has gone already: {error}");
        }
        // Nothing more is sent: the end of the line is the word to stop.
        while self.line.receive(&mut [0; 64]).is_ok_and(|count| count > 0) {}
        let report = running.shutdown(DRAIN);
        log::info!("worker {} has served {} connections", std::process::id(), report.connections);
        Ok(())
    }
}
