//! The verdicts of `rpcgen breaking` hold: for each rule, programs of the old and the new version call one another.
//!
//! A call works if the server sees what the client sent, and the client what the server gave. What breaks on the wire by
//! [`tests/breaking`](breaking.rs) must fail one way at least; what breaks on no level but in source code must work both ways;
//! and what is a matter of order says here which way works.

#[path = "exchange/cases.rs"]
mod cases;
#[path = "exchange/streams.rs"]
mod streams;

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};

use anyhow::{Result, ensure};
use libtest_mimic::{Arguments, Trial};
use rpcgen::breaking::Level;
use rpcgen::diag::Code;
use rpcgen::{DiskReader, Input};
use rpcgen_runtime::{CallError, Channel, Fault, Router, Status};
use rpcgen_tests::{folder, trial};

/// The stubs of the old versions.
#[allow(
    missing_docs,
    unreachable_pub,
    deprecated,
    clippy::pedantic,
    reason = "they are generated; `golden_compiles.rs` lints such code"
)]
mod old {
    include!(concat!(env!("OUT_DIR"), "/old/mod.rs"));
}

/// The stubs of the new versions.
#[allow(
    missing_docs,
    unreachable_pub,
    deprecated,
    clippy::pedantic,
    reason = "they are generated; `golden_compiles.rs` lints such code"
)]
mod new {
    include!(concat!(env!("OUT_DIR"), "/new/mod.rs"));
}

/// Rules about numbers that are given up: nothing fails until somebody uses the number again.
const BY_POLICY: [Code; 2] = [Code::Unreserved, Code::ReservationGone];

/// Rules that no bytes of this test can show, and why.
const NOT_HERE: [(&str, &str); 4] = [
    ("package_of_types_renamed", "there is no service in it"),
    ("service_removed", "the new version has no service that both know"),
    ("package_removed", "likewise"),
    ("one_struct_many_users", "it is about what is said"),
];

/// What a server saw.
type Seen = Arc<Mutex<Option<String>>>;

/// A program of one version: a server, and a client that makes one call.
struct Version {
    serve: fn(Seen) -> Router,
    /// What it sends, and what comes back.
    call: fn(Channel) -> (String, Result<String, String>),
    /// What its server gives.
    gives: String,
    /// What the other version makes of what this one sends and gives, if that is not the same.
    read_as: Option<&'static str>,
}

/// A rule, and whether calls work from old to new, and from new to old.
struct Case {
    rule: &'static str,
    works: (bool, bool),
    old: Version,
    new: Version,
}

/// What a handler gives, or a client gets, in words; `Err` is a status.
trait Said {
    fn said(&self) -> Result<String, String>;
}

/// What the handler of a oneway method gives.
impl Said for () {
    fn said(&self) -> Result<String, String> {
        Ok("()".to_owned())
    }
}

impl<T: Debug> Said for Result<T, Status> {
    fn said(&self) -> Result<String, String> {
        self.as_ref().map(|value| format!("{value:?}")).map_err(ToString::to_string)
    }
}

impl<T: Debug, E: Debug> Said for Result<T, Fault<E>> {
    fn said(&self) -> Result<String, String> {
        match self {
            Ok(value) => Ok(format!("{value:?}")),
            Err(Fault::Declared(error)) => Ok(format!("raised {error:?}")),
            Err(Fault::Status(status)) => Err(status.to_string()),
        }
    }
}

impl<T: Debug, E: Debug> Said for Result<T, CallError<E>> {
    fn said(&self) -> Result<String, String> {
        match self {
            Ok(value) => Ok(format!("{value:?}")),
            Err(CallError::Declared(error)) => Ok(format!("raised {error:?}")),
            Err(CallError::Status(status)) => Err(status.to_string()),
        }
    }
}

fn main() -> Result<()> {
    let arguments = Arguments::from_args();
    let mut trials: Vec<Trial> = cases::cases().into_iter().map(|case| trial(case.rule, move || run(&case))).collect();
    trials.push(trial("every_rule_is_here", every_rule_is_here));
    libtest_mimic::run(&arguments, trials).exit()
}

fn run(case: &Case) -> Result<()> {
    let (there, back) = (exchange(&case.old, &case.new), exchange(&case.new, &case.old));
    let works = (there.is_ok(), back.is_ok());
    ensure!(works == case.works, "old to new: {there:?}\nnew to old: {back:?}");
    let levels = levels(case.rule)?;
    let breaks = levels.contains(&Level::Wire);
    ensure!(!(breaks && works == (true, true)), "it works, and is said to break");
    ensure!(breaks || levels.contains(&Level::Order) || works == (true, true), "it fails, and is said to work");
    Ok(())
}

/// One call from a client of one version to a server of another; why it does not work.
fn exchange(client: &Version, server: &Version) -> Result<(), String> {
    let seen = Seen::default();
    let channel = Channel::in_process((server.serve)(seen.clone())).map_err(|status| status.to_string())?;
    let (sent, got) = (client.call)(channel);
    let got = got?;
    let seen = seen.lock().map_err(|error| error.to_string())?.take().ok_or("the server saw nothing")?;
    let sent = client.read_as.map_or(sent, ToOwned::to_owned);
    let given = server.read_as.unwrap_or(&server.gives);
    if seen != sent {
        return Err(format!("the server saw {seen}, not {sent}"));
    }
    if got == given { Ok(()) } else { Err(format!("the client got {got}, not {given}")) }
}

fn pair(rule: &str) -> [Input; 2] {
    ["old.rpc", "new.rpc"].map(|file| {
        let root = Path::new("breaking").join(rule).join(file);
        Input { roots: vec![folder().join(root)], ..Input::default() }
    })
}

/// The levels of what is said about a rule's pair, but for what is policy.
fn levels(rule: &str) -> Result<BTreeSet<Level>> {
    let [old, new] = pair(rule);
    let compared = rpcgen::compare(&old, &new, &DiskReader::default());
    ensure!(compared.is_valid, "{:?}", compared.diagnostics);
    let codes = compared.diagnostics.iter().map(|found| found.code).filter(|code| !BY_POLICY.contains(code));
    Ok(codes.filter_map(Level::of).collect())
}

fn every_rule_is_here() -> Result<()> {
    let here: BTreeSet<&str> =
        cases::cases().iter().map(|case| case.rule).chain(NOT_HERE.map(|(rule, _)| rule)).collect();
    for entry in fs::read_dir(folder().join("breaking"))? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        ensure!(here.contains(&*name), "breaking/{name} is not exchanged in exchange/cases.rs");
    }
    Ok(())
}
