//! What memory the process has after each round, and whether it stays the same.
//!
//! Two things are measured. *Live* memory is what was asked of the allocator and not given back, to the byte: a leak shows
//! there. *Resident* memory is what the system has given: the program, stacks, and all that the allocator keeps for later.
//! How much that is depends on how threads and sizes happened to meet, and where the allocator has an arena for every few
//! threads it creeps for hours: so it has one here, which gives back what is large or lies at its end.

use std::env;
use std::process::Command;

use peak_alloc::PeakAlloc;

use crate::child::Usage;

#[global_allocator]
static LIVE: PeakAlloc = PeakAlloc;

/// How glibc keeps what was given back. Other C libraries have other ways, and do not know these.
const PINS: [(&str, &str); 3] =
    [("MALLOC_ARENA_MAX", "1"), ("MALLOC_MMAP_THRESHOLD_", "131072"), ("MALLOC_TRIM_THRESHOLD_", "131072")];

/// The fewest rounds after which memory is compared.
const COMPARED: usize = 40;

/// By how much memory may grow, in percent. A block of 16 bytes for each connection is 12 % of live memory in half a minute.
const MOST: [(&str, f64); 2] = [("live", 1.0), ("resident", 5.0)];

/// Whether the allocator is as it is to be. If not, this test of this program has run again, in a process where it is.
pub(crate) fn is_pinned(test: &str) -> bool {
    if PINS.iter().all(|(name, value)| env::var(name).is_ok_and(|is| is == *value)) {
        return true;
    }
    let mut again = Command::new(env::current_exe().expect("this program"));
    let run = again.args(["--exact", test, "--nocapture"]).envs(PINS).output().expect("runs");
    print!("{}", String::from_utf8_lossy(&run.stdout));
    eprint!("{}", String::from_utf8_lossy(&run.stderr));
    assert!(run.status.success(), "{}", run.status);
    false
}

/// Bytes after each round: live and resident ones.
#[derive(Default)]
pub(crate) struct Memory([Vec<u64>; 2]);

impl Memory {
    pub(crate) fn rounds(&self) -> usize {
        self.0[0].len()
    }

    /// Measures.
    pub(crate) fn note(&mut self) {
        // What is noted here is not of what is looked at.
        let own = self.0.iter().map(|noted| noted.capacity() * size_of::<u64>()).sum::<usize>();
        let live = LIVE.current_usage().saturating_sub(own) as u64;
        self.0[0].push(live);
        self.0[1].push(Usage::own().resident);
    }

    /// Memory is flat: what it was in the second quarter of the rounds at the least, it is in the last. The first is to warm up.
    /// What is more than the least comes and goes, as buffers and threads do.
    pub(crate) fn compare(&self) {
        if self.rounds() < COMPARED {
            println!("too few rounds to compare memory: see RPCGEN_SOAK_SECONDS");
            return;
        }
        let has_grown = MOST.iter().zip(&self.0).filter(|((name, most), all)| has_grown(name, *most, all));
        let has_grown: Vec<_> = has_grown.map(|((name, _), _)| name).collect();
        assert!(has_grown.is_empty(), "memory has grown: {has_grown:?}");
    }
}

fn has_grown(name: &str, most: f64, all: &[u64]) -> bool {
    let some = all.len() / 4;
    let (first, last) = (least(&all[some..2 * some]), least(&all[all.len() - some..]));
    let change = change(first, last);
    println!("{name} memory: {first} bytes after the warm-up, {last} at the end, {change:+.2} %: {:?}", sample(all));
    change > most
}

fn least(memory: &[u64]) -> u64 {
    memory.iter().copied().min().unwrap_or_default()
}

/// At most about twenty of them.
fn sample(memory: &[u64]) -> Vec<u64> {
    memory.iter().copied().step_by(memory.len() / 20 + 1).collect()
}

/// How much larger or smaller `last` is, in percent.
#[expect(clippy::cast_precision_loss, reason = "it is for comparing with a few percent")]
fn change(first: u64, last: u64) -> f64 {
    (last as f64 / first as f64 - 1.0) * 100.0
}
