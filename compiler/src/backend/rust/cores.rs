//! Work on many things at once, on all cores.

use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, Builder, ScopedJoinHandle};

/// As much stack as a program's first thread has: what is parsed may nest.
const STACK: usize = 8 << 20;

/// What `work` makes of each thing, in their order, as if one were done after the other.
///
/// Each core takes the next thing when it is done with one, as some take much longer than others. Where the system gives
/// no more threads, fewer do it all.
pub(super) fn map<T: Sync, R: Send>(things: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let take = || {
        let at = next.fetch_add(1, Ordering::Relaxed);
        things.get(at).map(|thing| (at, work(thing)))
    };
    let share = || std::iter::from_fn(take).collect::<Vec<_>>();
    let cores = thread::available_parallelism().map_or(1, NonZero::get).min(things.len());
    let mut done = thread::scope(|scope| {
        let helper = |_| Builder::new().stack_size(STACK).spawn_scoped(scope, share).ok();
        let helpers: Vec<_> = (1..cores).filter_map(helper).collect();
        let own = share();
        own.into_iter().chain(helpers.into_iter().flat_map(joined)).collect::<Vec<_>>()
    });
    done.sort_unstable_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, result)| result).collect()
}

fn joined<T>(helper: ScopedJoinHandle<'_, T>) -> T {
    helper.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_stand_in_the_order_of_the_things() {
        let things: Vec<u64> = (0..1000).collect();
        let slow_at_first = |thing: &u64| (0..(1000 - thing) * 100).fold(*thing, |sum, more| sum ^ (more & 1));
        assert_eq!(map(&things, slow_at_first), things.iter().map(slow_at_first).collect::<Vec<_>>());
        assert!(map(&[], |_: &u64| 0).is_empty());
    }
}
