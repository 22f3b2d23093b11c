//! A worker: serves the parent's socket until the parent ends, or wants it to.

use std::io;
use std::os::fd::AsFd as _;
use std::os::unix::net::UnixStream;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::fs::{Mode, OFlags, open};
use rustix::stdio::dup2_stdin;

use super::line::{self, Message};
use super::signals;
use crate::net::listener::Listener;
use crate::net::server::{ServerError, ServerOptions, ThreadServer};
use crate::net::socket::retry;
use crate::service::Router;

/// This process, as a worker.
#[derive(Debug)]
pub(super) struct Worker {
    pub(super) listener: Listener,
    line: UnixStream,
    /// Readable when this process was sent a signal to end.
    signals: UnixStream,
}

/// Why a worker is to end: how long its handlers have, and whether no other takes the connections that wait.
struct Ending {
    time: Duration,
    is_last: bool,
}

impl Worker {
    /// Takes the line from standard input, and the listening socket from the line. Standard input is empty from then on: a
    /// program that a handler starts would hold the line else.
    pub(super) fn join() -> io::Result<Self> {
        let signals = signals::pipe()?;
        let line = UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?);
        dup2_stdin(open("/dev/null", OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty())?)?;
        let listener = Listener::from_fd(line::take_over(&line)?)?;
        Ok(Self { listener, line, signals })
    }

    /// Serves until it is told to end, or, with as much time as `drain`, until the parent has gone.
    pub(super) fn serve(self, router: Router, options: ServerOptions, drain: Duration) -> Result<(), ServerError> {
        let Self { listener, line, signals } = self;
        // Nothing is accepted before the parent says so: until then it may kill this process, and nobody loses a call.
        if Message::Ready.say(&line).is_err() || Message::hear(&line) != Some(Message::Go) {
            return Ok(());
        }
        let running = ThreadServer::sharing(listener).options(options).start(router)?;
        let Ending { time, is_last } = wait(&line, &signals, drain)?;
        let report = if is_last { running.shutdown(time) } else { running.leave(time) };
        log::info!("worker {} ends: {report}", std::process::id());
        if let Err(error) = Message::Ended(report).say(&line) {
            log::debug!("the parent has gone already: {error}");
        }
        Ok(())
    }
}

/// Waits for a reason to end.
fn wait(line: &UnixStream, signals: &UnixStream, drain: Duration) -> io::Result<Ending> {
    let mut fds = [PollFd::new(line, PollFlags::IN), PollFd::new(signals, PollFlags::IN)];
    retry(|| Ok(poll(&mut fds, None)?))?;
    if fds[0].revents().is_empty() {
        return Ok(Ending { time: drain, is_last: false });
    }
    match Message::hear(line) {
        Some(Message::Drain { time, is_last }) => Ok(Ending { time, is_last }),
        _ => Ok(Ending { time: drain, is_last: true }),
    }
}
