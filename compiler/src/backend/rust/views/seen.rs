//! How a view sees each type.

use crate::backend::fixpoint::{Known, fixpoint};
use crate::backend::rust::boxing::{Boxed, Place};
use crate::ir::{Field, Item, ItemId, ItemKind, Program, Type};

/// How many lists, maps and optionals may stand in one another, by aliases too, in what is read in place: as many as a type may
/// nest that is written out. So no type of a view is much longer than what an interface may say.
const MOST_NESTED: u32 = 32;

/// How a view sees a value.
pub(in crate::backend::rust) enum Seen<'a> {
    /// As it is: it is of fixed size.
    Value,
    /// Unpacked, as ever.
    Whole,
    Text {
        max: u32,
    },
    Bytes {
        max: u32,
    },
    List {
        element: &'a Type,
        max: u32,
    },
    Map {
        key: &'a Type,
        value: &'a Type,
        max: u32,
    },
    Optional(&'a Type),
    /// An optional that leads back to what holds it: read when it is asked for.
    OnDemand(&'a Type),
    /// A declared type: by its view, or unpacked if it has none.
    Item(ItemId),
}

/// What is known of the types of a program.
pub(in crate::backend::rust) struct Views {
    /// Of aliases: how deep what they stand for nests.
    depths: Known<u32>,
    /// Of structs: whether a view of one borrows.
    borrowing: Known<bool>,
}

impl Views {
    pub(in crate::backend::rust) fn new(program: &Program) -> Self {
        let depths = fixpoint(program, 0, |known, item| match &item.kind {
            ItemKind::Alias(alias) => depth(known, program, &alias.ty),
            _ => 0,
        });
        let borrowing = fixpoint(program, false, |known, item| borrows_any(&depths, known, program, item));
        Self { depths, borrowing }
    }

    /// Whether an item has a view type of its own; any other type is its own view.
    pub(in crate::backend::rust) fn has_type(&self, id: ItemId) -> bool {
        self.borrowing.of(id)
    }

    /// Whether a view of a type borrows anything.
    pub(in crate::backend::rust) fn borrows(&self, program: &Program, ty: &Type) -> bool {
        borrows(&self.depths, &self.borrowing, program, ty, Place::Plain)
    }

    pub(in crate::backend::rust) fn seen<'a>(&self, program: &'a Program, ty: &'a Type, place: Place) -> Seen<'a> {
        seen(&self.depths, program, ty, place)
    }
}

/// How many lists, maps and optionals stand in one another; more than may be for an array of what varies in size.
fn depth(known: &Known<u32>, program: &Program, ty: &Type) -> u32 {
    let inner = match ty {
        Type::Item(id) => return known.of(*id),
        _ if program.size(ty).fixed => return 0,
        Type::Array { .. } => MOST_NESTED,
        Type::List { element: inner, .. } | Type::Optional(inner) => depth(known, program, inner),
        Type::Map { value, .. } => depth(known, program, value),
        _ => return 0,
    };
    // Enough is enough, so that what is worked out comes to an end.
    inner.min(MOST_NESTED) + 1
}

fn borrows_any(depths: &Known<u32>, known: &Known<bool>, program: &Program, item: &Item) -> bool {
    let ItemKind::Struct(of) = &item.kind else { return false };
    let borrows = |field: &Field| borrows(depths, known, program, &field.ty, Place::field(field.recursive));
    of.fields.iter().any(borrows)
}

fn borrows(depths: &Known<u32>, known: &Known<bool>, program: &Program, ty: &Type, place: Place) -> bool {
    match seen(depths, program, ty, place) {
        Seen::Value | Seen::Whole => false,
        Seen::Optional(inner) => borrows(depths, known, program, inner, Place::Plain),
        Seen::Item(id) => known.of(id),
        _ => true,
    }
}

fn seen<'a>(depths: &Known<u32>, program: &'a Program, ty: &'a Type, place: Place) -> Seen<'a> {
    let boxed = place.boxed(program, ty);
    match program.peel(ty) {
        _ if boxed == Boxed::Whole => Seen::Whole,
        _ if program.size(ty).fixed => Seen::Value,
        _ if depth(depths, program, ty) > MOST_NESTED => Seen::Whole,
        Type::String { max } => Seen::Text { max: *max },
        Type::Bytes { max } => Seen::Bytes { max: *max },
        Type::List { element, max } => Seen::List { element, max: *max },
        Type::Map { key, value, max } => Seen::Map { key, value, max: *max },
        Type::Optional(inner) if boxed == Boxed::InOption => Seen::OnDemand(inner),
        Type::Optional(inner) => Seen::Optional(inner),
        Type::Item(id) => Seen::Item(*id),
        Type::Array { .. } | Type::Scalar(_) | Type::Timestamp | Type::Duration => Seen::Whole,
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use crate::backend::rust::Options;
    use crate::load::MemoryReader;
    use crate::{Input, compile};

    #[test]
    fn what_nests_too_deep_by_aliases_is_unpacked() {
        let mut text = "package a; alias A0 = list<string>;\n".to_owned();
        for at in 1..60 {
            writeln!(text, "alias A{at} = list<A{}>;", at - 1).unwrap();
        }
        text += "struct Deep { deepest: A59, deeper: A32, deep: A31, text: string }";
        let reader = MemoryReader::default().with("a.rpc", text);
        let input = Input { roots: vec!["a.rpc".into()], ..Input::default() };
        let options = Options { views: vec!["a".to_owned()], ..Options::default() };
        let made = compile(&input, &reader, &options).unwrap().files.remove("a.rs").unwrap();
        let (_, view) = made.split_once("pub struct DeepView<'a> {").unwrap();
        assert!(view.starts_with("\n    deepest: A59,\n    deeper: A32,\n    deep: stub::ListView<"), "{view}");
    }
}
