//! A server in processes of its own: this program, which runs the same test and finds that it is the server, or a client.

use std::collections::BTreeSet;
use std::env;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use log::{LevelFilter, Log, Metadata, Record};
use rpcgen_runtime::{ProcessServer, Router, ServerOptions};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::work::{Client, Journal, PATIENCE, WAIT, wait_until};

/// Is set for a server: its folder, its address and so on, with spaces between.
const SERVER: &str = "RPCGEN_TEST_SERVER";

/// Is set for a client: the address of its server, and its method's number.
const CLIENT: &str = "RPCGEN_TEST_CLIENT";

/// What a line begins with that is not the test runner's.
const MARK: &str = "> ";

/// How a server is set up.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Setup {
    pub(crate) workers: usize,
    pub(crate) is_unix: bool,
    pub(crate) drain: Duration,
    pub(crate) start_timeout: Duration,
    /// The most connections of each worker.
    pub(crate) connections: usize,
    /// It says its address before its workers are ready.
    pub(crate) is_hasty: bool,
}

impl Default for Setup {
    fn default() -> Self {
        let (drain, start_timeout) = (PATIENCE, PATIENCE);
        Self { workers: 2, is_unix: false, drain, start_timeout, connections: 1000, is_hasty: false }
    }
}

/// A server that runs.
pub(crate) struct Server {
    process: Child,
    /// What it says, line by line. It is read at once: a server that cannot write its log stands still.
    said: Mutex<Receiver<String>>,
    pub(crate) url: String,
    pub(crate) journal: Journal,
    _folder: TempDir,
}

impl Server {
    pub(crate) fn start(test: &str, setup: Setup) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let place = folder.path().display();
        let url = if setup.is_unix { format!("unix://{place}/socket") } else { "tcp://127.0.0.1:0".to_owned() };
        let Setup { workers, drain, start_timeout, connections, is_hasty, .. } = setup;
        let (drain, start) = (drain.as_millis(), start_timeout.as_millis());
        let words = format!("{place} {url} {workers} {drain} {start} {connections} {is_hasty}");
        let mut process = again(test).env(SERVER, words).stdout(Stdio::piped()).spawn().expect("starts");
        let out = BufReader::new(process.stdout.take().expect("piped"));
        let (say, said) = channel();
        thread::spawn(move || out.lines().map_while(Result::ok).try_for_each(|line| say.send(line)));
        let journal = Journal(folder.path().to_owned());
        let mut server = Self { process, said: Mutex::new(said), url, journal, _folder: folder };
        server.url = server.hear("tcp:|unix:");
        server
    }

    pub(crate) fn client(&self) -> Client {
        Client::connect(&self.url)
    }

    /// The next thing that it says which has one of these words, with bars between.
    #[track_caller]
    pub(crate) fn hear(&mut self, words: &str) -> String {
        while let Ok(line) = self.said.get_mut().expect("good").recv_timeout(PATIENCE) {
            if let Some(said) = line.strip_prefix(MARK).filter(|said| words.split('|').any(|word| said.contains(word)))
            {
                return said.to_owned();
            }
        }
        panic!("the server did not say {words}")
    }

    /// The processes of workers: each is a child of the thread that looks after them.
    pub(crate) fn workers(&self) -> BTreeSet<u32> {
        let tasks = std::fs::read_dir(format!("/proc/{}/task", self.process.id())).into_iter().flatten().flatten();
        let children = tasks.filter_map(|task| std::fs::read_to_string(task.path().join("children")).ok());
        children.flat_map(|text| text.split_whitespace().flat_map(str::parse).collect::<Vec<u32>>()).collect()
    }

    pub(crate) fn signal(&self, signal: Signal) {
        send_signal(self.process.id(), signal);
    }

    /// Replaces the workers, and waits until there are as many, and none of the old ones.
    pub(crate) fn roll(&self) {
        let old = self.workers();
        self.signal(Signal::HUP);
        wait_until("all workers are new", || {
            let new = self.workers();
            new.len() == old.len() && new.is_disjoint(&old)
        });
    }

    /// Kills the parent and all workers, as nearly at once as can be.
    pub(crate) fn kill_all(&self) {
        let workers = self.workers();
        self.signal(Signal::KILL);
        kill_each(&workers);
    }

    /// Waits until parent and workers have ended; what they said, and how the parent ended.
    pub(crate) fn wait(&mut self) -> (String, ExitStatus) {
        let rest: Vec<_> = self.said.get_mut().expect("good").iter().collect();
        (rest.join("\n"), self.process.wait().expect("it ends"))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// Kills these processes.
pub(crate) fn kill_each(processes: &BTreeSet<u32>) {
    for process in processes {
        send_signal(*process, Signal::KILL);
    }
}

pub(crate) fn send_signal(process: u32, signal: Signal) {
    let process = Pid::from_raw(i32::try_from(process).expect("small")).expect("not 0");
    // One that has ended by itself is gone.
    kill_process(process, signal).unwrap_or_default();
}

/// Runs this test of this program again.
fn again(test: &str) -> Command {
    let mut run = Command::new(env::current_exe().expect("this program"));
    run.args(["--exact", test, "--nocapture", "--test-threads=1"]).stderr(Stdio::null());
    run
}

/// A client in a process of its own that waits for an answer to this call.
pub(crate) fn waiting_client(test: &str, url: &str, id: u64) -> Child {
    again(test).env(CLIENT, format!("{url} {id}")).stdout(Stdio::null()).spawn().expect("starts")
}

/// Does what this process is there for, if it is not the test's.
pub(crate) fn is_other() -> bool {
    if let Ok(words) = env::var(CLIENT) {
        let (url, id) = words.split_once(' ').expect("two words");
        drop(Client::connect(url).call(&crate::work::ONCE, id.parse().expect("a number"), WAIT));
        return true;
    }
    let Ok(words) = env::var(SERVER) else { return false };
    serve(&words.split(' ').collect::<Vec<_>>());
    true
}

fn serve(words: &[&str]) {
    let number = |index: usize| words[index].parse::<usize>().expect("a number");
    let time = |index: usize| Duration::from_millis(words[index].parse().expect("a number"));
    log::set_logger(&Printer).expect("the only one");
    log::set_max_level(LevelFilter::Info);
    let journal = Journal(words[0].into());
    let server = ProcessServer::bind(words[1]).expect("binds").workers(number(2)).drain(time(3)).start_timeout(time(4));
    let server = server.options(ServerOptions { connections: number(5), ..ServerOptions::default() });
    if server.is_worker() {
        journal.note("started");
        if journal.has("crash") {
            std::process::exit(7);
        }
        wait_until("not to hang", || !journal.has("hang"));
    }
    let Some(running) = server.start(Router::new().add(journal)).expect("starts") else { return };
    assert!(words[6] == "true" || running.wait_ready(PATIENCE), "the workers do not start");
    println!("\n{MARK}{}", running.endpoint().expect("an address"));
    println!("\n{MARK}{}", running.wait());
}

/// Prints what is logged.
struct Printer;

impl Log for Printer {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        println!("\n{MARK}{}", record.args());
    }

    fn flush(&self) {}
}
