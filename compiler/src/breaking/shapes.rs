//! The last word about a method: its shape.

use std::collections::HashSet;

use super::report::{About, Place};
use super::users::{inside, methods, of_method};
use super::{Compare, Level};
use crate::diag::Code;
use crate::ir::{ItemId, ItemKind, Method};

impl Compare<'_> {
    /// Reports each method whose shape is another though nothing in it seemed to be. Types that hold themselves can be
    /// written so that every value has the bytes it had, and the shapes differ all the same.
    pub(super) fn shapes(&mut self) {
        let (items, explained) = self.explained();
        let old = self.old;
        for (service, at, method) in methods(old) {
            let Some(partner) = self.partner_of(service, method) else { continue };
            let is_explained =
                explained.contains(&(service, at)) || of_method(method).iter().any(|id| items.contains(id));
            if partner.shape != method.shape && !is_explained {
                let what = format!("method `{}.{}`", old.item(service).name, method.name);
                let place = Place::new(what, method.location, partner.location);
                let message = format!("{} has another shape: its types hold themselves in another way", place.what);
                self.changed(Code::ShapeChanged, &place, message);
            }
        }
    }

    fn partner_of(&self, service: ItemId, method: &Method) -> Option<&Method> {
        match &self.new.item(self.partners.of(service)?).kind {
            ItemKind::Service(of) => of.methods.iter().find(|other| other.name == method.name),
            _ => None,
        }
    }

    /// What was said to break on the wire: the items in which something is, and the methods.
    fn explained(&self) -> (HashSet<ItemId>, HashSet<(ItemId, usize)>) {
        let wire = self.found.iter().filter(|found| Level::of(found.diagnostic.code) == Some(Level::Wire));
        let (mut items, mut methods) = (Vec::new(), HashSet::new());
        for found in wire {
            match found.about {
                About::Item(id) => items.push(id),
                About::Method(service, at) => drop(methods.insert((service, at))),
                About::Nothing => {}
            }
        }
        (self.holders(items), methods)
    }

    /// These items and all that hold them.
    fn holders(&self, mut waiting: Vec<ItemId>) -> HashSet<ItemId> {
        let mut outside = vec![Vec::new(); self.old.items.len()];
        for holder in (0..).map(ItemId).take(self.old.items.len()) {
            for id in inside(self.old, holder) {
                outside[id.0 as usize].push(holder);
            }
        }
        let mut found = HashSet::new();
        while let Some(id) = waiting.pop() {
            if found.insert(id) {
                waiting.extend(&outside[id.0 as usize]);
            }
        }
        found
    }
}
