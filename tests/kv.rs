//! The key-value store as people run it: its commands, and workers that are killed.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use kv::stubs::StoreClient;
use rpcgen_runtime::{Channel, Code};

/// `kv-server` of the examples, as a process of its own.
struct KvServer {
    process: Child,
    output: BufReader<ChildStdout>,
    url: String,
}

impl KvServer {
    fn start(options: &[&str]) -> Result<Self> {
        Self::start_at(options, "tcp://127.0.0.1:0")
    }

    fn start_at(options: &[&str], address: &str) -> Result<Self> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_kv-server"));
        let mut process = command.args(options).arg(address).stdout(Stdio::piped()).spawn()?;
        let mut output = BufReader::new(process.stdout.take().context("no output")?);
        let mut line = String::new();
        output.read_line(&mut line)?;
        let url = line.trim().strip_prefix("listening on ").with_context(|| format!("{line:?}"))?.to_owned();
        Ok(Self { process, output, url })
    }

    /// The process ids of the workers: each is a child of the thread that looks after it.
    fn workers(&self) -> Result<Vec<u32>> {
        let mut workers = Vec::new();
        for thread in std::fs::read_dir(format!("/proc/{}/task", self.process.id()))? {
            let children = std::fs::read_to_string(thread?.path().join("children")).unwrap_or_default();
            workers.extend(children.split_whitespace().flat_map(str::parse::<u32>));
        }
        Ok(workers)
    }

    fn client(&self) -> Result<StoreClient> {
        Ok(StoreClient::new(Channel::connect(&self.url)?))
    }
}

impl Drop for KvServer {
    fn drop(&mut self) {
        self.process.kill().unwrap_or_default();
        self.process.wait().expect("it ends");
    }
}

fn kill(process: u32) -> Result<()> {
    ensure!(Command::new("kill").args(["-9", &process.to_string()]).status()?.success());
    Ok(())
}

/// Clients, by the worker that each is connected to: a worker's store holds the keys of just its own clients.
fn spread(server: &KvServer) -> Result<BTreeMap<Vec<String>, Vec<StoreClient>>> {
    let mut clients = Vec::new();
    for n in 0..40 {
        let client = server.client()?;
        client.put(&format!("{n:02}"), b"", None)?;
        clients.push(client);
    }
    let mut by_worker = BTreeMap::<_, Vec<_>>::new();
    for client in clients {
        let keys = client.list("", 100)?.into_iter().map(|entry| entry.key).collect();
        by_worker.entry(keys).or_default().push(client);
    }
    Ok(by_worker)
}

#[test]
fn a_killed_worker_costs_only_its_own_connections_and_is_replaced() -> Result<()> {
    let server = KvServer::start(&["--processes", "4"])?;
    let by_worker = spread(&server)?;
    let workers = server.workers()?;
    ensure!(workers.len() == 4, "{workers:?}");

    let is_over = AtomicBool::new(false);
    let failed: Vec<Vec<bool>> = thread::scope(|scope| {
        let is_over = &is_over;
        let start = |client| scope.spawn(move || fails_before(client, is_over));
        let traffic: Vec<Vec<_>> = by_worker.values().map(|clients| clients.iter().map(start).collect()).collect();
        kill(workers[0]).expect("killed");
        let killed = Instant::now();
        while server.workers().is_ok_and(|now| now.len() < 4 || now.contains(&workers[0])) {
            assert!(killed.elapsed() < Duration::from_secs(1), "no new worker within a second");
            thread::yield_now();
        }
        is_over.store(true, Ordering::Relaxed);
        let joined =
            traffic.into_iter().map(|threads| threads.into_iter().map(|thread| thread.join().expect("no panic")));
        joined.map(Iterator::collect).collect()
    });

    // Either all clients of a worker lost their connection, or none; and only one worker was killed.
    let lost = failed.iter().filter(|of_worker| of_worker.contains(&true));
    ensure!(lost.count() <= 1, "{failed:?}");
    for client in by_worker.values().flatten() {
        // A client that made no call since the worker died learns of it only now.
        client.put("again", b"", None).or_else(|_| client.put("again", b"", None))?;
    }
    Ok(())
}

/// Calls until told to stop; whether the connection broke. Another failure is a panic.
fn fails_before(client: &StoreClient, is_over: &AtomicBool) -> bool {
    let mut failed = false;
    while !is_over.load(Ordering::Relaxed) {
        if let Err(error) = client.list("", 10) {
            assert_eq!(error.code(), Code::Unavailable, "{error}");
            failed = true;
        }
    }
    failed
}

#[test]
fn the_server_ends_in_order_at_sigterm_and_says_what_it_has_done() -> Result<()> {
    for (options, signal) in [(&["--threads"][..], "-TERM"), (&["--processes", "2"], "-TERM"), (&["--threads"], "-INT")]
    {
        let mut server = KvServer::start(options)?;
        let client = server.client()?;
        client.put("key", b"value", None)?;
        ensure!(Command::new("kill").args([signal, &server.process.id().to_string()]).status()?.success());
        let mut said = String::new();
        server.output.read_to_string(&mut said)?;
        ensure!(said.contains("1 connections, of which 0 were cut"), "{said}");
        ensure!(server.process.wait()?.success());
        ensure!(!client.list("", 1).expect_err("nobody is there").may_have_run());
    }
    Ok(())
}

#[test]
fn workers_end_with_their_parent() -> Result<()> {
    let mut server = KvServer::start(&["--processes", "2"])?;
    server.client()?.put("key", b"value", None)?;
    server.process.kill()?;
    // The workers hold the other end of this pipe until they have ended.
    let mut rest = String::new();
    server.output.read_to_string(&mut rest)?;
    Ok(())
}

#[test]
fn the_socket_file_is_the_parents_and_is_taken_over_when_all_have_ended() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("s");
    let address = format!("unix://{}?mode=0600", path.display());
    for options in [&["--processes", "2"][..], &["--processes", "2"], &["--threads"], &["--threads"]] {
        let mut server = KvServer::start_at(options, &address)?;
        server.client()?.put("key", b"value", None)?;
        server.process.kill()?;
        let mut rest = String::new();
        server.output.read_to_string(&mut rest)?;
        // The workers have ended in order, and the parent was killed: the file is the one's who could not remove it.
        ensure!(path.exists());
    }
    Ok(())
}

#[test]
fn the_command_line_client_reads_and_writes() -> Result<()> {
    let server = KvServer::start(&["--threads"])?;
    let client = |arguments: &[&str]| -> Result<(bool, String, String)> {
        let output = Command::new(env!("CARGO_BIN_EXE_kv-client")).arg(&server.url).args(arguments).output()?;
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        Ok((output.status.success(), text(output.stdout), text(output.stderr)))
    };
    ensure!(client(&["put", "a", "one"])?.1 == "1\n");
    ensure!(client(&["put", "a", "two", "--expected", "1"])?.1 == "2\n");
    let (ok, _, why) = client(&["put", "a", "three", "--expected", "1"])?;
    ensure!(!ok && why.contains("the key is at version 2, not at the expected one"), "{why}");
    ensure!(client(&["get", "a"])?.1 == "two");
    ensure!(client(&["list"])?.1 == "a\tversion 2\t3 bytes\n");
    ensure!(client(&["del", "a"])?.0);
    let (ok, _, why) = client(&["get", "a"])?;
    ensure!(!ok && why.contains("there is no key `a`"), "{why}");
    Ok(())
}

#[test]
fn a_client_without_a_server_says_what_is_wrong() -> Result<()> {
    let output = Command::new(env!("CARGO_BIN_EXE_kv-client")).args(["127.0.0.1:1", "list"]).output()?;
    let why = String::from_utf8_lossy(&output.stderr).into_owned();
    ensure!(why.contains("it must begin with `tcp://` or `unix://`"), "{why}");
    let nobody = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    let output = Command::new(env!("CARGO_BIN_EXE_kv-client")).args([&format!("tcp://{nobody}"), "list"]).output()?;
    let why = String::from_utf8_lossy(&output.stderr).into_owned();
    ensure!(!output.status.success() && why.contains("cannot connect to tcp://"), "{why}");
    Ok(())
}
