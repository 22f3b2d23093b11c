//! What annotations say, once they were checked.

use crate::ast::{Annotation, ExprKind};

/// What `@deprecated("why")` says.
pub(super) fn deprecated(said: &[Annotation]) -> Option<String> {
    text(said, "deprecated").map(str::to_owned)
}

/// The name in shape texts: what `@wire("old")` says, or that in the interface.
pub(super) fn wire_name<'a>(said: &'a [Annotation], name: &'a str) -> &'a str {
    text(said, "wire").unwrap_or(name)
}

/// The paths in `@rust(derive = "Eq, serde::Serialize")`.
pub(super) fn derives(said: &[Annotation]) -> Vec<String> {
    let list = text(said, "rust").unwrap_or_default();
    list.split(',').map(str::trim).filter(|path| !path.is_empty()).map(str::to_owned).collect()
}

/// Whether there is an `@idempotent`.
pub(super) fn idempotent(said: &[Annotation]) -> bool {
    find(said, "idempotent").is_some()
}

/// What `@deadline(250ms)` says, in nanoseconds.
pub(super) fn deadline(said: &[Annotation]) -> Option<u64> {
    match value(said, "deadline")? {
        ExprKind::Duration(nanoseconds) => Some(*nanoseconds),
        _ => None,
    }
}

/// What `@id(0x1234)` says.
pub(super) fn id(said: &[Annotation]) -> Option<u32> {
    match value(said, "id")? {
        ExprKind::Int(number) => u32::try_from(*number).ok(),
        _ => None,
    }
}

fn text<'a>(said: &'a [Annotation], name: &str) -> Option<&'a str> {
    match value(said, name)? {
        ExprKind::String(text) => Some(text),
        _ => None,
    }
}

fn value<'a>(said: &'a [Annotation], name: &str) -> Option<&'a ExprKind> {
    find(said, name)?.args.first().map(|argument| &argument.value.kind)
}

fn find<'a>(said: &'a [Annotation], name: &str) -> Option<&'a Annotation> {
    said.iter().find(|annotation| annotation.name.text == name)
}
