//! `cargo run --release --manifest-path benches/Cargo.toml`: `add` over loopback, raw sockets and ours in the same run,
//! alternated; prints medians, spread, and the ratio to raw. See `benches/README.md`.

mod entrants;
mod ours;
mod raw;
mod report;

use std::env;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, Result};
use entrants::{Entrant, Work, pin};
use report::Report;

/// How often each entrant does each work.
const RUNS: usize = 7;

fn main() -> Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        [] => measure_all(),
        ["serve", entrant] => Entrant::named(entrant)?.serve(),
        ["call", entrant, address, count] => Entrant::named(entrant)?.run(address, Work::OneInFlight, count.parse()?),
        _ => anyhow::bail!("no arguments measure everything; `serve ENTRANT` and `call ENTRANT ADDRESS COUNT` do one side"),
    }
}

fn measure_all() -> Result<()> {
    for work in Work::ALL {
        let mut report = Report::new(work);
        for _ in 0..RUNS {
            for entrant in Entrant::ALL {
                report.add(entrant, measure(entrant, work)?);
            }
        }
        println!("{report}");
    }
    Ok(())
}

/// Calls a second, of a client in this process and a server in another.
fn measure(entrant: Entrant, work: Work) -> Result<f64> {
    pin(work.server_core())?;
    let mut server = serve(entrant)?;
    pin(0)?;
    let address = first_line(&mut server)?;
    entrant.run(&address, work, work.count() / 20)?;
    let started = std::time::Instant::now();
    entrant.run(&address, work, work.count())?;
    let seconds = started.elapsed().as_secs_f64();
    server.kill()?;
    server.wait()?;
    Ok(f64::from(work.count()) / seconds)
}

fn serve(entrant: Entrant) -> Result<Child> {
    let mut server = Command::new(env::current_exe()?);
    Ok(server.args(["serve", entrant.name()]).stdout(Stdio::piped()).spawn()?)
}

fn first_line(server: &mut Child) -> Result<String> {
    let mut line = String::new();
    BufReader::new(server.stdout.take().context("no output")?).read_line(&mut line)?;
    Ok(line.trim().to_owned())
}
