//! What one `add` costs whatever the machine: bytes on the wire, and system calls.

use std::env;
use std::io;
use std::net::{Shutdown, TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::thread;
use std::{fmt::Write as _, fs};

use anyhow::{Context as _, Result, ensure};

use crate::entrant::Entrant;
use crate::measure::Serving;
use crate::work::{Kind, Work};

/// A table in Markdown. System calls are counted where there is `strace`, over so many calls.
pub(crate) fn table(calls: u32) -> Result<String> {
    let mut table = String::from(
        "### Bytes and system calls of an `add`, one in flight\n\n\
         | entrant | bytes there | bytes back | system calls, client | server |\n|---|---:|---:|---:|---:|\n",
    );
    for entrant in Entrant::ALL.iter().filter(|entrant| (entrant.does)(ADD)) {
        let (there, back) = bytes(*entrant)?;
        let counted =
            system_calls(*entrant, calls).map_or(["?".into(), "?".into()], |of| of.map(|of| format!("{of:.2}")));
        writeln!(table, "| {} | {there} | {back} | {} | {} |", entrant.title, counted[0], counted[1])?;
    }
    Ok(table)
}

const ADD: Kind = Kind::Add { connections: 1, in_flight: 1 };

/// There and back. What a connection costs is left out: only what further calls add is counted.
fn bytes(entrant: Entrant) -> Result<(u64, u64)> {
    let mut server = Serving::start(entrant, Work::named("add")?)?;
    let address = server.first_line()?;
    let (few, many) = (forwarded(entrant, &address, 100)?, forwarded(entrant, &address, 200)?);
    Ok(((many.0 - few.0) / 100, (many.1 - few.1) / 100))
}

/// Makes calls through a proxy, which counts bytes.
fn forwarded(entrant: Entrant, address: &str, calls: u64) -> Result<(u64, u64)> {
    let (before, port) = address.rsplit_once(':').context("no port")?;
    let proxy = TcpListener::bind("127.0.0.1:0")?;
    let through = format!("{before}:{}", proxy.local_addr()?.port());
    let server = TcpStream::connect(("127.0.0.1", port.parse()?))?;
    let counts = thread::spawn(move || forward(proxy.accept()?.0, server));
    (entrant.run)(&through, ADD, calls)?;
    Ok(counts.join().ok().context("the proxy panicked")??)
}

fn forward(client: TcpStream, server: TcpStream) -> io::Result<(u64, u64)> {
    let (from, to) = (client.try_clone()?, server.try_clone()?);
    let there = thread::spawn(move || copy(from, to));
    let back = copy(server, client)?;
    let there = there.join().map_err(|_| io::Error::other("the proxy panicked"))?;
    Ok((there?, back))
}

fn copy(mut from: TcpStream, mut to: TcpStream) -> io::Result<u64> {
    to.set_nodelay(true)?;
    let count = io::copy(&mut from, &mut to)?;
    // The other side may have gone already.
    to.shutdown(Shutdown::Write).ok();
    Ok(count)
}

/// Of the client and of the server, for each call; what a start and an end cost is part of it.
fn system_calls(entrant: Entrant, calls: u32) -> Result<[f64; 2]> {
    let files = ["client", "server"]
        .map(|side| env::temp_dir().join(format!("rpcgen-bench-{}-{side}.txt", std::process::id())));
    let traced = |file: &str| {
        let mut command = Command::new("strace");
        command.args(["-f", "-c", "-o", file]);
        env::current_exe().map(|program| command.arg(program)).map(|_| ())?;
        Ok::<_, anyhow::Error>(command)
    };
    let [client, server] = files.each_ref().map(|file| file.to_string_lossy().into_owned());
    let mut serving = Serving::start_as(traced(&server)?, entrant, Work::named("add")?)?;
    let address = serving.first_line()?;
    let mut command = traced(&client)?;
    command.args(["call", entrant.name, "add", &address, &calls.to_string()]);
    ensure!(command.stdout(Stdio::null()).status()?.success(), "the client failed");
    serving.end()?;
    let counted = files.each_ref().map(|file| total(&fs::read_to_string(file)?));
    files.iter().try_for_each(fs::remove_file)?;
    let [client, server] = counted;
    let made = f64::from(calls) + f64::from(calls.div_ceil(20));
    Ok([client? / made, server? / made])
}

/// The number of calls in the last line of what `strace -c` writes.
fn total(table: &str) -> Result<f64> {
    let line = table.lines().rev().find(|line| line.ends_with("total")).context("no total")?;
    // Percent, seconds, microseconds a call, calls, and errors where there are some.
    Ok(line.split_whitespace().nth(3).context("no number of calls")?.parse()?)
}
