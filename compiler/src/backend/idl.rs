//! Types and values as the language writes them.

use crate::ir::{ItemKind, Program, Type, Value};

/// A type; declared ones by their name alone.
pub(super) fn text(program: &Program, ty: &Type) -> String {
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

/// A value; members by their name alone.
pub(super) fn value(program: &Program, value: &Value) -> String {
    match value {
        Value::Int(number) => number.to_string(),
        Value::Float(number) => format!("{number:?}"),
        Value::Bool(truth) => truth.to_string(),
        Value::String(text) => format!("\"{}\"", text.escape_debug()),
        Value::Duration(nanoseconds) => duration(*nanoseconds),
        Value::Empty => "[]".to_owned(),
        Value::Member(id, index) => match &program.item(*id).kind {
            ItemKind::Enum(of) | ItemKind::Flags(of) => {
                of.members.get(*index).map(|member| member.name.clone()).unwrap_or_default()
            }
            _ => String::new(),
        },
    }
}

/// By the largest unit that tells it: `250ms`.
pub(super) fn duration(nanoseconds: u64) -> String {
    let units =
        [("h", 3_600_000_000_000), ("m", 60_000_000_000), ("s", 1_000_000_000), ("ms", 1_000_000), ("us", 1000)];
    let fits = |(_, size): &(&str, u64)| nanoseconds > 0 && nanoseconds.is_multiple_of(*size);
    let (unit, size) = units.into_iter().find(fits).unwrap_or(("ns", 1));
    format!("{}{unit}", nanoseconds / size)
}

fn bound(before: &str, max: u32, after: &str) -> String {
    if max == u32::MAX { String::new() } else { format!("{before}{max}{after}") }
}
