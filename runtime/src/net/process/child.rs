//! A worker, as its parent sees it.

use std::io;
use std::net::Shutdown;
use std::os::fd::{AsFd as _, OwnedFd};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::{Child as Process, Command, ExitStatus, Stdio};
use std::sync::mpsc::SyncSender;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};

use super::WORKER_OF;
use super::line::{self, Message};
use super::supervisor::Event;
use crate::net::listener::Listener;
use crate::net::socket::retry;

/// How much longer than its handlers have a worker may take to end, before it is killed.
const GRACE: Duration = Duration::from_secs(3);

/// What a worker is there for. Each has the number of a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// It serves, or will when it is ready.
    Serving(usize),
    /// It takes the place of the one that serves, when it is ready.
    Successor(usize),
    /// It was told to end.
    Leaving,
}

/// A worker process.
#[derive(Debug)]
pub(super) struct Child {
    pub(super) id: u64,
    pub(super) role: Role,
    process: Process,
    line: UnixStream,
    /// When it said that it is ready.
    pub(super) ready: Option<Instant>,
    /// When it is killed if it has not become ready, or has not ended.
    pub(super) deadline: Option<Instant>,
    /// It has said what became of its calls.
    pub(super) has_reported: bool,
}

impl Child {
    /// Starts this executable again, and hands it the listening socket.
    pub(super) fn start(
        id: u64,
        role: Role,
        (url, listener): (&str, &Listener),
        patience: Duration,
        events: &SyncSender<Event>,
    ) -> io::Result<Self> {
        let (line, theirs) = UnixStream::pair()?;
        line::hand_over(&line, listener.as_fd())?;
        let process = Command::new(this_executable()?)
            .args(std::env::args_os().skip(1))
            .env(WORKER_OF, url)
            .stdin(Stdio::from(OwnedFd::from(theirs)))
            .spawn()?;
        let deadline = Instant::now().checked_add(patience);
        let mut child = Self { id, role, process, line, ready: None, deadline, has_reported: false };
        match child.watch(events.clone()) {
            Ok(()) => Ok(child),
            Err(error) => {
                child.kill();
                child.process.wait()?;
                Err(error)
            }
        }
    }

    /// Tells of what it says and of its end, from threads of their own. It is left to be reaped, so that its number is not
    /// another's before it is known that it has ended.
    fn watch(&self, events: SyncSender<Event>) -> io::Result<()> {
        let (id, process, line) = (self.id, self.process.id(), self.line.try_clone()?);
        let pid = i32::try_from(process).ok().and_then(Pid::from_raw).ok_or(io::ErrorKind::InvalidData)?;
        let (heard, said) = (line.try_clone()?, events.clone());
        let named = |what: &str| thread::Builder::new().name(format!("rpc-{what}-{process}"));
        let listening = named("line").spawn(move || {
            while let Some(message) = Message::hear(&heard) {
                // A supervisor that has ended needs to know no more.
                said.send(Event::Said(id, message)).unwrap_or_default();
            }
        })?;
        named("worker").spawn(move || {
            let ended = retry(|| Ok(waitid(WaitId::Pid(pid), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT)?));
            if let Err(error) = ended {
                log::error!("cannot wait for worker {process}: {error}");
            }
            // What it has said is still heard, and then the end, even if another process holds the line.
            drop(line.shutdown(Shutdown::Read));
            drop(listening.join());
            events.send(Event::Exited(id)).unwrap_or_default();
        })?;
        Ok(())
    }

    pub(super) fn process_id(&self) -> u32 {
        self.process.id()
    }

    /// Lets it serve.
    pub(super) fn go(&mut self, now: Instant) {
        (self.ready, self.deadline) = (Some(now), None);
        self.say(Message::Go);
    }

    /// Tells it to end. One that does not serve yet is killed: nobody loses a call.
    pub(super) fn leave(&mut self, time: Duration, is_last: bool, now: Instant) {
        self.role = Role::Leaving;
        if self.ready.is_none() {
            return self.kill();
        }
        let latest = now.checked_add(time).and_then(|end| end.checked_add(GRACE));
        self.deadline = self.deadline.into_iter().chain(latest).min();
        self.say(Message::Drain { time, is_last });
    }

    fn say(&self, message: Message) {
        if let Err(error) = message.say(&self.line) {
            log::debug!("worker {} has gone already: {error}", self.process_id());
        }
    }

    pub(super) fn kill(&mut self) {
        self.deadline = None;
        if let Err(error) = self.process.kill() {
            log::debug!("worker {} has gone already: {error}", self.process_id());
        }
    }

    /// How it ended, once it has.
    pub(super) fn reap(mut self) -> io::Result<ExitStatus> {
        self.process.wait()
    }
}

/// What was started, even if the file has been replaced since.
fn this_executable() -> io::Result<PathBuf> {
    let running = PathBuf::from("/proc/self/exe");
    if running.exists() { Ok(running) } else { std::env::current_exe() }
}
