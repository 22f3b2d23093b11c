//! `cargo run --release --manifest-path benches/Cargo.toml`: raw sockets and ours in the same run, alternated; prints
//! medians, spread, and the ratio to raw. See `benches/README.md`.

mod entrant;
mod measure;
mod ours;
mod raw;
mod report;
mod runtime;
mod users;
mod work;

mod stubs {
    rpcgen_runtime::include_stubs!();
}

use std::env;

use anyhow::Result;
use entrant::Entrant;
use report::Report;
use work::{WORKS, Work};

/// How often each entrant does each work.
const RUNS: usize = 7;

fn main() -> Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        [] => compare(&WORKS, RUNS, |work| work.count),
        ["smoke"] => compare(&WORKS, 1, |_| 2),
        ["only", ref names @ ..] => {
            let works: Vec<_> = WORKS.into_iter().filter(|work| names.contains(&work.name)).collect();
            compare(&works, RUNS, |work| work.count)
        }
        ["serve", entrant, work] => (Entrant::named(entrant)?.serve)(Work::named(work)?.kind),
        ["call", entrant, work, address, count] => {
            measure::run(Entrant::named(entrant)?, Work::named(work)?, address, count.parse()?)
        }
        _ => anyhow::bail!(USAGE),
    }
}

const USAGE: &str = "\
no arguments measure everything; `smoke` does a little of everything; `only WORK…` measures these;
`serve ENTRANT WORK` and `call ENTRANT WORK ADDRESS COUNT` do one side";

fn compare(works: &[Work], runs: usize, count: impl Fn(Work) -> u64) -> Result<()> {
    for work in works {
        let mut report = Report::new(*work);
        for _ in 0..runs {
            report.run(|entrant, work| measure::measure(entrant, work, count(work)))?;
        }
        println!("{report}");
    }
    Ok(())
}
