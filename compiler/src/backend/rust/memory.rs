//! How much memory values take in Rust, at most and at least: enough to know which lints about size may fire, and what
//! unpacking has to charge.

use super::boxing::{Boxed, Place};
use crate::backend::fixpoint::{Known, fixpoint};
use crate::ir::{Field, Item, ItemId, ItemKind, Program, TableField, Type, Union, Value};

/// Nobody asks whether something is larger than this: no limit on memory is.
const CAP: u64 = 1 << 40;

/// No lint asks whether something takes at least more than this. It is small because boxes are not looked at: in a circle
/// the least grows until here.
const LEAST_CAP: u64 = 4096;

/// The memory of every item.
pub(super) struct Memory {
    most: Known<u64>,
    least: Known<u64>,
    zero: Known<u64>,
}

impl Memory {
    pub(super) fn new(program: &Program) -> Self {
        let most = fixpoint(program, 0, |known, item| of_kind(known, program, item).min(CAP));
        let least = fixpoint(program, 0, |known, item| least_of_kind(known, item).min(LEAST_CAP));
        let zero = fixpoint(program, 0, |known, item| Zeros { program, most: &most, known }.of_kind(item).min(CAP));
        Self { most, least, zero }
    }

    /// The most bytes that an item's type takes on a machine with 64 bits, padding included.
    pub(super) fn most_of_item(&self, id: ItemId) -> u64 {
        self.most.of(id)
    }

    /// Bytes that a type takes at least.
    pub(super) fn least_of_type(&self, ty: &Type) -> u64 {
        least_of_type(&self.least, ty)
    }

    /// The most bytes that what a table's field holds where it is absent takes beside the field: boxes and text.
    pub(super) fn beside_absent(&self, program: &Program, field: &TableField) -> u64 {
        Zeros { program, most: &self.most, known: &self.zero }.of_table_field(field).min(CAP)
    }
}

/// What the zeros of types take beside themselves, as [`zero`](super::zero) makes them.
struct Zeros<'a> {
    program: &'a Program,
    most: &'a Known<u64>,
    known: &'a Known<u64>,
}

impl Zeros<'_> {
    fn of_kind(&self, item: &Item) -> u64 {
        let of_field = |field: &Field| self.of_type(&field.ty, Place::field(field.recursive));
        match &item.kind {
            ItemKind::Alias(alias) => self.of_type(&alias.ty, Place::Plain),
            ItemKind::Struct(of) => of.fields.iter().map(of_field).fold(0, u64::saturating_add),
            ItemKind::Table(of) => {
                of.fields.iter().map(|field| self.of_table_field(field)).fold(0, u64::saturating_add)
            }
            _ => 0,
        }
    }

    fn of_table_field(&self, TableField { field, default, .. }: &TableField) -> u64 {
        match default {
            Some(Value::String(text)) => text.len() as u64,
            _ => self.of_type(&field.ty, Place::field(field.recursive)),
        }
    }

    fn of_type(&self, ty: &Type, place: Place) -> u64 {
        if place.boxed(self.program, ty) == Boxed::Whole {
            let boxed = of_type(self.most, self.program, ty, Place::Plain);
            return self.of_type(ty, Place::Plain).saturating_add(boxed);
        }
        match ty {
            Type::Array { element, len } => self.of_type(element, place).saturating_mul((*len).into()),
            Type::Item(id) => self.known.of(*id),
            _ => 0,
        }
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

/// Without padding; an enum may be a byte, and its tag may lie in unused values of what it holds.
fn least_of_kind(known: &Known<u64>, item: &Item) -> u64 {
    let of_types =
        |types: &mut dyn Iterator<Item = &Type>| types.map(|ty| least_of_type(known, ty)).fold(0, u64::saturating_add);
    match &item.kind {
        ItemKind::Alias(alias) => least_of_type(known, &alias.ty),
        ItemKind::Enum(_) | ItemKind::Flags(_) => 1,
        ItemKind::Struct(of) => of_types(&mut of.fields.iter().map(|field| &field.ty)),
        ItemKind::Table(of) => of_types(&mut of.fields.iter().map(|field| &field.field.ty)),
        ItemKind::Union(of) | ItemKind::Error(of) => {
            let payloads = of.variants.iter().map(|variant| variant.payload.types());
            payloads.map(|types| of_types(&mut types.into_iter().map(|(ty, _)| ty))).fold(0, u64::max)
        }
        ItemKind::Const(_) | ItemKind::Service(_) => 0,
    }
}

fn least_of_type(known: &Known<u64>, ty: &Type) -> u64 {
    match ty {
        Type::Scalar(scalar) => scalar.size().into(),
        Type::Timestamp | Type::Duration => 12,
        Type::String { .. } | Type::Bytes { .. } | Type::List { .. } | Type::Map { .. } => 8,
        // In a circle, a box.
        Type::Optional(inner) => least_of_type(known, inner).min(8),
        Type::Array { element, len } => least_of_type(known, element).saturating_mul((*len).into()),
        Type::Item(id) => known.of(*id),
    }
}
