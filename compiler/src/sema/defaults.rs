//! The defaults of tables' fields are held against their types.

use std::borrow::Cow;

use super::{
    eval::Evaluator,
    fit::{self, Want},
    types::Written,
};
use crate::{
    ast::{Item as Tree, TableField},
    diag::Diagnostics,
    ir::{ItemId, Value},
};

/// The default of each field of each table, by [`ItemId`]; `None` where there is none, or it is wrong.
pub(super) type Defaults = Vec<Vec<Option<Value>>>;

/// Works out every default of the program.
pub(super) fn evaluate(with: &Evaluator<'_>, found: &mut Diagnostics) -> Defaults {
    let table = |id| match with.types.names.item(id).tree {
        Tree::Table(of) => of.fields.iter().map(|field| default(with, id, field, found)).collect(),
        _ => Vec::new(),
    };
    with.types.names.ids().map(table).collect()
}

fn default(with: &Evaluator<'_>, id: ItemId, field: &TableField, found: &mut Diagnostics) -> Option<Value> {
    let expr = field.default.as_ref()?;
    let file = with.types.names.item(id).file;
    let value = with.eval(file, expr, found)?;
    let form = with.types.form(Written { file, ty: &field.field.ty })?;
    let at = with.types.names.locate(id, expr.span);
    let want = Want::of(with.types, form)?;
    fit::fit(with.types.names, value, want, at).map(Cow::into_owned).map_err(|finding| found.push(finding)).ok()
}
