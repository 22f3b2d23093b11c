//! Fields of structs and variants, parameters and results: frozen lists.

use std::collections::{HashMap, HashSet};

use super::Compare;
use super::report::{About, Flow, Place, titled};
use crate::diag::Code;
use crate::ir::{Field, ItemId, Struct};
use crate::source::Location;

/// A list of fields that both versions have.
pub(super) struct List<'a> {
    /// Such as "struct `Point`".
    pub(super) owner: String,
    /// "field", "parameter" or "result".
    pub(super) noun: &'a str,
    pub(super) old: Location,
    pub(super) new: Location,
    pub(super) flow: Flow,
    pub(super) about: About,
    /// What names are good for.
    pub(super) names: Names,
}

/// What the names of a list are good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Names {
    /// Peers compare them, and code in Rust has them.
    Both,
    /// Peers compare them.
    Wire,
    /// Code in Rust has them.
    Rust,
    /// Nothing: the only result of a method has no name on the wire, and in Rust no result has.
    Nothing,
}

impl List<'_> {
    fn place(&self, name: &str, old: Location, new: Location) -> Place {
        let what = format!("{} `{name}` of {}", self.noun, self.owner);
        Place { what, old, new, flow: self.flow, about: self.about }
    }
}

impl<'p> Compare<'p> {
    pub(super) fn structs(&mut self, a: ItemId, b: ItemId, old: &'p Struct, new: &'p Struct) {
        let list = List {
            owner: titled(self.new, b),
            noun: "field",
            old: self.old.item(a).location,
            new: self.new.item(b).location,
            flow: Flow::Any,
            about: About::Item(a),
            names: Names::Both,
        };
        self.fields(&list, &old.fields, &new.fields);
    }

    /// Compares two lists of fields, name by name.
    pub(super) fn fields(&mut self, list: &List<'_>, old: &'p [Field], new: &'p [Field]) {
        let partners = partners(old, new);
        self.order(list, &partners, old, new);
        for (field, partner) in old.iter().zip(&partners) {
            if let Some(partner) = partner.and_then(|at| new.get(at)) {
                self.field(list, field, partner);
            } else {
                let place = list.place(&field.name, field.location, list.new);
                self.removed(Code::FieldsChanged, &place, format!("{} is gone", place.what));
            }
        }
        let known: HashSet<usize> = partners.iter().flatten().copied().collect();
        for (_, field) in new.iter().enumerate().filter(|(at, _)| !known.contains(at)) {
            let place = list.place(&field.name, list.old, field.location);
            self.added(Code::FieldsChanged, &place, format!("{} is new", place.what));
        }
    }

    fn field(&mut self, list: &List<'_>, old: &'p Field, new: &'p Field) {
        let place = list.place(&old.name, old.location, new.location);
        if old.wire_name != new.wire_name && matches!(list.names, Names::Both | Names::Wire) {
            self.changed(Code::FieldsChanged, &place, format!("{} is called `{}` now", place.what, new.name));
        } else if old.name != new.name && matches!(list.names, Names::Both | Names::Rust) {
            self.renamed(&place.what, (old.location, &old.name), (new.location, &new.name));
        }
        self.place(&place, &old.ty, &new.ty);
        self.deprecation(&place.what, (old.location, &old.deprecated), (new.location, &new.deprecated));
    }

    /// Whether those that stayed are in the order in which they were. One finding a list is enough.
    fn order(&mut self, list: &List<'_>, partners: &[Option<usize>], old: &[Field], new: &[Field]) {
        let stayed: Vec<(usize, usize)> =
            partners.iter().enumerate().filter_map(|(at, partner)| Some((at, (*partner)?))).collect();
        let moved = stayed.windows(2).find(|pair| pair[1].1 < pair[0].1).map(|pair| pair[1]);
        if let Some((at, partner)) = moved {
            let place = list.place(&old[at].name, old[at].location, new[partner].location);
            self.changed(Code::FieldsChanged, &place, format!("{} stands in another place", place.what));
        }
    }
}

/// For each old field the place of its partner in the new list: the one of its name or else, if neither has a namesake, the
/// one in the same place.
fn partners(old: &[Field], new: &[Field]) -> Vec<Option<usize>> {
    let by_name: HashMap<&str, usize> = new.iter().enumerate().map(|(at, field)| (&*field.wire_name, at)).collect();
    let mut partners: Vec<Option<usize>> = old.iter().map(|field| by_name.get(&*field.wire_name).copied()).collect();
    let known: HashSet<usize> = partners.iter().flatten().copied().collect();
    for (at, partner) in partners.iter_mut().enumerate() {
        if partner.is_none() && at < new.len() && !known.contains(&at) {
            *partner = Some(at);
        }
    }
    partners
}
