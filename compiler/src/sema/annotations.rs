//! What annotations say. That they say it well is checked by [`check()`].

mod check;
mod places;

pub(super) use check::check;

use super::ByPlace;
use crate::{
    ast::{Annotation, Expr, ExprKind},
    source::FileId,
};

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

/// The values in annotations that had to be worked out, by the place of the annotation.
#[derive(Debug, Default)]
pub(super) struct Values {
    deadlines: ByPlace<u64>,
    ids: ByPlace<u32>,
}

impl Values {
    /// What `@deadline(250ms)` says, in nanoseconds.
    pub(super) fn deadline(&self, file: FileId, said: &[Annotation]) -> Option<u64> {
        self.deadlines.get(&find(said, "deadline")?.span.within(file)).copied()
    }

    /// What `@id(0x1234)` says: nothing where there is none, an error where it is wrong.
    pub(super) fn id(&self, file: FileId, said: &[Annotation]) -> Result<Option<u32>, Wrong> {
        find(said, "id").map(|said| self.ids.get(&said.span.within(file)).copied().ok_or(Wrong)).transpose()
    }
}

/// An annotation has no value, and that was reported.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wrong;

/// The annotation that gives a name on the wire.
pub(super) fn wire(said: &[Annotation]) -> Option<&Annotation> {
    find(said, "wire")
}

/// The expressions in the annotations of a method that may name constants.
pub(super) fn expressions(said: &[Annotation]) -> impl Iterator<Item = &Expr> {
    let valued = said.iter().filter(|annotation| matches!(annotation.name.text.as_str(), "deadline" | "id"));
    valued.flat_map(|annotation| &annotation.args).map(|argument| &argument.value)
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
