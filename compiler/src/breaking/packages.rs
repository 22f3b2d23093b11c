//! Packages, and declarations that are gone.

use super::Compare;
use super::report::{About, Place, titled};
use crate::diag::{Code, Diagnostic};
use crate::ir::{ItemId, ItemKind, PackageId, Program, Service};

impl Compare<'_> {
    /// Begins with what has the same name, and says which packages and services have another.
    pub(super) fn packages(&mut self) {
        self.waiting = self.partners.all();
        for of in (0..).map(PackageId).take(self.old.packages.len()) {
            if let Some(to) = self.partners.package(of) {
                self.package(of, to);
                self.services_of(of, to);
            }
        }
    }

    fn package(&mut self, of: PackageId, to: PackageId) {
        let (old, new) = (self.old.package(of), self.new.package(to));
        if old.name == new.name {
            return;
        }
        let pairs = old.items.iter().filter_map(|id| Some((*id, self.partners.of(*id)?)));
        let breaks = pairs.filter_map(|(a, b)| service(self.old, a).zip(service(self.new, b))).any(numbers_differ);
        let what = format!("package `{}`", old.name);
        if breaks {
            let place = Place::new(what, old.location, new.location);
            let message = format!("{} is called `{}` now, so its methods have other numbers", place.what, new.name);
            self.changed(Code::ServiceGone, &place, message);
        } else {
            self.renamed(&what, (old.location, &old.name), (new.location, &new.name));
        }
    }

    /// What became of the services of a package that have no namesake.
    fn services_of(&mut self, of: PackageId, to: PackageId) {
        let mut free: Vec<(ItemId, &Service)> = self
            .new
            .package(to)
            .items
            .iter()
            .copied()
            .filter(|id| self.partners.back(*id).is_none())
            .filter_map(|id| Some((id, service(self.new, id)?)))
            .collect();
        for id in &self.old.package(of).items {
            let Some(old) = service(self.old, *id).filter(|_| self.partners.of(*id).is_none()) else { continue };
            match free.iter().position(|(_, new)| have_much_in_common(old, new)) {
                Some(at) => self.service_renamed((*id, old), free.swap_remove(at)),
                None => self.service_gone(*id, self.new.package(to).location),
            }
        }
        for (id, _) in free {
            let place = Place::new(titled(self.new, id), self.old.package(of).location, self.new.item(id).location);
            self.added(Code::MethodAdded, &place, format!("{} is new: servers first", place.what));
        }
    }

    fn service_renamed(&mut self, (a, of): (ItemId, &Service), (b, to): (ItemId, &Service)) {
        self.partners.pair(a, b);
        self.waiting.push((a, b));
        let (old, new) = (self.old.item(a), self.new.item(b));
        let place = Place::new(titled(self.old, a), old.location, new.location);
        if numbers_differ((of, to)) {
            let message = format!("{} is called `{}` now, so its methods have other numbers", place.what, new.name);
            self.changed(Code::ServiceGone, &place, message);
        } else {
            self.renamed(&place.what, (old.location, &old.name), (new.location, &new.name));
        }
    }

    fn service_gone(&mut self, id: ItemId, new: crate::source::Location) {
        let place = Place::new(titled(self.old, id), self.old.item(id).location, new);
        self.removed(Code::ServiceGone, &place, format!("{} is gone", place.what));
    }

    /// Says what has no partner, now that all are known.
    pub(super) fn gone(&mut self) {
        for id in (0..).map(ItemId).take(self.old.items.len()) {
            let item = self.old.item(id);
            if self.partners.of(id).is_some() {
                continue;
            }
            match self.partners.package(item.package) {
                Some(_) if service(self.old, id).is_some() => {}
                Some(to) => {
                    let place = Place::new(titled(self.old, id), item.location, self.new.package(to).location);
                    self.removed(Code::Gone, &place, format!("{} is gone", place.what));
                }
                // Nothing is left of the package: there is only the old place to show.
                None => {
                    let code = if service(self.old, id).is_some() { Code::ServiceGone } else { Code::Gone };
                    let message = format!("{} is gone with its package", titled(self.old, id));
                    self.push(About::Nothing, Diagnostic::new(code, item.location, message).label("it was here"));
                }
            }
        }
    }
}

fn service(program: &Program, id: ItemId) -> Option<&Service> {
    match &program.item(id).kind {
        ItemKind::Service(of) => Some(of),
        _ => None,
    }
}

/// Whether methods of the same name have other numbers.
pub(super) fn numbers_differ((old, new): (&Service, &Service)) -> bool {
    let numbers: std::collections::HashMap<&str, u32> =
        new.methods.iter().map(|method| (&*method.name, method.number)).collect();
    old.methods.iter().any(|method| numbers.get(&*method.name).is_some_and(|number| *number != method.number))
}

/// Whether at least half of the methods are those of the other service, by name.
fn have_much_in_common(old: &Service, new: &Service) -> bool {
    let names: std::collections::HashSet<&str> = new.methods.iter().map(|method| &*method.name).collect();
    let shared = old.methods.iter().filter(|method| names.contains(&*method.name)).count();
    shared > 0 && shared * 2 >= old.methods.len()
}
