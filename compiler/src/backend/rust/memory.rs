//! How much memory values take in Rust, at most: enough to know which lints about size may fire.

use super::boxing::{Boxed, Place};
use crate::backend::fixpoint::{Known, fixpoint};
use crate::ir::{Field, Item, ItemId, ItemKind, Program, Type, Union};

/// No lint asks whether something is larger than this.
const CAP: u64 = 4096;

/// The memory of every item.
pub(super) struct Memory(Known<u64>);

impl Memory {
    pub(super) fn new(program: &Program) -> Self {
        Self(fixpoint(program, 0, |known, item| of_kind(known, program, item).min(CAP)))
    }

    /// The most bytes that an item's type takes on a machine with 64 bits, padding included.
    pub(super) fn of_item(&self, id: ItemId) -> u64 {
        self.0.of(id)
    }
}

fn of_kind(known: &Known<u64>, program: &Program, item: &Item) -> u64 {
    match &item.kind {
        ItemKind::Alias(alias) => of_type(known, program, &alias.ty, Place::Plain),
        ItemKind::Enum(_) | ItemKind::Flags(_) => 16,
        ItemKind::Struct(of) => of_fields(known, program, &of.fields),
        ItemKind::Table(of) => {
            let sizes = of
                .fields
                .iter()
                .map(|field| of_type(known, program, &field.field.ty, Place::field(field.field.recursive)));
            sizes.fold(0, u64::saturating_add)
        }
        ItemKind::Union(of) | ItemKind::Error(of) => of_union(known, program, of),
        ItemKind::Const(_) | ItemKind::Service(_) => 0,
    }
}

fn of_fields(known: &Known<u64>, program: &Program, fields: &[Field]) -> u64 {
    let sizes = fields.iter().map(|field| of_type(known, program, &field.ty, Place::field(field.recursive)));
    sizes.fold(0, u64::saturating_add)
}

/// The largest variant, with its tag; the one for what is not known holds a number and a vector.
fn of_union(known: &Known<u64>, program: &Program, union: &Union) -> u64 {
    let variants = union.variants.iter().map(|variant| {
        let parts = variant.payload.types();
        let sizes = parts.into_iter().map(|(ty, recursive)| of_type(known, program, ty, Place::payload(recursive)));
        sizes.fold(0, u64::saturating_add)
    });
    variants.fold(32, u64::max) + 8
}

fn of_type(known: &Known<u64>, program: &Program, ty: &Type, place: Place) -> u64 {
    if place.boxed(program, ty) != Boxed::No {
        return 8;
    }
    match ty {
        Type::Scalar(_) => 8,
        Type::Timestamp | Type::Duration => 16,
        Type::String { .. } | Type::Bytes { .. } | Type::List { .. } | Type::Map { .. } => 24,
        Type::Optional(inner) => of_type(known, program, inner, Place::Plain).saturating_add(8),
        Type::Array { element, len } => of_type(known, program, element, place).saturating_mul((*len).into()),
        Type::Item(id) => known.of(*id),
    }
}
