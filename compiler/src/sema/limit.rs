//! Findings in the order of the text, and no more of one file than a person reads.

use std::collections::{HashMap, HashSet};

use crate::{
    diag::{Code, Diagnostic, Diagnostics},
    source::{FileId, Location},
};

/// How many findings of one file are shown.
const MOST: usize = 100;

/// Adds findings to those made before, sorted by place. Of a file with errors at most 100 are kept, the others counted.
pub(super) fn publish(found: Diagnostics, out: &mut Diagnostics) {
    let mut sorted: Vec<Diagnostic> = found.into_iter().collect();
    sorted.sort_by_key(place);
    // Nothing is lost where there are warnings only: a count is an error, and they are none.
    let erring: HashSet<FileId> = sorted.iter().filter(|finding| finding.is_error()).filter_map(file).collect();
    let mut shown = already_shown(out);
    let mut left_out: Vec<(Location, usize)> = Vec::new();
    for finding in sorted {
        match place(&finding).filter(|at| erring.contains(&at.file)) {
            Some(at) if shown.get(&at.file).is_some_and(|shown| *shown >= MOST) => count(&mut left_out, at),
            Some(at) => {
                *shown.entry(at.file).or_default() += 1;
                out.push(finding);
            }
            None => out.push(finding),
        }
    }
    out.extend(left_out.into_iter().map(|(at, count)| too_many(at, count)));
}

fn already_shown(out: &Diagnostics) -> HashMap<FileId, usize> {
    let mut shown = HashMap::new();
    for file in out.iter().filter_map(file) {
        *shown.entry(file).or_default() += 1;
    }
    shown
}

fn count(left_out: &mut Vec<(Location, usize)>, at: Location) {
    match left_out.last_mut() {
        Some((first, count)) if first.file == at.file => *count += 1,
        _ => left_out.push((at, 1)),
    }
}

fn too_many(first: Location, count: usize) -> Diagnostic {
    let message = format!("{count} more mistakes in this file are not shown");
    Diagnostic::new(Code::TooMany, first, message).label("the first of them")
}

fn place(finding: &Diagnostic) -> Option<Location> {
    finding.primary.as_ref().map(|label| label.location)
}

fn file(finding: &Diagnostic) -> Option<FileId> {
    place(finding).map(|at| at.file)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{SourceMap, Span};

    #[test]
    fn errors_are_sorted_and_counted_beyond_a_hundred() {
        let file = SourceMap::default().add("a.rpc", String::new());
        let finding = |at| Diagnostic::new(Code::UndefinedName, Span::new(at, at + 1).within(file), "x");
        let mut found = Diagnostics::default();
        found.extend((0..130).rev().map(finding));
        let mut out = Diagnostics::default();
        out.push(finding(1_000));
        publish(found, &mut out);
        let places: Vec<u32> = out.iter().filter_map(place).map(|at| at.span.lo).collect();
        assert_eq!(places.len(), 101);
        assert_eq!(places[1..100], (0..99).collect::<Vec<_>>());
        let last = out.iter().last().map(|last| (last.code, last.message.clone()));
        assert_eq!(last, Some((Code::TooMany, "31 more mistakes in this file are not shown".to_owned())));
    }

    #[test]
    fn warnings_alone_are_all_shown() {
        let file = SourceMap::default().add("a.rpc", String::new());
        let mut found = Diagnostics::default();
        found.extend((0..130).map(|at| Diagnostic::new(Code::UnusedImport, Span::new(at, at).within(file), "x")));
        let mut out = Diagnostics::default();
        publish(found, &mut out);
        assert_eq!((out.len(), out.has_errors()), (130, false));
    }
}
