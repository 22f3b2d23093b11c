//! Where a recursive type needs a `Box`.
//!
//! Every circle of types leads through an optional, a variant of a union or an error, a list or a map. The last two hold their
//! elements elsewhere anyway, so it is enough to box at the first two.

use crate::ir::{Item, ItemKind, Program, Type};

/// What holds a value of a type, as far as it decides on boxes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Not part of a circle.
    Plain,
    /// A field of a struct or table that leads back to it: its optionals are boxed.
    Field,
    /// The payload of a variant that leads back to the union or error: it is boxed, whatever it is.
    Payload,
}

/// Where in a type the box goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Boxed {
    /// Nowhere.
    No,
    /// Around the value.
    Whole,
    /// Inside the `Option`.
    InOption,
}

impl Place {
    /// The place of a struct's or table's field.
    pub(super) fn field(recursive: bool) -> Self {
        if recursive { Self::Field } else { Self::Plain }
    }

    /// The place of a variant's payload, or of a field of it.
    pub(super) fn payload(recursive: bool) -> Self {
        if recursive { Self::Payload } else { Self::Plain }
    }

    /// Where the box goes for a type in this place. The elements of an array are in the place of the array.
    pub(super) fn boxed(self, program: &Program, ty: &Type) -> Boxed {
        match (self, ty) {
            (Self::Field | Self::Payload, Type::Optional(_)) => Boxed::InOption,
            (Self::Payload, Type::Item(_)) => Boxed::Whole,
            (Self::Field, Type::Item(id)) if hides_optional(program, program.item(*id)) => Boxed::Whole,
            _ => Boxed::No,
        }
    }
}

/// Whether an alias stands for an optional or for an array of such, which cannot be boxed inside.
fn hides_optional(program: &Program, item: &Item) -> bool {
    let ItemKind::Alias(alias) = &item.kind else { return false };
    let mut ty = program.peel(&alias.ty);
    while let Type::Array { element, .. } = ty {
        ty = program.peel(element);
    }
    matches!(ty, Type::Optional(_))
}
