//! Types of an interface as Rust types: owned, as a client's parameter, as a server's parameter.

use super::boxing::{Boxed, Place};
use super::literals;
use super::scope::Scope;
use crate::ir::{Field, ItemKind, Type};

/// The owned form: of fields, results, and elements of anything.
pub(super) fn owned(scope: &Scope<'_>, ty: &Type) -> String {
    placed(scope, ty, Place::Plain)
}

/// The owned form in a place where it may need a box.
pub(super) fn placed(scope: &Scope<'_>, ty: &Type, place: Place) -> String {
    let boxed = place.boxed(scope.program, ty);
    let text = match ty {
        Type::Scalar(scalar) => scalar.word().to_owned(),
        Type::Timestamp => "::std::time::SystemTime".to_owned(),
        Type::Duration => "::std::time::Duration".to_owned(),
        Type::String { .. } => scope.prelude.string.clone(),
        Type::Bytes { .. } => format!("{}<u8>", scope.prelude.vec),
        Type::List { element, .. } => format!("{}<{}>", scope.prelude.vec, owned(scope, element)),
        Type::Array { element, len } => {
            format!("[{}; {}]", placed(scope, element, place), literals::size((*len).into()))
        }
        Type::Map { key, value, .. } => {
            format!("::std::collections::BTreeMap<{}, {}>", owned(scope, key), owned(scope, value))
        }
        Type::Optional(inner) => option(scope, &in_box(scope, owned(scope, inner), boxed == Boxed::InOption)),
        Type::Item(id) => scope.type_path(*id),
    };
    in_box(scope, text, boxed == Boxed::Whole)
}

fn in_box(scope: &Scope<'_>, text: String, boxed: bool) -> String {
    if boxed { format!("{}<{text}>", scope.prelude.boxed) } else { text }
}

pub(super) fn option(scope: &Scope<'_>, inner: &str) -> String {
    format!("{}<{inner}>", scope.prelude.option)
}

/// How a client's method takes a value: nothing is cloned to be sent.
pub(super) fn parameter(scope: &Scope<'_>, ty: &Type) -> String {
    match scope.program.peel(ty) {
        _ if is_by_value(scope, ty) => owned(scope, ty),
        Type::Optional(inner) => option(scope, &parameter(scope, inner)),
        _ => format!("&{}", sent(scope, ty)),
    }
}

/// What a stream sends references to: nothing is cloned to be sent.
pub(super) fn sent(scope: &Scope<'_>, ty: &Type) -> String {
    match scope.program.peel(ty) {
        Type::String { .. } => "str".to_owned(),
        Type::Bytes { .. } => "[u8]".to_owned(),
        Type::List { element, .. } => format!("[{}]", owned(scope, element)),
        _ => owned(scope, ty),
    }
}

/// How a server's method takes a value: text and bytes as they lie in what was received, all else owned.
pub(super) fn server_parameter(scope: &Scope<'_>, ty: &Type) -> String {
    match scope.program.peel(ty) {
        Type::String { .. } => "&str".to_owned(),
        Type::Bytes { .. } => "&[u8]".to_owned(),
        Type::Optional(inner) if is_text(scope, inner) => option(scope, &server_parameter(scope, inner)),
        _ => owned(scope, ty),
    }
}

/// Whether it is a string or bytes.
pub(super) fn is_text(scope: &Scope<'_>, ty: &Type) -> bool {
    matches!(scope.program.peel(ty), Type::String { .. } | Type::Bytes { .. })
}

/// Whether a server's parameter is borrowed from what was received.
pub(super) fn is_borrowed(scope: &Scope<'_>, ty: &Type) -> bool {
    match scope.program.peel(ty) {
        Type::Optional(inner) => is_text(scope, inner),
        _ => is_text(scope, ty),
    }
}

/// Whether a client's parameter is the value itself: numbers, enums, flags, times, and optionals of them.
pub(super) fn is_by_value(scope: &Scope<'_>, ty: &Type) -> bool {
    match scope.program.peel(ty) {
        Type::Scalar(_) | Type::Timestamp | Type::Duration => true,
        Type::Optional(inner) => is_by_value(scope, inner),
        Type::Item(id) => matches!(scope.program.item(*id).kind, ItemKind::Enum(_) | ItemKind::Flags(_)),
        _ => false,
    }
}

/// What a method gives back: nothing, a value, or a tuple.
pub(super) fn results(scope: &Scope<'_>, results: &[Field]) -> String {
    match results {
        [only] => owned(scope, &only.ty),
        many => format!("({})", many.iter().map(|field| owned(scope, &field.ty)).collect::<Vec<_>>().join(", ")),
    }
}
