//! A service that writes down what it runs, in a file that all processes of a test share, and the account of what became of calls.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::panic::panic_any;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use rpcgen_runtime::stub::{
    At as _, Caller, Context, Failure, Method, Packer, PendingCall, Service, ServiceInfo, Status, UNBOUNDED, Unpacker,
};
use rpcgen_runtime::{Channel, Code};

/// No test waits longer than this for anything.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) static ONCE: Method = Method::new("test.Work/once", 1, 11);
pub(crate) static AGAIN: Method = Method::new("test.Work/again", 2, 12).idempotent();
static SERVICE: ServiceInfo = ServiceInfo::new("test.Work", &[&ONCE, &AGAIN]);

/// What a handler is asked to do, after it has written down that it runs.
pub(crate) const ANSWER: u32 = 0;
/// To wait until the gate is opened, or nobody wants the answer.
pub(crate) const WAIT: u32 = 1;
pub(crate) const PANIC: u32 = 2;
/// To panic with something that panics when it is dropped.
pub(crate) const BOMB: u32 = 3;
/// To wait until the gate is opened, and then panic so.
pub(crate) const LATE_BOMB: u32 = 4;

/// What panics when it is dropped.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic_any(Self);
    }
}

/// Waits until something is true.
#[track_caller]
pub(crate) fn wait_until(what: &str, mut is_true: impl FnMut() -> bool) {
    let begin = Instant::now();
    while !is_true() {
        assert!(begin.elapsed() < PATIENCE, "waited too long: {what}");
        thread::sleep(Duration::from_millis(2));
    }
}

/// A folder, with what was written down, and the gate.
#[derive(Debug, Clone)]
pub(crate) struct Journal(pub(crate) PathBuf);

impl Journal {
    pub(crate) fn note(&self, line: &str) {
        let mut file = OpenOptions::new().create(true).append(true).open(self.0.join("journal")).expect("opens");
        file.write_all(format!("{line}\n").as_bytes()).expect("written");
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        let text = std::fs::read_to_string(self.0.join("journal")).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    /// Waits until a line was written.
    #[track_caller]
    pub(crate) fn expect(&self, line: &str) {
        wait_until(line, || self.lines().iter().any(|there| there == line));
    }

    /// How often each call has run.
    pub(crate) fn runs(&self) -> HashMap<u64, u32> {
        let mut runs = HashMap::new();
        for id in self.lines().iter().filter_map(|line| line.strip_prefix("run ")?.parse().ok()) {
            *runs.entry(id).or_default() += 1;
        }
        runs
    }

    pub(crate) fn mark(&self, name: &str) {
        File::create(self.0.join(name)).expect("made");
    }

    pub(crate) fn unmark(&self, name: &str) {
        std::fs::remove_file(self.0.join(name)).expect("removed");
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        Path::new(&self.0).join(name).exists()
    }

    fn wait_at_gate(&self, id: u64, context: &Context) {
        wait_until("the gate", || self.has("gate") || context.is_cancelled());
        if context.is_cancelled() {
            self.note(&format!("cancelled {id}"));
        }
    }
}

impl Service for Journal {
    fn info(&self) -> &'static ServiceInfo {
        &SERVICE
    }

    fn call(&self, _: usize, context: &Context, input: &mut Unpacker<'_>, out: &mut Packer<'_>) -> Result<(), Failure> {
        let (id, manner): (u64, u32) = (input.fixed().at("id")?, input.fixed().at("manner")?);
        let more = input.byte_slice(UNBOUNDED)?;
        input.end()?;
        self.note(&format!("run {id}"));
        if [WAIT, LATE_BOMB].contains(&manner) {
            self.wait_at_gate(id, context);
        }
        match manner {
            PANIC => panic!("as asked"),
            BOMB | LATE_BOMB => panic_any(Bomb),
            _ => {}
        }
        out.fixed(&std::process::id()).map_err(Failure::from_reply)?;
        out.bytes(more, UNBOUNDED).map_err(Failure::from_reply)
    }
}

/// A client stub: answers are the server's process and what the call carried.
#[derive(Clone)]
pub(crate) struct Client(Caller);

pub(crate) type Answer = (u32, Vec<u8>);

impl Client {
    pub(crate) fn over(channel: Channel) -> Self {
        Self(Caller::new(channel))
    }

    #[track_caller]
    pub(crate) fn connect(url: &str) -> Self {
        Self::over(Channel::connect(url).expect("connects"))
    }

    pub(crate) fn start(
        &self,
        method: &'static Method,
        id: u64,
        manner: u32,
        more: &[u8],
    ) -> Result<PendingCall<Answer, Status>, Status> {
        let pack = |out: &mut Packer<'_>| {
            out.fixed(&id).at("id")?;
            out.fixed(&manner).at("manner")?;
            out.bytes(more, UNBOUNDED)
        };
        self.0.start(method, pack, |input| Ok((input.fixed()?, input.bytes(UNBOUNDED)?)))
    }

    pub(crate) fn call(&self, method: &'static Method, id: u64, manner: u32) -> Result<u32, Status> {
        self.start(method, id, manner, &[])?.wait().map(|(process, _)| process)
    }
}

/// Calls that were made, and what became of them for who made them.
#[derive(Debug, Default)]
pub(crate) struct Account {
    pub(crate) answered: Vec<u64>,
    pub(crate) did_not_run: Vec<u64>,
    pub(crate) perhaps: Vec<u64>,
    /// Of idempotent calls.
    pub(crate) again_failed: Vec<String>,
    pub(crate) failures: Vec<String>,
}

impl Account {
    pub(crate) fn note(&mut self, method: &Method, id: u64, result: &Result<u32, Status>) {
        let Err(status) = result else { return self.answered.push(id) };
        assert_eq!(status.code(), Code::Unavailable, "{status}");
        self.failures.push(status.to_string());
        if method.idempotent {
            self.again_failed.push(status.to_string());
        }
        if status.may_have_run() { self.perhaps.push(id) } else { self.did_not_run.push(id) }
    }

    pub(crate) fn add(mut self, other: Self) -> Self {
        self.answered.extend(other.answered);
        self.did_not_run.extend(other.did_not_run);
        self.perhaps.extend(other.perhaps);
        self.again_failed.extend(other.again_failed);
        self.failures.extend(other.failures);
        self
    }

    /// Compares with what has run: nothing is lost, nothing has run twice that may not, and nothing against its word. The
    /// numbers of idempotent calls are odd.
    #[track_caller]
    pub(crate) fn check(&self, journal: &Journal) {
        let runs = journal.runs();
        let count = |id: &u64| runs.get(id).copied().unwrap_or(0);
        let lost = self.answered.iter().filter(|id| count(id) == 0).count();
        let twice = runs.iter().filter(|(id, runs)| **id % 2 == 0 && **runs > 1).count();
        let denied = self.did_not_run.iter().filter(|id| count(id) > 0).count();
        assert_eq!([lost, twice, denied], [0; 3], "lost, twice, against their word");
    }
}
