//! Members, variants and a table's fields: what has a number that travels.

use std::collections::HashMap;

use crate::source::Location;

/// One of them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry<'p> {
    pub(super) name: &'p str,
    /// Its name in shape texts.
    pub(super) wire_name: &'p str,
    pub(super) number: i128,
    pub(super) location: Location,
    pub(super) deprecated: &'p Option<String>,
}

/// What became of one. The numbers are places in the two lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Event {
    /// Number and name are as they were.
    Same(usize, usize),
    /// The number has another name, which is that of no other number.
    Renamed(usize, usize),
    /// The name has another number.
    Renumbered(usize, usize),
    /// The number is gone, and perhaps reserved.
    Removed(usize, bool),
    /// The number is new.
    Added(usize),
}

/// Ranges of reserved numbers, each inclusive.
pub(super) type Ranges = Vec<(i128, i128)>;

/// A list by name and by number.
struct Index<'p> {
    by_name: HashMap<&'p str, usize>,
    by_number: HashMap<i128, usize>,
}

impl<'p> Index<'p> {
    fn new(list: &[Entry<'p>]) -> Self {
        let by_name = list.iter().enumerate().map(|(at, one)| (one.wire_name, at)).collect();
        let by_number = list.iter().enumerate().map(|(at, one)| (one.number, at)).collect();
        Self { by_name, by_number }
    }
}

/// What became of each entry of the old list, then what is new.
///
/// A name whose old number is reserved did not move: its number was retired, and it was given a new one.
pub(super) fn events(old: &[Entry<'_>], new: &[Entry<'_>], reserved: &Ranges) -> Vec<Event> {
    let mut reserved = reserved.clone();
    reserved.sort_unstable();
    let (before, after) = (Index::new(old), Index::new(new));
    let moved_to = |one: &Entry<'_>| {
        let at = *after.by_name.get(one.wire_name)?;
        (new[at].number != one.number && !is_in(&reserved, one.number)).then_some(at)
    };
    let moved_from =
        |one: &Entry<'_>| before.by_name.get(one.wire_name).is_some_and(|at| moved_to(&old[*at]).is_some());
    let of_old = old.iter().enumerate().filter_map(|(at, one)| {
        if let Some(to) = moved_to(one) {
            return Some(Event::Renumbered(at, to));
        }
        match after.by_number.get(&one.number) {
            None => Some(Event::Removed(at, is_in(&reserved, one.number))),
            Some(to) if new[*to].wire_name == one.wire_name => Some(Event::Same(at, *to)),
            // The other name came from another number: that is said there.
            Some(to) if moved_from(&new[*to]) => None,
            Some(to) => Some(Event::Renamed(at, *to)),
        }
    });
    let is_new = |one: &Entry<'_>| !before.by_number.contains_key(&one.number) && !moved_from(one);
    let added = new.iter().enumerate().filter(|(_, one)| is_new(one)).map(|(at, _)| Event::Added(at));
    of_old.chain(added).collect()
}

/// The ranges are sorted, and do not overlap.
fn is_in(ranges: &Ranges, number: i128) -> bool {
    let at = ranges.partition_point(|(first, _)| *first <= number);
    ranges[..at].last().is_some_and(|(_, last)| number <= *last)
}
