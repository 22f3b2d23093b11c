//! The chat as people use it: its command, run by several at once, of whom some leave, some are killed and some are slow.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};

/// How long a line may take to come.
const PATIENCE: Duration = Duration::from_secs(60);

/// `chat` of the examples.
fn chat(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_chat"));
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped());
    command
}

/// `chat` as a process of its own, and what it prints.
struct Process {
    child: Child,
    input: Option<ChildStdin>,
    lines: Receiver<String>,
}

impl Process {
    fn start(arguments: &[&str]) -> Result<Self> {
        let mut child = chat(arguments).spawn()?;
        let output = child.stdout.take().context("no output")?;
        Ok(Self { input: child.stdin.take(), child, lines: lines(output) })
    }

    fn say(&mut self, line: &str) -> Result<()> {
        Ok(writeln!(self.input.as_mut().context("it is closed")?, "{line}")?)
    }

    fn next(&self) -> Result<String> {
        Ok(self.lines.recv_timeout(PATIENCE)?)
    }

    fn expect(&self, line: &str) -> Result<()> {
        let next = self.next()?;
        ensure!(next == line, "{next:?} came in place of {line:?}");
        Ok(())
    }

    fn signal(&self, signal: &str) -> Result<()> {
        ensure!(Command::new("kill").args([signal, &self.child.id().to_string()]).status()?.success());
        Ok(())
    }

    /// It has ended in order, and this is the rest of what it printed.
    fn end(mut self) -> Result<Vec<String>> {
        let rest = self.lines.iter().collect();
        ensure!(self.child.wait()?.success(), "{rest:?}");
        Ok(rest)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.child.kill().unwrap_or_default();
        self.child.wait().expect("it ends");
    }
}

fn lines(output: ChildStdout) -> Receiver<String> {
    let (sender, lines) = mpsc::channel();
    thread::spawn(move || BufReader::new(output).lines().map_while(Result::ok).try_for_each(|line| sender.send(line)));
    lines
}

fn serve() -> Result<(Process, String)> {
    let server = Process::start(&["serve", "tcp://127.0.0.1:0"])?;
    let url = server.next()?.strip_prefix("listening on ").context("no address")?.to_owned();
    Ok((server, url))
}

/// People in a room, every other one on threads. Each has seen all who came later.
fn people(url: &str, names: &[&str]) -> Result<Vec<Process>> {
    let mut people: Vec<Process> = Vec::new();
    for (n, name) in names.iter().enumerate() {
        let arguments = ["join", url, name, "--blocking"];
        let newcomer = Process::start(if n % 2 == 0 { &arguments[..3] } else { &arguments })?;
        ensure!(newcomer.next()?.starts_with("* here: "));
        for person in &people {
            person.expect(&format!("* {name} has come"))?;
        }
        people.push(newcomer);
    }
    Ok(people)
}

#[test]
fn all_see_the_same_lines_in_the_same_order() -> Result<()> {
    const LINES: usize = 20;
    let (_server, url) = serve()?;
    let names = ["ann", "bob", "cleo", "dan", "eve", "finn"];
    let mut people = people(&url, &names)?;
    for n in 0..LINES {
        people.iter_mut().try_for_each(|person| person.say(&n.to_string()))?;
    }
    let seen = |person: &Process| (0..LINES * names.len()).map(|_| person.next()).collect::<Result<Vec<_>>>();
    let seen = people.iter().map(seen).collect::<Result<Vec<_>>>()?;
    ensure!(seen.iter().all(|lines| *lines == seen[0]), "{seen:?}");
    for name in names {
        let said = seen[0].iter().filter_map(|line| line.strip_prefix(&format!("{name}: ")));
        ensure!(said.eq((0..LINES).map(|n| n.to_string())), "{name} in {:?}", seen[0]);
    }
    Ok(())
}

#[test]
fn who_leaves_and_who_is_gone_is_told() -> Result<()> {
    let (_server, url) = serve()?;
    let mut people = people(&url, &["ann", "bob", "cleo", "dan", "eve", "finn"])?;
    let rooms = chat(&["rooms", &url]).output()?.stdout;
    ensure!(rooms == b"lobby\t6\n", "{}", String::from_utf8_lossy(&rooms));

    for (how, told) in [("", "* finn has left"), ("", "* eve has left"), ("-INT", "* dan has left")] {
        let mut person = people.pop().context("nobody")?;
        if how.is_empty() {
            person.input = None;
        } else {
            person.signal(how)?;
        }
        ensure!(person.end()?.last().is_some_and(|line| line == "* goodbye"));
        people.iter().try_for_each(|person| person.expect(told))?;
    }
    for told in ["* cleo is gone", "* bob is gone"] {
        people.pop().context("nobody")?.signal("-KILL")?;
        people.iter().try_for_each(|person| person.expect(told))?;
    }
    Ok(())
}

#[test]
fn names_that_are_taken_or_none_are_refused() -> Result<()> {
    let (_server, url) = serve()?;
    let _people = people(&url, &["ann"])?;
    for (arguments, why) in [
        (&["ann"][..], "somebody in the room is called ann already"),
        (&["ann", "--blocking"], "somebody in the room is called ann already"),
        (&["a\u{1b}[2Jb"], "a name has letters, digits, `-` and `_`"),
        (&["a b", "--blocking"], "a name has letters, digits, `-` and `_`"),
        (&["ann", "--room", ""], "a name has letters, digits, `-` and `_`"),
    ] {
        let refused = chat(&["join", &url]).args(arguments).stderr(Stdio::piped()).output()?;
        let said = String::from_utf8_lossy(&refused.stderr);
        ensure!(!refused.status.success() && said.contains(why), "{said}");
    }
    // It is taken in its room only.
    let elsewhere = Process::start(&["join", &url, "ann", "--room", "elsewhere"])?;
    elsewhere.expect("* here: ann")
}

#[test]
fn a_line_that_is_too_long_is_not_said_and_nobody_leaves() -> Result<()> {
    let (_server, url) = serve()?;
    for person in &mut people(&url, &["ann", "bob"])? {
        person.say(&"x".repeat(1025))?;
        person.say("hello")?;
        while !person.next()?.ends_with(": hello") {}
    }
    Ok(())
}

#[test]
fn who_is_slow_misses_the_oldest_and_holds_up_nobody() -> Result<()> {
    const LINES: usize = 800;
    let (_server, url) = serve()?;
    let mut people = people(&url, &["ann", "bob", "cleo"])?;
    let slow = people.pop().context("nobody")?;
    slow.signal("-STOP")?;
    // The others take turns, so that neither is ever slow.
    let padding = "x".repeat(1000);
    for n in 0..LINES {
        let line = format!("{n} {padding}");
        let speaker = &mut people[n % 2];
        speaker.say(&line)?;
        let seen = people.iter().map(Process::next).collect::<Result<Vec<_>>>()?;
        ensure!(seen.iter().all(|seen| seen.ends_with(&line)), "{seen:?}");
    }
    slow.signal("-CONT")?;
    let (mut next, mut missed) = (0, 0);
    while next < LINES {
        let line = slow.next()?;
        if let Some(rest) = line.strip_prefix("* you have missed ") {
            missed += rest.strip_suffix(" events").context("events")?.parse::<usize>()?;
            next += missed;
        } else {
            ensure!(line.contains(&format!(": {next} ")), "{line} in place of {next}");
            next += 1;
        }
    }
    ensure!((1..LINES - 256).contains(&missed), "{missed} were missed");
    Ok(())
}

#[test]
fn the_server_sends_everybody_home() -> Result<()> {
    let (mut server, url) = serve()?;
    let people = people(&url, &["ann", "bob", "cleo", "dan"])?;
    server.signal("-INT")?;
    for person in people {
        ensure!(person.end()? == ["* goodbye"]);
    }
    let mut report = String::new();
    server.lines.iter().for_each(|line| report.push_str(&line));
    ensure!(report.contains("4 connections, of which 0 were cut"), "{report}");
    ensure!(server.child.wait()?.success());
    Ok(())
}

#[test]
fn a_client_that_loses_its_server_says_so() -> Result<()> {
    for kind in [&[][..], &["--blocking"]] {
        let (mut server, url) = serve()?;
        let mut person = chat(&["join", &url, "ann"]).args(kind).stderr(Stdio::piped()).spawn()?;
        let output = lines(person.stdout.take().context("no output")?);
        ensure!(output.recv_timeout(PATIENCE)? == "* here: ann");
        server.child.kill()?;
        let mut why = String::new();
        person.stderr.take().context("no errors")?.read_to_string(&mut why)?;
        ensure!(!person.wait()?.success() && why.contains("Unavailable"), "{why}");
    }
    Ok(())
}
