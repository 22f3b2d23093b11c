//! Enums and flags.

use super::Compare;
use super::numbered::{Entry, Event, events};
use super::report::{Place, titled};
use crate::diag::Code;
use crate::ir::{Enum, ItemId, ItemKind};

impl<'p> Compare<'p> {
    pub(super) fn enums(&mut self, a: ItemId, b: ItemId, old: &'p Enum, new: &'p Enum) {
        let place = Place::new(titled(self.new, b), self.old.item(a).location, self.new.item(b).location).of(a);
        if old.base != new.base {
            let (was, is) = (old.base.word(), new.base.word());
            self.changed(Code::BaseChanged, &place, format!("{} is `{is}` now, no longer `{was}`", place.what));
        }
        let was_enum = matches!(self.old.item(a).kind, ItemKind::Enum(_));
        let other_kind = was_enum != matches!(self.new.item(b).kind, ItemKind::Enum(_));
        if old.closed != new.closed {
            self.openness(&place, new.closed);
        } else if other_kind {
            self.other_kind(a, b, if old.closed { Code::KindChanged } else { Code::RustTypeChanged });
        }
        self.reserved(a, b, "", &old.reserved, &new.reserved);
        self.members(&place, old, new, !was_enum);
    }

    pub(super) fn openness(&mut self, place: &Place, closed: bool) {
        let is = if closed { "closed" } else { "open" };
        let was = if closed { "open" } else { "closed" };
        self.changed(Code::OpennessChanged, place, format!("{} is {is} now, and was {was}", place.what));
    }

    fn members(&mut self, owner: &Place, old: &'p Enum, new: &'p Enum, flags: bool) {
        let (before, after) = (entries(old), entries(new));
        let list = Numbered { owner, noun: "member", mark: "", closed: old.closed && new.closed, flags };
        for event in events(&before, &after, &new.reserved) {
            self.numbered(&list, event, &before, &after);
        }
    }
}

fn entries(of: &Enum) -> Vec<Entry<'_>> {
    let entries = of.members.iter().map(|member| Entry {
        name: &member.name,
        wire_name: &member.wire_name,
        number: member.value,
        location: member.location,
        deprecated: &member.deprecated,
    });
    entries.collect()
}

/// A list of members or variants that both versions have.
pub(super) struct Numbered<'a> {
    pub(super) owner: &'a Place,
    /// "member" or "variant".
    pub(super) noun: &'a str,
    /// What stands before a number.
    pub(super) mark: &'a str,
    pub(super) closed: bool,
    /// No code in Rust has to handle every member.
    pub(super) flags: bool,
}

impl Numbered<'_> {
    /// The place of one that both versions have.
    pub(super) fn both(&self, old: &Entry<'_>, new: &Entry<'_>) -> Place {
        let what = format!("{} `{}` of {}", self.noun, old.name, self.owner.what);
        Place { what, old: old.location, new: new.location, ..self.owner.clone() }
    }

    pub(super) fn gone(&self, old: &Entry<'_>) -> Place {
        Place { new: self.owner.new, ..self.both(old, old) }
    }

    pub(super) fn came(&self, new: &Entry<'_>) -> Place {
        Place { old: self.owner.old, ..self.both(new, new) }
    }
}

impl Compare<'_> {
    /// Says what became of a member or a variant.
    pub(super) fn numbered(&mut self, list: &Numbered<'_>, event: Event, old: &[Entry<'_>], new: &[Entry<'_>]) {
        match event {
            Event::Renamed(of, to) if list.closed => {
                let place = list.both(&old[of], &new[to]);
                let message = format!("{} is called `{}` now", place.what, new[to].name);
                self.changed(Code::ClosedChanged, &place, message);
            }
            Event::Same(of, to) | Event::Renamed(of, to) => self.kept(list, &old[of], &new[to]),
            Event::Renumbered(of, to) => self.renumbered(list, &old[of], &new[to]),
            Event::Removed(of, reserved) => self.lost(list, &old[of], reserved),
            Event::Added(to) => self.gained(list, &new[to]),
        }
    }

    /// The number is as it was; perhaps the name in Rust is not.
    fn kept(&mut self, list: &Numbered<'_>, old: &Entry<'_>, new: &Entry<'_>) {
        let place = list.both(old, new);
        if old.name != new.name {
            self.renamed(&place.what, (old.location, old.name), (new.location, new.name));
        }
        self.deprecation(&place.what, (old.location, old.deprecated), (new.location, new.deprecated));
    }

    pub(super) fn renumbered(&mut self, list: &Numbered<'_>, old: &Entry<'_>, new: &Entry<'_>) {
        let place = list.both(old, new);
        let (was, is) =
            (list.mark.to_owned() + &old.number.to_string(), list.mark.to_owned() + &new.number.to_string());
        self.changed(Code::Renumbered, &place, format!("{} is {is} now, no longer {was}", place.what));
    }

    fn lost(&mut self, list: &Numbered<'_>, old: &Entry<'_>, reserved: bool) {
        let place = list.gone(old);
        if list.closed {
            self.removed(Code::ClosedChanged, &place, format!("{} is gone", place.what));
        } else if reserved {
            self.removed(Code::MemberRemoved, &place, format!("{} is gone: those who send it first", place.what));
            self.removed(Code::Gone, &place, format!("{} is gone", place.what));
        } else {
            self.unreserved(list, old);
        }
    }

    pub(super) fn unreserved(&mut self, list: &Numbered<'_>, old: &Entry<'_>) {
        let place = list.gone(old);
        let message = format!("{} is gone, and {}{} is not reserved", place.what, list.mark, old.number);
        self.removed(Code::Unreserved, &place, message);
    }

    fn gained(&mut self, list: &Numbered<'_>, new: &Entry<'_>) {
        let place = list.came(new);
        if list.closed {
            self.added(Code::ClosedChanged, &place, format!("{} is new", place.what));
            return;
        }
        self.added(Code::MemberAdded, &place, format!("{} is new: those who receive it first", place.what));
        if !list.flags {
            let message = format!("{} is new: a `match` in Rust lacks it", place.what);
            self.added(Code::NewToHandle, &place, message);
        }
    }
}
