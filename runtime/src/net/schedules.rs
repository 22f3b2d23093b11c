//! Runs a test under many orders of the steps of its threads.

use std::env;

use shuttle::scheduler::{PctScheduler, RandomScheduler};
use shuttle::{Config, FailurePersistence, MaxSteps, Runner};

/// Orders that are tried of each kind.
const SCHEDULES: usize = 100;

/// The most steps of a run.
const STEPS: usize = 100_000;

/// How many changes of priority a run of the second kind has: faults that need no more are likely to be found.
const DEPTH: usize = 3;

/// Runs `test` in random orders, and in such in which the thread of the highest priority runs, and a few times that changes.
/// `RPCGEN_SCHEDULES` says how many of each.
pub(super) fn check(test: impl Fn() + Send + Sync + Clone + 'static) {
    let most = env::var("RPCGEN_SCHEDULES").ok().and_then(|most| most.parse().ok()).unwrap_or(SCHEDULES);
    let mut config = Config::new();
    config.stack_size = 1 << 20;
    config.failure_persistence = FailurePersistence::None;
    config.max_steps = MaxSteps::FailAfter(STEPS);
    Runner::new(RandomScheduler::new(most), config.clone()).run(test.clone());
    // One that waits in a loop for another goes on for ever where it always comes first: that is no fault.
    config.max_steps = MaxSteps::ContinueAfter(STEPS);
    Runner::new(PctScheduler::new(DEPTH, most), config).run(test);
}
