//! `cargo run --release --manifest-path benches/Cargo.toml --bin compile`: how long big interfaces take to check and to
//! compile, and that the time grows as their length does. See `benches/README.md`.

// The tests' generator of big interfaces; it needs nothing but the standard library.
#[path = "../../../../tests/big.rs"]
mod big;
mod table;
mod work;

use std::path::PathBuf;
use std::process::ExitCode;
use std::{env, fs};

use anyhow::Result;
use table::Table;
use work::{Case, Work};

/// That of the command, part of which this program measures.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How long the interfaces are, in lines.
const LINES: [usize; 3] = [1_000, 10_000, 100_000];
/// How often each is measured, if no argument says so.
const RUNS: usize = 7;

fn main() -> Result<ExitCode> {
    let mut arguments = env::args_os().skip(1);
    match arguments.next() {
        // This program is also the command that it measures.
        Some(word) if word == "command" => work::command(arguments),
        runs => measure(runs.map_or(Ok(RUNS), |runs| runs.to_string_lossy().parse())?).map(|()| ExitCode::SUCCESS),
    }
}

fn measure(runs: usize) -> Result<()> {
    let folder = env::temp_dir().join(format!("rpcgen-bench-{}", std::process::id()));
    let measured = cases(&folder).and_then(|cases| tables(&cases, runs));
    fs::remove_dir_all(&folder)?;
    for table in measured? {
        println!("{table}");
    }
    Ok(())
}

fn cases(folder: &PathBuf) -> Result<Vec<Case>> {
    fs::create_dir_all(folder)?;
    LINES.into_iter().map(|lines| Case::new(folder, &big::interface(lines))).collect()
}

/// One table for each kind of work. Runs of all are alternated, as the speed of the machine drifts.
fn tables(cases: &[Case], runs: usize) -> Result<Vec<Table>> {
    let mut tables = Work::ALL.map(|work| Table::new(work.title(), cases));
    for _ in 0..runs {
        for (work, table) in Work::ALL.into_iter().zip(&mut tables) {
            for (row, case) in cases.iter().enumerate() {
                table.add(row, work.run(case)?);
            }
        }
    }
    Ok(tables.into())
}
