//! Facts about types that depend on the same facts about their parts, in programs whose types may hold themselves.

use crate::ir::{Item, ItemId, Program};

/// What is known of every item.
pub(super) struct Known<T>(Vec<T>);

impl<T: Copy> Known<T> {
    /// What is known of one.
    pub(super) fn of(&self, id: ItemId) -> T {
        self.0[id.0 as usize]
    }
}

/// Starts with the same for all and works each out from what is known, until nothing changes.
///
/// `work_out` must only ever lead away from `start`. It goes forwards and backwards in turn, as items may be declared
/// before or after those that they are made of: a few rounds are enough for any interface that people write.
pub(super) fn fixpoint<T: Copy + PartialEq>(
    program: &Program,
    start: T,
    work_out: impl Fn(&Known<T>, &Item) -> T,
) -> Known<T> {
    let mut known = Known(vec![start; program.items.len()]);
    let improve = |at: usize, known: &mut Known<T>| {
        let fact = work_out(known, &program.items[at]);
        std::mem::replace(&mut known.0[at], fact) != fact
    };
    loop {
        let forwards = (0..program.items.len()).filter(|at| improve(*at, &mut known)).count();
        let backwards = (0..program.items.len()).rev().filter(|at| improve(*at, &mut known)).count();
        if forwards + backwards == 0 {
            return known;
        }
    }
}
