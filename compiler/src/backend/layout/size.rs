//! How many bytes packed values take, at least and at most.

use std::fmt;

use crate::backend::fixpoint::{Known, fixpoint};
use crate::ir::{Item, ItemId, ItemKind, Payload, Program, Type, Union, Variant};

/// The packed sizes that a type's values may have, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Range {
    pub(super) min: u64,
    /// `None` where nothing bounds it.
    pub(super) max: Option<u64>,
}

impl Range {
    pub(super) const fn fixed(size: u64) -> Self {
        Self { min: size, max: Some(size) }
    }

    pub(super) fn is_fixed(self) -> bool {
        self.max == Some(self.min)
    }

    /// One after the other.
    pub(super) fn then(self, next: Self) -> Self {
        Self { min: self.min.saturating_add(next.min), max: add(self.max, next.max) }
    }

    /// `16 bytes`, `4 to 68 bytes`, `4 bytes or more`
    pub(super) fn in_words(self) -> String {
        let bytes = |count: u64| if count == 1 { "1 byte".to_owned() } else { format!("{count} bytes") };
        match self.max {
            Some(max) if max == self.min => bytes(max),
            Some(max) => format!("{} to {}", self.min, bytes(max)),
            None => format!("{} or more", bytes(self.min)),
        }
    }
}

/// `16`, `4-68`, `4+`
impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.max {
            Some(max) if max == self.min => write!(f, "{max}"),
            Some(max) => write!(f, "{}-{max}", self.min),
            None => write!(f, "{}+", self.min),
        }
    }
}

/// The most that every item can take; a type that holds itself has no most.
pub(super) struct Sizes(Known<Option<u64>>);

impl Sizes {
    pub(super) fn new(program: &Program) -> Self {
        Self(fixpoint(program, None, of_kind))
    }

    pub(super) fn of_item(&self, program: &Program, id: ItemId) -> Range {
        Range { min: program.item_size(id).min, max: self.0.of(id) }
    }

    pub(super) fn of_type(&self, program: &Program, ty: &Type) -> Range {
        Range { min: program.size(ty).min, max: of_type(&self.0, ty) }
    }
}

fn of_kind(known: &Known<Option<u64>>, item: &Item) -> Option<u64> {
    match &item.kind {
        ItemKind::Alias(of) => of_type(known, &of.ty),
        ItemKind::Enum(of) | ItemKind::Flags(of) => Some(of.base.size().into()),
        ItemKind::Struct(of) => of.fields.iter().map(|field| of_type(known, &field.ty)).fold(Some(0), add),
        ItemKind::Union(of) if of.closed => add(Some(2), largest(known, of)),
        // A newer version of the interface may have a larger variant, or more fields.
        ItemKind::Table(_) | ItemKind::Union(_) | ItemKind::Error(_) => None,
        ItemKind::Const(_) | ItemKind::Service(_) => Some(0),
    }
}

/// The most that the payload of a variant takes.
fn largest(known: &Known<Option<u64>>, of: &Union) -> Option<u64> {
    let payload = |variant: &Variant| match &variant.payload {
        Payload::None => Some(0),
        Payload::Type { ty, .. } => of_type(known, ty),
        Payload::Fields(fields) => fields.iter().map(|field| of_type(known, &field.ty)).fold(Some(0), add),
    };
    of.variants.iter().map(payload).try_fold(0, |most, size| Some(most.max(size?)))
}

fn of_type(known: &Known<Option<u64>>, ty: &Type) -> Option<u64> {
    match ty {
        Type::Scalar(scalar) => Some(scalar.size().into()),
        Type::Timestamp | Type::Duration => Some(8),
        Type::String { max } | Type::Bytes { max } => counted(*max, Some(1)),
        Type::List { element, max } => counted(*max, of_type(known, element)),
        Type::Map { key, value, max } => counted(*max, add(of_type(known, key), of_type(known, value))),
        Type::Array { element, len } => of_type(known, element).map(|size| size.saturating_mul((*len).into())),
        Type::Optional(inner) => add(Some(1), of_type(known, inner)),
        Type::Item(id) => known.of(*id),
    }
}

/// A count, and at most so many elements.
fn counted(max: u32, element: Option<u64>) -> Option<u64> {
    element.filter(|_| max != u32::MAX).map(|size| size.saturating_mul(max.into()).saturating_add(4))
}

fn add(one: Option<u64>, other: Option<u64>) -> Option<u64> {
    Some(one?.saturating_add(other?))
}
