//! Which findings are shown, and in what order.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::{Code, Diagnostic, Diagnostics};
use crate::source::{FileId, SourceMap};

/// How many findings of one file are shown.
const MAX_SHOWN: usize = 100;

/// Sorted by file and place, those without a place first; at most 100 a file, errors before warnings, and then a count.
pub(super) fn arrange(diagnostics: &Diagnostics, sources: &SourceMap) -> Vec<Diagnostic> {
    let mut files: BTreeMap<Option<FileId>, Vec<&Diagnostic>> = BTreeMap::new();
    for found in diagnostics {
        let file = found.primary.as_ref().map(|primary| primary.location.file);
        files.entry(file).or_default().push(found);
    }
    files.into_iter().flat_map(|(file, found)| file_part(file, found, sources)).collect()
}

fn file_part(file: Option<FileId>, mut found: Vec<&Diagnostic>, sources: &SourceMap) -> Vec<Diagnostic> {
    found.sort_by_key(|one| (one.code == Code::TooMany, Reverse(one.code.severity()), place(one)));
    let counts = found.iter().filter(|one| one.code == Code::TooMany).count();
    let ordinary = found.len() - counts;
    let (shown, counted) = found.split_at(ordinary);
    let mut shown: Vec<Diagnostic> = shown.iter().take(MAX_SHOWN).map(|one| (*one).clone()).collect();
    shown.sort_by_key(place);
    shown.extend(counted.iter().map(|one| (*one).clone()));
    shown.extend((ordinary > MAX_SHOWN).then(|| left_out(ordinary - MAX_SHOWN, file, sources)));
    shown
}

fn place(found: &Diagnostic) -> Option<(u32, u32)> {
    found.primary.as_ref().map(|primary| (primary.location.span.lo, primary.location.span.hi))
}

fn left_out(count: usize, file: Option<FileId>, sources: &SourceMap) -> Diagnostic {
    let name = file.map(|file| format!(" in {}", sources.file(file).path.display())).unwrap_or_default();
    Diagnostic::placeless(Code::TooMany, format!("{count} more findings{name} are not shown"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Span;

    #[test]
    fn a_hundred_a_file_in_order_and_then_a_count() {
        let mut sources = SourceMap::default();
        let (a, b) = (sources.add("a.rpc", " ".repeat(200)), sources.add("b.rpc", String::new()));
        let at = |file, lo| Diagnostic::new(Code::Syntax, Span::new(lo, lo).within(file), lo.to_string());
        let mut all = Diagnostics::default();
        all.push(at(b, 0));
        all.extend((0..150).rev().map(|lo| at(a, lo)));
        all.push(Diagnostic::new(Code::UnusedImport, Span::new(3, 3).within(a), "hidden"));
        let messages: Vec<String> = arrange(&all, &sources).into_iter().map(|found| found.message).collect();
        assert_eq!(messages.len(), 102);
        assert_eq!(messages[..2], ["0", "1"]);
        assert_eq!(messages[100..], ["51 more findings in a.rpc are not shown", "0"]);
    }
}
