//! A part of a test in a process of its own: the same program, which runs the same test and finds that it is the child.

#![allow(dead_code, reason = "not every test uses all of it")]

use std::env;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child as Process, ChildStdin, ChildStdout, Command, Stdio};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Is set for a child.
const VARIABLE: &str = "RPCGEN_TEST_CHILD";

/// What a line begins with that is not the test runner's.
const MARK: &str = "> ";

/// Bytes of a page, at least.
const PAGE: u64 = 4096;

/// Whether this is a child.
pub(crate) fn is_child() -> bool {
    env::var_os(VARIABLE).is_some()
}

/// Says a line to the parent.
pub(crate) fn tell(line: &str) {
    println!("\n{MARK}{line}");
}

/// The next line from the parent; `None` when it has nothing more to say.
pub(crate) fn ask() -> Option<String> {
    let mut line = String::new();
    let count = std::io::stdin().lock().read_line(&mut line).expect("a line");
    (count > 0).then(|| line.trim_end().to_owned())
}

/// A child that runs.
pub(crate) struct Child {
    process: Process,
    to: Option<ChildStdin>,
    from: BufReader<ChildStdout>,
}

impl Child {
    /// Runs this test of this program again.
    pub(crate) fn start(test: &str) -> Self {
        let mut run = Command::new(env::current_exe().expect("this program"));
        run.args(["--exact", test, "--nocapture", "--test-threads=1"]).env(VARIABLE, "1");
        let mut process = run.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("starts");
        let to = process.stdin.take();
        let from = BufReader::new(process.stdout.take().expect("piped"));
        Self { process, to, from }
    }

    /// The next line that it says.
    pub(crate) fn hear(&mut self) -> String {
        let mut line = String::new();
        loop {
            line.clear();
            assert!(self.from.read_line(&mut line).expect("a line") > 0, "the child has ended");
            if let Some(said) = line.strip_prefix(MARK) {
                return said.trim_end().to_owned();
            }
        }
    }

    /// Says a line to it.
    pub(crate) fn say(&mut self, line: &str) {
        writeln!(self.to.as_mut().expect("it listens"), "{line}").expect("said");
    }

    /// Says a line, and gives the answer.
    pub(crate) fn request(&mut self, line: &str) -> String {
        self.say(line);
        self.hear()
    }

    /// Memory that it has in use.
    pub(crate) fn usage(&self) -> Usage {
        Usage::of(&self.process.id().to_string())
    }

    /// Lets it end, well.
    pub(crate) fn finish(mut self) {
        self.to = None;
        assert!(self.process.wait().expect("it ends").success(), "the child has failed");
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        // One that was finished is gone; one of a test that fails is to go.
        self.to = None;
        self.process.kill().unwrap_or_default();
        drop(self.process.wait());
    }
}

/// What a process uses.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Usage {
    /// Resident memory, in bytes.
    pub(crate) resident: u64,
    pub(crate) threads: usize,
    pub(crate) descriptors: usize,
    /// Processor time, in ticks of 10 ms.
    pub(crate) ticks: u64,
}

impl Usage {
    /// Of this process.
    pub(crate) fn own() -> Self {
        Self::of("self")
    }

    fn of(process: &str) -> Self {
        let status = fs::read_to_string(format!("/proc/{process}/status")).expect("there is /proc");
        let field = |name: &str| {
            let line = status.lines().find(|line| line.starts_with(name)).expect("a field");
            line.split_whitespace().nth(1).and_then(|value| value.parse::<u64>().ok()).expect("a number")
        };
        let stat = fs::read_to_string(format!("/proc/{process}/stat")).expect("there is /proc");
        // Behind the name, which may have spaces: user and system time are the 12th and 13th.
        let times = stat.rsplit(')').next().expect("a name").split_whitespace().skip(11).take(2);
        Self {
            resident: field("VmRSS:") * 1024,
            threads: usize::try_from(field("Threads:")).expect("few"),
            descriptors: fs::read_dir(format!("/proc/{process}/fd")).expect("there is /proc").count(),
            ticks: times.map(|time| time.parse::<u64>().expect("a number")).sum(),
        }
    }
}

/// Allows this process as many descriptors as it may have; how many that is.
pub(crate) fn raise_descriptors() -> u64 {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }).expect("it may");
    maximum.unwrap_or(u64::MAX)
}

/// Allows this process only so many descriptors.
pub(crate) fn limit_descriptors(most: u64) {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: Some(most), maximum }).expect("it may");
}

/// Allows this process only so many bytes of addresses more than it has.
pub(crate) fn limit_addresses(more: u64) {
    let status = fs::read_to_string("/proc/self/statm").expect("there is /proc");
    let pages: u64 = status.split_whitespace().next().and_then(|pages| pages.parse().ok()).expect("a number");
    let Rlimit { maximum, .. } = getrlimit(Resource::As);
    let current = Some(pages * PAGE + more);
    setrlimit(Resource::As, Rlimit { current, maximum }).expect("it may");
}
