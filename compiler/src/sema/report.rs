//! Findings that several passes make.

use super::{collect::Names, graph::Cycle};
use crate::{
    diag::{Code, Diagnostic},
    ir::ItemId,
};

/// Shows a circle: each declaration of it, at the place that leads to the next.
pub(super) fn cycle(code: Code, what: &str, leads: &str, names: &Names<'_>, cycle: &Cycle) -> Diagnostic {
    let name = |node: usize| names.items.get(node).map_or("", |item| item.name.text.as_str());
    let label = |from: usize, to: usize| format!("`{}` {leads} `{}`", name(from), name(to));
    let mut hops = cycle.hops.iter();
    let (first, edge) = match hops.next() {
        Some(hop) => *hop,
        None => return Diagnostic::placeless(code, "a circle"),
    };
    let message = format!("{what} `{}` {}", name(first), itself(leads, &way(cycle, &name)));
    let finding = Diagnostic::new(code, edge.at, message).label(label(first, edge.to));
    hops.fold(finding, |finding, (from, edge)| finding.other(edge.at, label(*from, edge.to)))
}

fn itself(leads: &str, way: &str) -> String {
    if way.matches('>').count() > 1 { format!("{leads} itself: {way}") } else { format!("{leads} itself") }
}

/// Such as `A -> B -> A`, with dots for what was left out.
fn way<'n>(cycle: &Cycle, name: &impl Fn(usize) -> &'n str) -> String {
    let mut parts: Vec<&str> = cycle.hops.iter().map(|(node, _)| name(*node)).collect();
    if cycle.left_out > 0 {
        parts.insert(parts.len() - 1, "…");
    }
    parts.extend(cycle.hops.first().map(|(node, _)| name(*node)));
    parts.join(" -> ")
}

/// The item at an index of a table that has one entry an item.
pub(super) fn id(index: usize) -> ItemId {
    ItemId(u32::try_from(index).unwrap_or(u32::MAX))
}
