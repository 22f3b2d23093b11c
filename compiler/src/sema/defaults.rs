//! The defaults of tables' fields are held against their types.

use std::borrow::Cow;

use super::{
    consts::Budget,
    eval::Evaluator,
    fit::{self, Want},
    types::{Form, Written},
};
use crate::{
    ast::{Item as Tree, TableField, TypeKind},
    diag::{Code, Diagnostic, Diagnostics},
    ir::{ItemId, Value},
};

/// The default of each field of each table, by [`ItemId`]; `None` where there is none, or it is wrong.
pub(super) type Defaults = Vec<Vec<Option<Value>>>;

/// Works out every default of the program.
pub(super) fn evaluate(with: &Evaluator<'_>, found: &mut Diagnostics) -> Defaults {
    let mut texts = Budget::new("defaults");
    let mut table = |id| match with.types.names.item(id).tree {
        Tree::Table(of) => of.fields.iter().map(|field| default(with, id, field, &mut texts, found)).collect(),
        _ => Vec::new(),
    };
    with.types.names.ids().map(&mut table).collect()
}

fn default(
    with: &Evaluator<'_>,
    id: ItemId,
    field: &TableField,
    texts: &mut Budget,
    found: &mut Diagnostics,
) -> Option<Value> {
    let expr = field.default.as_ref()?;
    let file = with.types.names.item(id).file;
    let value = with.eval(file, expr, found);
    let form = with.types.form(Written { file, ty: &field.field.ty })?;
    let at = with.types.names.locate(id, expr.span);
    let Some(want) = Want::of_default(with.types, form) else {
        let (message, help) = refusal(form);
        found.push(Diagnostic::new(Code::BadDefault, at, message).help(help));
        return None;
    };
    let value = fit::fit(with.types.names, value?, want, at).map_err(|finding| found.push(finding)).ok()?;
    texts.takes(&value, at, found).then(|| Cow::into_owned(value))
}

/// Why a type has no defaults, and what to do.
fn refusal(form: Form<'_>) -> (&'static str, &'static str) {
    match form {
        Form::BuiltIn(written) if matches!(written.ty.kind, TypeKind::Optional(_)) => {
            ("an optional field has no default: it reads as absent", "leave out the `?`, or the default")
        }
        _ => (
            "a field of this type has no default",
            "defaults are for numbers, `bool`, `string`, `duration`, enums and flags, and `[]` for lists, maps and `bytes`",
        ),
    }
}
