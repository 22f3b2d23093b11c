//! What is reserved stays reserved.

use super::Compare;
use super::numbered::Ranges;
use super::report::{Place, titled};
use crate::diag::Code;
use crate::ir::ItemId;

impl Compare<'_> {
    /// Says which numbers are not reserved any more; `mark` stands before an ordinal.
    pub(super) fn reserved(&mut self, a: ItemId, b: ItemId, mark: &str, old: &Ranges, new: &Ranges) {
        let gone: Vec<String> = minus(old, new).into_iter().map(|range| in_words(mark, range)).collect();
        self.reservation_gone(a, b, &gone);
    }

    pub(super) fn reservation_gone(&mut self, a: ItemId, b: ItemId, gone: &[String]) {
        if gone.is_empty() {
            return;
        }
        let owner = titled(self.new, b);
        let place = Place::new(owner, self.old.item(a).location, self.new.item(b).location).of(a);
        let message = format!("{} no longer reserves {}", place.what, gone.join(", "));
        self.changed(Code::ReservationGone, &place, message);
    }
}

fn in_words(mark: &str, (first, last): (i128, i128)) -> String {
    if first == last { format!("`{mark}{first}`") } else { format!("`{mark}{first}..{mark}{last}`") }
}

/// The numbers that are in one list of ranges and not in the other.
fn minus(from: &Ranges, what: &Ranges) -> Ranges {
    let (mut from, mut what) = (from.clone(), what.clone());
    from.sort_unstable();
    what.sort_unstable();
    let (mut left, mut at) = (Ranges::new(), 0);
    for (mut first, last) in from {
        while at < what.len() && what[at].1 < first {
            at += 1;
        }
        let mut next = at;
        while next < what.len() && what[next].0 <= last {
            if first < what[next].0 {
                left.push((first, what[next].0 - 1));
            }
            first = first.max(what[next].1 + 1);
            next += 1;
        }
        if first <= last {
            left.push((first, last));
        }
    }
    left
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn numbers(ranges: &Ranges) -> std::collections::BTreeSet<i128> {
        ranges.iter().flat_map(|(first, last)| *first..=*last).collect()
    }

    fn ranges() -> impl Strategy<Value = Ranges> {
        prop::collection::vec((0..4_i128, 1..4_i128), 0..6).prop_map(|steps| {
            let mut at = -1;
            let step = |(gap, length): (i128, i128)| {
                let first = at + 1 + gap;
                at = first + length - 1;
                (first, at)
            };
            steps.into_iter().map(step).collect()
        })
    }

    proptest! {
        #[test]
        fn what_is_left_is_the_difference_of_sets(from in ranges(), what in ranges()) {
            prop_assert_eq!(numbers(&minus(&from, &what)), &numbers(&from) - &numbers(&what));
        }
    }
}
