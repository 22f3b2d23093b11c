//! Traits that the types in Rust have no longer.

use super::Compare;
use super::report::{Place, titled};
use crate::backend::rust::derived;
use crate::diag::Code;
use crate::ir::ItemKind;

impl Compare<'_> {
    /// Reports each type that lost a trait, such as `Eq` when a float was put into it.
    pub(super) fn traits(&mut self) {
        let (before, after) = (derived(self.old), derived(self.new));
        for (a, b) in self.partners.all() {
            let (old, new) = (self.old.item(a), self.new.item(b));
            if matches!(old.kind, ItemKind::Const(_) | ItemKind::Alias(_) | ItemKind::Service(_)) {
                continue;
            }
            let has = &after[b.0 as usize];
            let lost: Vec<String> = before[a.0 as usize]
                .iter()
                .filter(|name| !has.contains(name))
                .map(|name| format!("`{name}`"))
                .collect();
            if !lost.is_empty() {
                let place = Place::new(titled(self.new, b), old.location, new.location);
                self.changed(Code::TraitLost, &place, format!("{} has no {} any more", place.what, lost.join(", ")));
            }
        }
    }
}
