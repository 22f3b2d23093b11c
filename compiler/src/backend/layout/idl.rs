//! Types as the language writes them.

use crate::ir::{Program, Type};

/// A type; declared ones by their name alone.
pub(crate) fn text(program: &Program, ty: &Type) -> String {
    match ty {
        Type::Scalar(scalar) => scalar.word().to_owned(),
        Type::Timestamp => "timestamp".to_owned(),
        Type::Duration => "duration".to_owned(),
        Type::String { max } => "string".to_owned() + &bound("<", *max, ">"),
        Type::Bytes { max } => "bytes".to_owned() + &bound("<", *max, ">"),
        Type::List { element, max } => format!("list<{}{}>", text(program, element), bound(", ", *max, "")),
        Type::Array { element, len } => format!("array<{}, {len}>", text(program, element)),
        Type::Map { key, value, max } => {
            format!("map<{}, {}{}>", text(program, key), text(program, value), bound(", ", *max, ""))
        }
        Type::Optional(inner) => text(program, inner) + "?",
        Type::Item(id) => program.item(*id).name.clone(),
    }
}

fn bound(before: &str, max: u32, after: &str) -> String {
    if max == u32::MAX { String::new() } else { format!("{before}{max}{after}") }
}
