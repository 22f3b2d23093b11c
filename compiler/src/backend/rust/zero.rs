//! What a value is where nothing is said: the zero of its type, or of a table's field its default.

use super::boxing::{Boxed, Place};
use super::literals;
use super::scope::Scope;
use crate::ir::{ItemKind, Program, Scalar, TableField, Type, Value};

/// The zero of a type that has one: 0, empty, all fields zero.
pub(super) fn expression<'a>(scope: &Scope<'a>, ty: &'a Type, place: Place) -> String {
    match place.boxed(scope.program, ty) {
        Boxed::Whole => boxed(scope, &unboxed(scope, ty, Place::Plain)),
        Boxed::No | Boxed::InOption => unboxed(scope, ty, place),
    }
}

/// Arrays may stand in one another by chains of aliases, which may be long: this takes them in turn.
fn unboxed<'a>(scope: &Scope<'a>, mut ty: &'a Type, mut place: Place) -> String {
    let mut arrays = Vec::new();
    while let Type::Array { element, len } = scope.program.peel(ty) {
        // What an alias stands for is written out where the alias is declared, with no box.
        place = if matches!(ty, Type::Item(_)) { Place::Plain } else { place };
        let is_boxed = place.boxed(scope.program, element) == Boxed::Whole;
        arrays.push((scope.derives.of_type(scope.program, element).copy, is_boxed, *len));
        ty = element;
    }
    let array = |element: String, (copy, is_boxed, len): (bool, bool, u32)| {
        let element = if is_boxed { boxed(scope, &element) } else { element };
        let repeated = format!("[{element}; {}]", literals::size(len.into()));
        if copy && !is_boxed { repeated } else { format!("::core::array::from_fn(|_| {element})") }
    };
    arrays.into_iter().rev().fold(element(scope, scope.program.peel(ty)), array)
}

fn boxed(scope: &Scope<'_>, value: &str) -> String {
    format!("{}::new({value})", scope.prelude.boxed)
}

fn element(scope: &Scope<'_>, ty: &Type) -> String {
    match ty {
        Type::Scalar(Scalar::Bool) => "false".to_owned(),
        Type::Scalar(Scalar::F32 | Scalar::F64) => "0.0".to_owned(),
        Type::Scalar(_) => "0".to_owned(),
        Type::Timestamp => "::std::time::SystemTime::UNIX_EPOCH".to_owned(),
        Type::Duration => "::std::time::Duration::ZERO".to_owned(),
        Type::String { .. } => format!("{}::new()", scope.prelude.string),
        Type::Bytes { .. } | Type::List { .. } => format!("{}::new()", scope.prelude.vec),
        Type::Map { .. } => "::std::collections::BTreeMap::new()".to_owned(),
        Type::Optional(_) => "None".to_owned(),
        Type::Item(id) if matches!(scope.program.item(*id).kind, ItemKind::Flags(_)) => {
            format!("{}::empty()", scope.type_path(*id))
        }
        Type::Item(id) => format!("{}::default()", scope.type_path(*id)),
        Type::Array { .. } => format!("{}::default()", scope.prelude.default),
    }
}

/// What a table's field holds where it is absent.
pub(super) fn of_table_field<'a>(scope: &Scope<'a>, field: &'a TableField) -> String {
    match own_default(scope.program, field) {
        Some(Value::String(text)) => format!("{}::from({})", scope.prelude.string, literals::string(text)),
        Some(value) => literals::value(scope, &field.field.ty, value),
        None => expression(scope, &field.field.ty, Place::field(field.field.recursive)),
    }
}

/// What turns the `Option` of a table's field, as unpacked, into its value.
pub(super) fn unwrapped<'a>(scope: &Scope<'a>, field: &'a TableField) -> String {
    let value = of_table_field(scope, field);
    let is_made = match own_default(scope.program, field) {
        None if scope.derives.of_type(scope.program, &field.field.ty).default => {
            return ".unwrap_or_default()".to_owned();
        }
        None => value.contains('('),
        Some(default) => matches!(default, Value::String(_)),
    };
    if is_made { format!(".unwrap_or_else(|| {value})") } else { format!(".unwrap_or({value})") }
}

/// The default of a table's field, if that is another than the zero of its type.
pub(super) fn own_default<'a>(program: &Program, field: &'a TableField) -> Option<&'a Value> {
    field.default.as_ref().filter(|value| !program.is_zero(value))
}
