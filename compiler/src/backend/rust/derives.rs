//! Which traits can be derived for each type of the program.
//!
//! A type has a trait when all that it holds have it. Types may hold themselves, so every type starts with every trait
//! and loses what its parts do not have, until nothing changes.

use super::boxing::{Boxed, Place};
use crate::backend::fixpoint::{Known, fixpoint};
use crate::ir::{Field, Item, ItemId, ItemKind, Program, Scalar, Type};

/// A set of traits; `Ord` stands for `PartialOrd` too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "it is a set of traits")]
pub(super) struct Traits {
    pub(super) copy: bool,
    pub(super) eq: bool,
    pub(super) hash: bool,
    pub(super) ord: bool,
    pub(super) default: bool,
    /// There is a value for where nothing is said, though perhaps not by `Default`: the standard library has that neither
    /// for times nor for large arrays. Declared types that have such a value have `Default`, derived or written out.
    pub(super) zero: bool,
}

/// The traits of every item.
pub(super) struct Derives(Known<Traits>);

impl Derives {
    pub(super) fn new(program: &Program) -> Self {
        Self(fixpoint(program, Traits::ALL, |known, item| Self::of_kind(known, program, item)))
    }

    /// The traits of an item's type.
    pub(super) fn of_item(&self, id: ItemId) -> Traits {
        self.0.of(id)
    }

    /// Whether `Default` can be derived for a struct of these fields.
    pub(super) fn default_is_derived<'f>(
        &self,
        program: &Program,
        mut fields: impl Iterator<Item = &'f Field>,
    ) -> bool {
        of_fields(&self.0, program, &mut fields).default
    }

    /// The traits of a type.
    pub(super) fn of_type(&self, program: &Program, ty: &Type) -> Traits {
        of_type(&self.0, program, ty)
    }

    /// Whether a type in a place where it may need a box is [`Copy`].
    pub(super) fn is_copy(&self, program: &Program, ty: &Type, place: Place) -> bool {
        of_placed(&self.0, program, ty, place).copy
    }

    fn of_kind(known: &Known<Traits>, program: &Program, item: &Item) -> Traits {
        match &item.kind {
            ItemKind::Alias(alias) => of_type(known, program, &alias.ty),
            ItemKind::Enum(of) => Traits::ALL.with_zero(of.members.iter().any(|member| member.value == 0)),
            ItemKind::Struct(of) => {
                let traits = of_fields(known, program, &mut of.fields.iter());
                traits.with_zero(traits.zero)
            }
            ItemKind::Table(of) => {
                of_fields(known, program, &mut of.fields.iter().map(|field| &field.field)).with_zero(true)
            }
            ItemKind::Union(of) | ItemKind::Error(of) => {
                let types = of.variants.iter().flat_map(|variant| variant.payload.types());
                let parts = types.map(|(ty, recursive)| of_placed(known, program, ty, Place::payload(recursive)));
                let traits = parts.fold(Traits::ALL, Traits::and).with_zero(false);
                // An open one has a variant for what it does not know, which holds bytes.
                Traits { copy: traits.copy && of.closed, ..traits }
            }
            ItemKind::Flags(_) | ItemKind::Const(_) | ItemKind::Service(_) => Traits::ALL,
        }
    }
}

fn of_fields(known: &Known<Traits>, program: &Program, fields: &mut dyn Iterator<Item = &Field>) -> Traits {
    let parts = fields.map(|field| of_placed(known, program, &field.ty, Place::field(field.recursive)));
    parts.fold(Traits::ALL, Traits::and)
}

fn of_type(known: &Known<Traits>, program: &Program, ty: &Type) -> Traits {
    of_placed(known, program, ty, Place::Plain)
}

fn of_placed(known: &Known<Traits>, program: &Program, ty: &Type, place: Place) -> Traits {
    let traits = match ty {
        Type::Scalar(Scalar::F32 | Scalar::F64) => Traits { eq: false, hash: false, ord: false, ..Traits::ALL },
        Type::Scalar(_) | Type::Duration => Traits::ALL,
        Type::Timestamp => Traits { default: false, ..Traits::ALL },
        Type::String { .. } | Type::Bytes { .. } => Traits::ALL.in_collection(),
        Type::List { element, .. } => of_type(known, program, element).in_collection(),
        Type::Map { key, value, .. } => {
            of_type(known, program, key).and(of_type(known, program, value)).in_collection()
        }
        // The standard library has `Default` only for arrays of up to 32 elements.
        Type::Array { element, len } => {
            let element = of_placed(known, program, element, place);
            Traits { default: element.default && *len <= 32, ..element }
        }
        Type::Optional(inner) => of_type(known, program, inner).with_zero(true),
        Type::Item(id) => known.of(*id),
    };
    Traits { copy: traits.copy && place.boxed(program, ty) == Boxed::No, ..traits }
}

impl Traits {
    const ALL: Self = Self { copy: true, eq: true, hash: true, ord: true, default: true, zero: true };

    fn and(self, other: Self) -> Self {
        Self {
            copy: self.copy && other.copy,
            eq: self.eq && other.eq,
            hash: self.hash && other.hash,
            ord: self.ord && other.ord,
            default: self.default && other.default,
            zero: self.zero && other.zero,
        }
    }

    /// For a type that has `Default` exactly if there is a value for where nothing is said.
    fn with_zero(self, zero: bool) -> Self {
        Self { default: zero, zero, ..self }
    }

    /// What is left of an element's traits when it is held in a vector or a map.
    fn in_collection(self) -> Self {
        Self { copy: false, ..self.with_zero(true) }
    }

    /// The list in `#[derive(…)]`: all traits that hold but those `written` out.
    pub(super) fn list(self, written: &[&str]) -> String {
        self.names().into_iter().filter(|name| !written.contains(name)).collect::<Vec<_>>().join(", ")
    }

    fn names(self) -> Vec<&'static str> {
        let all = [
            (true, "Debug"),
            (true, "Clone"),
            (self.copy, "Copy"),
            (true, "PartialEq"),
            (self.eq, "Eq"),
            (self.hash, "Hash"),
            (self.ord, "PartialOrd"),
            (self.ord, "Ord"),
            (self.default, "Default"),
        ];
        all.into_iter().filter(|(holds, _)| *holds).map(|(_, name)| name).collect()
    }
}

/// What is to be derived for an item beyond that, each once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Extra(Vec<String>);

impl Extra {
    /// Adds the path of a derive macro.
    pub(super) fn add(&mut self, path: &str) {
        if !self.0.iter().any(|known| known == path) {
            self.0.push(path.to_owned());
        }
    }

    /// A list with these at its end, but for what is in it already or is written out.
    pub(super) fn after(&self, list: &str, written: &[&str]) -> String {
        let held: Vec<&str> = list.split(", ").chain(written.iter().copied()).collect();
        let more = self.0.iter().map(String::as_str).filter(|path| !held.contains(&standard_name(path)));
        std::iter::once(list).chain(more).collect::<Vec<_>>().join(", ")
    }
}

/// The last part of a path of the standard library; any other path whole.
fn standard_name(path: &str) -> &str {
    let plain = path.strip_prefix("::").unwrap_or(path);
    let is_standard = ["std::", "core::"].iter().any(|library| plain.starts_with(library));
    if is_standard { plain.rsplit("::").next().unwrap_or(plain) } else { path }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_interface_asks_for_is_derived_once() {
        let asked =
            ["Eq", "std::fmt::Debug", "::core::clone::Clone", "serde::Serialize", "serde::Serialize", "my::Eq", "Ord"];
        let float = Traits { eq: true, ord: false, ..Traits::ALL };
        let written = ["Default", "Hash"];
        let mut extra = Extra::default();
        for path in asked {
            extra.add(path);
        }
        assert_eq!(
            extra.after(&float.list(&written), &written),
            "Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, my::Eq, Ord"
        );
    }
}
