//! Bounds and lengths are worked out; string constants and defaults are held against theirs.

use super::{
    ByPlace,
    defaults::Defaults,
    eval::Evaluator,
    types::{Form, Types, Written},
    walk,
};
use crate::{
    ast::{Expr, Item as Tree, Type, TypeKind},
    diag::{Code, Diagnostic, Diagnostics},
    ir::{ItemId, Value},
};

/// The bound or length of each type that has one, by the place of its expression.
pub(super) type Bounds = ByPlace<u32>;

/// Works out every bound of the program; one that is wrong is reported and missing.
pub(super) fn evaluate(with: &Evaluator<'_>, defaults: &Defaults, found: &mut Diagnostics) -> Bounds {
    let mut bounds = Bounds::default();
    let names = with.types.names;
    for id in names.ids() {
        let item = names.item(id);
        walk::all_types(item.tree, &mut |ty| {
            if let Some(expr) = walk::bound(ty)
                && let Some(value) = bound(with, item.file, ty, expr, found)
            {
                bounds.insert(names.locate(id, expr.span), value);
            }
        });
    }
    check_strings(with, defaults, &bounds, found);
    bounds
}

fn bound(with: &Evaluator<'_>, file: usize, ty: &Type, expr: &Expr, found: &mut Diagnostics) -> Option<u32> {
    let value = with.whole(file, expr, found)?;
    let known = u32::try_from(value).ok().filter(|value| *value > 0);
    if known.is_none() {
        let what = if matches!(ty.kind, TypeKind::Array(..)) { "length" } else { "bound" };
        let place = expr.span.within(with.types.names.file_id(file));
        let message = format!("a {what} of {value} is not possible");
        found.push(Diagnostic::new(Code::BadBound, place, message).help(format!("a {what} is from 1 to {}", u32::MAX)));
    }
    known
}

/// Strings are held against the bounds of their types here, so that no bound has to wait for a string.
fn check_strings(with: &Evaluator<'_>, defaults: &Defaults, bounds: &Bounds, found: &mut Diagnostics) {
    for id in with.types.names.ids() {
        let mut check = |ty, value: Option<&Value>, at: &Expr| found.extend(too_long(with, bounds, id, ty, value, at));
        match with.types.names.item(id).tree {
            Tree::Const(of) => check(&of.ty, with.consts[id.0 as usize].as_ref(), &of.value),
            Tree::Table(of) => {
                for (field, value) in of.fields.iter().zip(&defaults[id.0 as usize]) {
                    field.default.iter().for_each(|at| check(&field.field.ty, value.as_ref(), at));
                }
            }
            _ => {}
        }
    }
}

/// A string that is longer than its type holds.
fn too_long(
    with: &Evaluator<'_>,
    bounds: &Bounds,
    id: ItemId,
    ty: &Type,
    value: Option<&Value>,
    at: &Expr,
) -> Option<Diagnostic> {
    let Some(Value::String(text)) = value else { return None };
    let most = string_bound(with.types, id, ty, bounds).filter(|most| text.len() > *most as usize)?;
    let message = format!("this string has {} bytes, and its type holds {most}", text.len());
    Some(Diagnostic::new(Code::OutOfRange, with.types.names.locate(id, at.span), message))
}

fn string_bound(types: &Types<'_>, id: ItemId, ty: &Type, bounds: &Bounds) -> Option<u32> {
    match types.form(Written { file: types.names.item(id).file, ty })? {
        Form::BuiltIn(written) => {
            let expr = walk::bound(written.ty)?;
            bounds.get(&expr.span.within(types.names.file_id(written.file))).copied()
        }
        Form::Item(_) => None,
    }
}
