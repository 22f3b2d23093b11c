//! `cargo run --release --manifest-path benches/Cargo.toml`: raw sockets and ours in the same run, alternated; medians,
//! spread, and the ratio to raw. See `benches/README.md`.

mod codecs;
mod costs;
mod entrant;
mod idle;
mod measure;
mod ours;
mod page;
#[cfg(feature = "peers")]
mod peers;
#[cfg(feature = "peers")]
mod proto;
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

fn main() -> Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        [] => measure_all(),
        ["smoke"] => Extent::SMOKE.tables().map(|tables| println!("{}", tables.join("\n"))),
        ["only", ref names @ ..] => only(names),
        ["serve", entrant, work] => measure::serve(Entrant::named(entrant)?, Work::named(work)?),
        ["call", entrant, work, address, count] => {
            measure::run(Entrant::named(entrant)?, Work::named(work)?, address, count.parse()?)
        }
        _ => anyhow::bail!(USAGE),
    }
}

const USAGE: &str = "\
no arguments measure everything, and write `docs/performance.md`; `smoke` does a little of everything; `only WORK…` measures
these; `serve ENTRANT WORK` and `call ENTRANT WORK ADDRESS COUNT` do one side";

/// How much is done.
struct Extent {
    /// How often each entrant does each work.
    runs: usize,
    /// Calls or items of a work, if it is not to say itself.
    count: Option<u64>,
    /// Calls of which system calls are counted.
    traced: u32,
    idle: usize,
    triangles: usize,
    rounds: u32,
}

impl Extent {
    const FULL: Self = Self { runs: 5, count: None, traced: 20_000, idle: 1_000, triangles: 125_000, rounds: 2_000 };
    /// So that nothing rots: no time of it means anything.
    const SMOKE: Self = Self { runs: 1, count: Some(2), traced: 2, idle: 2, triangles: 2, rounds: 2 };

    fn tables(&self) -> Result<Vec<String>> {
        let mut tables = WORKS.into_iter().map(|work| self.compare(work)).collect::<Result<Vec<_>>>()?;
        tables.extend([idle::table(self.idle)?, costs::table(self.traced)?]);
        tables.extend(codecs::compare(self.runs, self.triangles, self.rounds)?);
        Ok(tables)
    }

    fn compare(&self, work: Work) -> Result<String> {
        let mut report = Report::new(work);
        for _ in 0..self.runs {
            report.run(|entrant, work| measure::measure(entrant, work, self.count.unwrap_or(work.count)))?;
        }
        Ok(report.to_string())
    }
}

fn measure_all() -> Result<()> {
    let before = page::load();
    let tables = Extent::FULL.tables()?;
    page::write(&format!("{before}, {}", page::load()), &tables)
}

fn only(names: &[&str]) -> Result<()> {
    for work in WORKS.into_iter().filter(|work| names.contains(&work.name)) {
        println!("{}", Extent::FULL.compare(work)?);
    }
    Ok(())
}
