//! Unions and errors.

use super::Compare;
use super::enums::Numbered;
use super::fields::{List, Names};
use super::numbered::{Entry, Event, events};
use super::report::{Place, titled};
use super::tables::wide;
use crate::backend::idl;
use crate::diag::Code;
use crate::ir::{ItemId, ItemKind, Payload, Program, Union, Variant};

impl<'p> Compare<'p> {
    pub(super) fn unions(&mut self, a: ItemId, b: ItemId, old: &'p Union, new: &'p Union) {
        let owner = Place::new(titled(self.new, b), self.old.item(a).location, self.new.item(b).location).of(a);
        let was_error = matches!(self.old.item(a).kind, ItemKind::Error(_));
        if old.closed != new.closed {
            self.openness(&owner, new.closed);
        } else if was_error != matches!(self.new.item(b).kind, ItemKind::Error(_)) {
            self.other_kind(a, b, Code::RustTypeChanged);
        }
        let reserved = wide(&new.reserved);
        self.reserved(a, b, "@", &wide(&old.reserved), &reserved);
        self.variants(&owner, old, new);
    }

    fn variants(&mut self, owner: &Place, old: &'p Union, new: &'p Union) {
        let list = Numbered { owner, noun: "variant", mark: "@", closed: old.closed && new.closed, flags: false };
        let (before, after) = (entries(old), entries(new));
        for event in events(&before, &after, &wide(&new.reserved)) {
            self.numbered(&list, event, &before, &after);
            if let Event::Same(of, to) | Event::Renamed(of, to) = event {
                let place = list.both(&before[of], &after[to]);
                self.payload(&list, &place, &old.variants[of], &new.variants[to]);
            }
        }
    }

    /// What a variant carries. Braces and a type are different things, whatever their bytes.
    fn payload(&mut self, list: &Numbered<'_>, place: &Place, old: &'p Variant, new: &'p Variant) {
        match (&old.payload, &new.payload) {
            (Payload::None, Payload::None) => {}
            (Payload::Type { ty: of, .. }, Payload::Type { ty: to, .. }) => self.place(place, of, to),
            (Payload::Fields(of), Payload::Fields(to)) => {
                let fields = List {
                    owner: place.what.clone(),
                    noun: "field",
                    old: place.old,
                    new: place.new,
                    flow: place.flow,
                    about: place.about,
                    // What an open union holds is in no shape.
                    names: if list.closed { Names::Both } else { Names::Rust },
                };
                self.fields(&fields, of, to);
            }
            (of, to) => self.retyped(Code::TypeChanged, place, &in_words(self.old, of), &in_words(self.new, to)),
        }
    }
}

fn in_words(program: &Program, payload: &Payload) -> String {
    match payload {
        Payload::None => "nothing".to_owned(),
        Payload::Type { ty, .. } => idl::text(program, ty),
        Payload::Fields(_) => "{ … }".to_owned(),
    }
}

fn entries(of: &Union) -> Vec<Entry<'_>> {
    let entries = of.variants.iter().map(|variant| Entry {
        name: &variant.name,
        wire_name: &variant.wire_name,
        number: variant.ordinal.into(),
        location: variant.location,
        deprecated: &variant.deprecated,
    });
    entries.collect()
}
