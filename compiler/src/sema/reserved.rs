//! Values and ordinals: distinct, in range, and none of them reserved.

use foldhash::{HashMap, HashMapExt as _};

use super::{eval::Evaluator, fit};
use crate::{
    ast::Reserved,
    diag::{Code, Diagnostic, Diagnostics},
    scalar::Scalar,
    source::Location,
};

/// The largest ordinal: three bits of a 16-bit key are kept for other things.
const LAST_ORDINAL: i128 = 8_191;

/// What the numbers of a declaration must keep to.
pub(super) struct Rule {
    /// `value` or `ordinal`.
    pub(super) word: &'static str,
    /// For ordinals, the first.
    pub(super) least: Option<i128>,
    /// For values, the type.
    pub(super) base: Option<Scalar>,
    /// What two equal ones are.
    pub(super) doubled: Code,
}

impl Rule {
    /// Whether a number is in range; reports it if not.
    pub(super) fn admits(&self, number: i128, at: Location, found: &mut Diagnostics) -> bool {
        let finding = match (self.least, self.base) {
            (Some(least), _) if !(least..=LAST_ORDINAL).contains(&number) => {
                let message = format!("{number} cannot be an ordinal");
                Diagnostic::new(Code::BadOrdinal, at, message).help(format!("ordinals are {least} to {LAST_ORDINAL}"))
            }
            (None, Some(base)) => match fit::in_range(base, number, at) {
                Ok(_) => return true,
                Err(finding) => finding,
            },
            _ => return true,
        };
        found.push(finding);
        false
    }
}

/// The reserved ranges of a declaration, ascending, none of them touching another's numbers.
pub(super) struct Ranges(Vec<(i128, i128, Location)>);

impl Ranges {
    /// Works out `reserved` entries; reports and leaves out those that are wrong.
    pub(super) fn read(
        with: &Evaluator<'_>,
        file: usize,
        entries: &[Reserved],
        rule: &Rule,
        found: &mut Diagnostics,
    ) -> Self {
        let mut ranges: Vec<_> = entries.iter().filter_map(|entry| range(with, file, entry, rule, found)).collect();
        ranges.sort_by_key(|(first, last, at)| (*first, *last, at.span));
        let mut kept: Vec<(i128, i128, Location)> = Vec::with_capacity(ranges.len());
        for (first, last, at) in ranges {
            match kept.last_mut() {
                Some(before) if before.1 >= first => {
                    found.push(overlap((first, last, at), *before));
                    before.1 = before.1.max(last);
                }
                _ => kept.push((first, last, at)),
            }
        }
        Self(kept)
    }

    /// Reports equal numbers and those that are reserved. Each comes with its place and whether it is certain.
    pub(super) fn check(&self, numbers: &[(Option<i128>, Location, bool)], rule: &Rule, found: &mut Diagnostics) {
        let mut first: HashMap<i128, Location> = HashMap::with_capacity(numbers.len());
        for (number, at, certain) in numbers {
            let (Some(number), true) = (*number, *certain) else { continue };
            if let Some(before) = first.get(&number) {
                let message = format!("the {} {number} is given twice", rule.word);
                found.push(Diagnostic::new(rule.doubled, *at, message).other(*before, "given here first"));
            } else {
                first.insert(number, *at);
            }
            if let Some(reserved) = self.holding(number) {
                let message = format!("the {} {number} is reserved", rule.word);
                found.push(Diagnostic::new(Code::ReservedUsed, *at, message).other(reserved, "reserved here"));
            }
        }
    }

    /// As [`check`](Self::check), for flags: a reserved power of two is a bit, which no member may hold.
    pub(super) fn check_flags(&self, numbers: &[(Option<i128>, Location, bool)], rule: &Rule, found: &mut Diagnostics) {
        self.check(numbers, rule, found);
        let bits: Vec<(i128, Location)> =
            (0..64).map(|bit| 1 << bit).filter_map(|bit| Some((bit, self.holding(bit)?))).collect();
        for (number, at, _) in numbers {
            let Some(number) = number.filter(|number| self.holding(*number).is_none()) else { continue };
            if let Some((bit, reserved)) = bits.iter().find(|(bit, _)| number & bit != 0) {
                let message = format!("the value {number:#x} holds the bit {bit:#x}, which is reserved");
                found.push(Diagnostic::new(Code::ReservedUsed, *at, message).other(*reserved, "reserved here"));
            }
        }
    }

    /// First and last of each range.
    pub(super) fn ranges(&self) -> Vec<(i128, i128)> {
        self.0.iter().map(|(first, last, _)| (*first, *last)).collect()
    }

    fn holding(&self, number: i128) -> Option<Location> {
        let after = self.0.partition_point(|(first, ..)| *first <= number);
        let (_, last, at) = self.0.get(after.checked_sub(1)?)?;
        (*last >= number).then_some(*at)
    }
}

fn range(
    with: &Evaluator<'_>,
    file: usize,
    entry: &Reserved,
    rule: &Rule,
    found: &mut Diagnostics,
) -> Option<(i128, i128, Location)> {
    let file_id = with.types.names.file_id(file);
    let mut number = |expr: &crate::ast::Expr| {
        let number = with.whole(file, expr, found)?;
        rule.admits(number, expr.span.within(file_id), found).then_some(number)
    };
    let first = number(&entry.first);
    let last = entry.last.as_ref().map_or(first, &mut number);
    let (first, last) = first.zip(last)?;
    let at = entry.span.within(file_id);
    if first > last {
        let message = format!("the range {first} to {last} is empty");
        found.push(Diagnostic::new(Code::BadReserved, at, message).help("the smaller number comes first"));
        return None;
    }
    Some((first, last, at))
}

/// The later entry in the text is the one that is wrong.
fn overlap(one: (i128, i128, Location), two: (i128, i128, Location)) -> Diagnostic {
    let (first, second) = if one.2.span < two.2.span { (one, two) } else { (two, one) };
    let message = "this is reserved already, all or in part";
    Diagnostic::new(Code::BadReserved, second.2, message).other(first.2, "reserved here")
}
