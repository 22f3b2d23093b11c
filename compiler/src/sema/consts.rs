//! Constants are worked out, in the order in which they need one another.

use std::borrow::Cow;

use super::{
    eval::Evaluator,
    fit::{self, Want},
    graph::{self, Edge},
    report,
    types::{Types, Written},
    uses::{Use, Uses},
    walk,
};
use crate::{
    ast::{Const, Item as Tree, TypeKind},
    diag::{Code, Diagnostic, Diagnostics},
    ir::{ItemId, Value},
    source::Location,
};

/// The bytes that all string constants of a program may have together, and all string defaults: constants name one another, so a small
/// file could ask for any amount.
const STRING_BYTES: usize = 64 << 20;

/// The value of each constant by [`ItemId`]; `None` for what is no constant or has no value.
pub(super) fn evaluate(types: &Types<'_>, uses: &Uses, found: &mut Diagnostics) -> Vec<Option<Value>> {
    let edges: Vec<Vec<Edge>> = types.names.ids().map(|id| needs(types, uses, id)).collect();
    let walk = graph::walk(&edges);
    for cycle in &walk.cycles {
        found.push(report::cycle(Code::ConstCycle, "constant", "needs", types.names, cycle));
    }
    let mut values = vec![None; edges.len()];
    let mut texts = Budget::new("constants");
    for node in walk.order {
        let id = report::id(node);
        if let Tree::Const(of) = types.names.item(id).tree {
            let with = Evaluator { types, uses, consts: &values, siblings: None };
            let value = value(types, &with, id, of, found);
            let value = value.filter(|value| texts.takes(value, types.names.place(id), found));
            values[node] = value.map(Cow::into_owned);
        }
    }
    values
}

/// The constants that a constant's value names.
fn needs(types: &Types<'_>, uses: &Uses, id: ItemId) -> Vec<Edge> {
    let Tree::Const(of) = types.names.item(id).tree else { return Vec::new() };
    let paths = walk::names(&of.value).into_iter();
    let places = paths.map(|path| types.names.locate(id, path.span));
    let edge = |at| match uses.values.get(&at) {
        Some(Use::Const(to)) => Some(Edge { to: to.0 as usize, at }),
        Some(Use::Member(..)) | None => None,
    };
    places.filter_map(edge).collect()
}

fn value<'v>(
    types: &Types<'_>,
    with: &Evaluator<'v>,
    id: ItemId,
    of: &Const,
    found: &mut Diagnostics,
) -> Option<Cow<'v, Value>> {
    let file = types.names.item(id).file;
    let value = with.eval(file, &of.value, found);
    let form = types.form(Written { file, ty: &of.ty })?;
    let Some(want) = Want::of(types, form) else {
        // Of a stream it is said that it cannot be here.
        if matches!(of.ty.kind, TypeKind::Stream(_)) {
            return None;
        }
        let place = types.names.locate(id, of.ty.span);
        found.push(
            Diagnostic::new(Code::BadConstType, place, "a constant cannot have this type")
                .help("a constant is a number, a bool, a string, a duration or a member of an enum or flags"),
        );
        return None;
    };
    let at = types.names.locate(id, of.value.span);
    fit::fit(types.names, value?, want, at).map_err(|finding| found.push(finding)).ok()
}

/// What the texts of a program's constants, or of its defaults, may still take.
pub(super) struct Budget {
    what: &'static str,
    left: usize,
}

impl Budget {
    pub(super) fn new(what: &'static str) -> Self {
        Self { what, left: STRING_BYTES }
    }

    /// Takes a text from the budget; refuses, and reports, one that is too much.
    pub(super) fn takes(&mut self, value: &Value, at: Location, found: &mut Diagnostics) -> bool {
        let Value::String(text) = value else { return true };
        if let Some(rest) = self.left.checked_sub(text.len()) {
            self.left = rest;
            return true;
        }
        let message = format!("the string {} of a program may have {STRING_BYTES} bytes together", self.what);
        found.push(Diagnostic::new(Code::OutOfRange, at, message).label("this one is too much"));
        false
    }
}
