//! Tables.

use super::Compare;
use super::enums::Numbered;
use super::numbered::{Entry, Event, events};
use super::report::{Place, titled};
use crate::diag::Code;
use crate::ir::{ItemId, Table, TableField, Type};

impl<'p> Compare<'p> {
    pub(super) fn tables(&mut self, a: ItemId, b: ItemId, old: &'p Table, new: &'p Table) {
        let owner = Place::new(titled(self.new, b), self.old.item(a).location, self.new.item(b).location).of(a);
        let list = Numbered { owner: &owner, noun: "field", mark: "@", closed: false, flags: false };
        let reserved = wide(&new.reserved);
        self.reserved(a, b, "@", &wide(&old.reserved), &reserved);
        let (before, after) = (entries(old), entries(new));
        for event in events(&before, &after, &reserved) {
            match event {
                Event::Same(of, to) | Event::Renamed(of, to) => {
                    self.table_field(&list.both(&before[of], &after[to]), &old.fields[of], &new.fields[to]);
                }
                Event::Renumbered(of, to) => self.renumbered(&list, &before[of], &after[to]),
                Event::Removed(of, false) => self.unreserved(&list, &before[of]),
                Event::Removed(of, true) => {
                    let place = list.gone(&before[of]);
                    self.removed(Code::Gone, &place, format!("{} is gone", place.what));
                }
                Event::Added(to) => {
                    let place = list.came(&after[to]);
                    let message = format!("{} is new: a literal in Rust without `..` lacks it", place.what);
                    self.added(Code::NewToHandle, &place, message);
                }
            }
        }
    }

    fn table_field(&mut self, place: &Place, old: &'p TableField, new: &'p TableField) {
        let (of, to) = (&old.field, &new.field);
        if of.name != to.name {
            self.renamed(&place.what, (of.location, &of.name), (to.location, &to.name));
        }
        let (was, is) = (self.old.peel(&of.ty), self.new.peel(&to.ty));
        match (was, is) {
            (Type::Optional(_), Type::Optional(_)) => self.place(place, &of.ty, &to.ty),
            (Type::Optional(inner), _) => self.optional(place, (inner, &to.ty), false),
            (_, Type::Optional(inner)) => self.optional(place, (&of.ty, inner), true),
            _ => self.place(place, &of.ty, &to.ty),
        }
        let both_plain = !matches!(was, Type::Optional(_)) && !matches!(is, Type::Optional(_));
        if both_plain && !self.same_default(old, new) {
            self.changed(Code::DefaultChanged, place, format!("{} has another default", place.what));
        }
        self.deprecation(&place.what, (of.location, &of.deprecated), (to.location, &to.deprecated));
    }

    /// An optional field of a table has no byte of its own, so only those who may leave it out, and those who read what is
    /// not there, are concerned.
    fn optional(&mut self, place: &Place, (old, new): (&'p Type, &'p Type), is_optional: bool) {
        let before = self.found.len();
        self.place(place, old, new);
        if self.found[before..].iter().any(|found| found.diagnostic.code == Code::TypeChanged) {
            return;
        }
        let (how, first) = if is_optional {
            ("may be absent now", "those who receive it first")
        } else {
            ("is always there now", "those who send it first")
        };
        self.changed(Code::OptionalChanged, place, format!("{} {how}: {first}", place.what));
        self.changed(Code::RustTypeChanged, place, format!("{} {how}: its type in Rust is another", place.what));
    }

    fn same_default(&self, old: &TableField, new: &TableField) -> bool {
        match (&old.default, &new.default) {
            (Some(old), Some(new)) => self.same_value(old, new),
            (None, None) => true,
            (Some(old), None) => self.old.is_zero(old),
            (None, Some(new)) => self.new.is_zero(new),
        }
    }
}

fn entries(of: &Table) -> Vec<Entry<'_>> {
    let entries = of.fields.iter().map(|TableField { field, ordinal, .. }| Entry {
        name: &field.name,
        wire_name: &field.wire_name,
        number: (*ordinal).into(),
        location: field.location,
        deprecated: &field.deprecated,
    });
    entries.collect()
}

/// Ranges of ordinals, as numbers of any kind.
pub(super) fn wide(ranges: &[(u16, u16)]) -> Vec<(i128, i128)> {
    ranges.iter().map(|(first, last)| ((*first).into(), (*last).into())).collect()
}
