//! `docs/performance.md`: what was measured, on what, and how to do it again.

use std::path::Path;
use std::process::Command;
use std::{env, fs};

use anyhow::{Context as _, Result};

/// Writes the page.
pub(crate) fn write(load: &str, tables: &[String]) -> Result<()> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/performance.md");
    let text = format!("{HEAD}\n{}\n{ABOUT}\n{}", machine(load)?, tables.join("\n"));
    fs::write(&file, text).with_context(|| format!("cannot write {}", file.display()))
}

const HEAD: &str = "\
# Performance

<!-- Written by the benchmarks. Do not edit. -->

```console
cargo run --release --manifest-path benches/Cargo.toml --features peers
```

measures all of this again, and writes this page. Times drift from run to run and from machine to machine: quote ratios, which are
to raw sockets in the same run, with the machine: [some depend on it](../benches/README.md#where-it-is-measured).
";

const ABOUT: &str = "
- Server and client are two processes, on loopback. Each entrant runs once, then each once more, and so on; the numbers are medians, with
  the lowest and the highest run.
- `raw` is blocking sockets of the standard library, with a length of four bytes before each message; `raw, tokio` is the same on tokio. Its
  calls in flight are a batch: one write, then reads until all answers are there. Its streams are numbers one after the other, in buffers of 64 KiB.
- `ours` is generated stubs, a `Channel` and a `ThreadServer` or, on tokio, an `AsyncChannel` and a `TokioServer` on one thread each, with
  the default options, but for messages of up to 65 MiB. Blocking, calls in flight are pipelined by one thread, or have a thread each; on tokio they
  have a task each. With busy polling both sides have `busy_poll: 50 µs`; it makes sense where there is a core for each.
  Read in place, the client looks at results where they were received, and the server's handler gives back what it was given (`Builder::views`); else both
  have values of their own, and the handler of bytes makes a copy of them.
- `tarpc` with bincode, `tonic` with messages of prost and `capnp-rpc` have a thread of tokio on each side, and a task for each call in flight. Their
  options are the defaults, but that messages may be as long as these are, that tonic and capnp-rpc have `TCP_NODELAY`, and that
  capnp-rpc, whose buffers are chosen by its user, has 64 KiB as raw sockets have. With larger windows and frames of HTTP/2, tonic's echo of 1 MiB is
  faster. capnp-rpc writes each message by itself, also with 64 in flight.
- Of the 100 records, tonic's client has prost's types before and after; all others have the interface's. capnp-rpc's makes its message of these, and these
  of the answer, while its server copies the list from message to message. Bytes that have arrived are read in place by tonic and capnp-rpc.
- CPU is the time of a processor that a call or an item takes, of the client + the server, warming up included: it depends less than the
  rate on what else the machine does. It is counted in hundredths of a second of a run. Memory is the most that each process had.
- An idle connection of `raw` keeps a buffer of 64 KiB; ours gives its buffers back.
";

/// What it was measured on.
fn machine(load: &str) -> Result<String> {
    let processor = fs::read_to_string("/proc/cpuinfo")?;
    let model = processor.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or_default();
    let cores = processor.lines().filter(|line| line.starts_with("processor")).count();
    let system = fs::read_to_string("/proc/sys/kernel/osrelease")?;
    let congestion = fs::read_to_string("/proc/sys/net/ipv4/tcp_congestion_control")?;
    Ok(format!(
        "| | |\n|---|---|\n| processor | {}, {cores} cores |\n| system | Linux {}, TCP congestion control {} |\n| compiler | {} |\n\
         | rpcgen | {} |\n| load before and after | {load} |\n",
        model.trim_start_matches(['\t', ' ', ':']),
        system.trim(),
        congestion.trim(),
        version("rustc", &["--version"]),
        env!("CARGO_PKG_VERSION"),
    ))
}

fn version(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    output.map_or("?".into(), |output| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// How many processes wanted a processor, over the last minute.
pub(crate) fn load() -> String {
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    load.split_whitespace().next().unwrap_or("?").to_owned()
}
