//! The parent: starts workers, and starts them again when they die.

use std::io::{self, Read as _};
use std::net::Shutdown;
use std::os::fd::{AsFd as _, OwnedFd};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::{WORKER_OF, line};
use crate::net::endpoint::Endpoint;
use crate::net::listener::Listener;
use crate::net::server::ServerError;

/// A worker that lived longer than this is replaced at once.
const HEALTHY: Duration = Duration::from_secs(1);

/// The first pause before a worker that died young is replaced; it doubles each time.
const FIRST_PAUSE: Duration = Duration::from_millis(100);

/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// A process server at work. Dropping it does not stop the server.
#[derive(Debug)]
pub struct Running {
    shared: Arc<Shared>,
    keepers: Vec<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    url: String,
    listener: Listener,
    workers: Mutex<Workers>,
    /// A worker is ready, or the server is stopping.
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Workers {
    stopped: bool,
    /// By the keeper's number.
    lines: Vec<Option<Line>>,
}

/// What the parent knows of a worker that lives.
#[derive(Debug)]
struct Line {
    stream: UnixStream,
    process: u32,
    /// It has said that it serves.
    is_ready: bool,
}

impl Running {
    pub(super) fn start(url: &str, listener: Listener, count: usize) -> Result<Self, ServerError> {
        let lines = std::iter::repeat_with(|| None).take(count).collect();
        let workers = Mutex::new(Workers { stopped: false, lines });
        let shared = Arc::new(Shared { url: url.to_owned(), listener, workers, changed: Condvar::new() });
        let keepers = (0..count).map(|number| {
            let shared = Arc::clone(&shared);
            thread::Builder::new().name(format!("rpc-worker-{number}")).spawn(move || shared.keep(number))
        });
        Ok(Self { keepers: keepers.collect::<io::Result<_>>()?, shared: Arc::clone(&shared) })
    }

    /// The address it listens on.
    ///
    /// # Errors
    ///
    /// When the system does not say.
    pub fn endpoint(&self) -> io::Result<Endpoint> {
        self.shared.listener.endpoint()
    }

    /// The process ids of the workers that live now.
    pub fn worker_ids(&self) -> Vec<u32> {
        self.shared.lock().lines.iter().flatten().map(|line| line.process).collect()
    }

    /// Waits until every worker serves, for up to `patience`; whether they do. One that cannot start is tried again and
    /// again, and the log says why.
    pub fn wait_ready(&self, patience: Duration) -> bool {
        let begin = Instant::now();
        let mut workers = self.shared.lock();
        while !workers.lines.iter().all(|line| line.as_ref().is_some_and(|line| line.is_ready)) {
            let left = patience.saturating_sub(begin.elapsed());
            if left.is_zero() || workers.stopped {
                return false;
            }
            workers = self.shared.changed.wait_timeout(workers, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        true
    }

    /// Waits until the server is stopped.
    pub fn wait(self) {
        for keeper in self.keepers {
            if keeper.join().is_err() {
                log::error!("a thread that looks after a worker panicked");
            }
        }
    }

    /// Tells every worker to finish what it runs and end, and waits for that.
    pub fn shutdown(self) {
        self.shared.stop();
        self.wait();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Workers> {
        self.workers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps one worker alive.
    fn keep(&self, number: usize) {
        let mut pause = FIRST_PAUSE;
        while !self.lock().stopped {
            let started = Instant::now();
            match self.spawn(number) {
                Ok(mut worker) => self.look_after(&mut worker, number),
                Err(error) => log::error!("cannot start a worker: {error}"),
            }
            if started.elapsed() >= HEALTHY {
                pause = FIRST_PAUSE;
                continue;
            }
            self.rest(pause);
            pause = LONGEST_PAUSE.min(pause * 2);
        }
    }

    /// Starts a worker and hands it the listening socket.
    fn spawn(&self, number: usize) -> io::Result<Child> {
        let (ours, theirs) = UnixStream::pair()?;
        let mut workers = self.lock();
        let mut worker = Command::new(this_executable()?)
            .args(std::env::args_os().skip(1))
            .env(WORKER_OF, &self.url)
            .stdin(Stdio::from(OwnedFd::from(theirs)))
            .spawn()?;
        if let Err(error) = line::send(&ours, self.listener.as_fd()) {
            drop(worker.kill());
            worker.wait()?;
            return Err(error);
        }
        if workers.stopped {
            drop(ours.shutdown(Shutdown::Both));
        }
        let line = ours.try_clone()?;
        workers.lines[number] = Some(Line { stream: ours, process: worker.id(), is_ready: false });
        drop(workers);
        self.wait_for(line, number);
        Ok(worker)
    }

    /// Waits until the worker says that it serves, or has gone.
    fn wait_for(&self, mut line: UnixStream, number: usize) {
        let said = line.read_exact(&mut [0; line::READY.len()]);
        if let (Ok(()), Some(line)) = (said, &mut self.lock().lines[number]) {
            line.is_ready = true;
            self.changed.notify_all();
        }
    }

    fn look_after(&self, worker: &mut Child, number: usize) {
        let ended = worker.wait();
        let mut workers = self.lock();
        workers.lines[number] = None;
        match ended {
            _ if workers.stopped => {}
            Ok(status) => log::warn!("worker {} has ended ({status}), and is replaced", worker.id()),
            Err(error) => log::error!("cannot wait for worker {}: {error}", worker.id()),
        }
    }

    /// Waits before a worker is started again, unless the server is stopped.
    fn rest(&self, pause: Duration) {
        let until = Instant::now() + pause;
        let mut workers = self.lock();
        while !workers.stopped {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            workers = self.changed.wait_timeout(workers, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn stop(&self) {
        let mut workers = self.lock();
        workers.stopped = true;
        for line in workers.lines.iter().flatten() {
            if let Err(error) = line.stream.shutdown(Shutdown::Both) {
                log::debug!("a worker has gone already: {error}");
            }
        }
        self.changed.notify_all();
    }
}

/// What was started, even if the file has been replaced since.
fn this_executable() -> io::Result<PathBuf> {
    let running = PathBuf::from("/proc/self/exe");
    if running.exists() { Ok(running) } else { std::env::current_exe() }
}
