//! Which types have a zero: what a field of a table reads as when it is absent and has no default.

use super::{
    collect::join,
    members::Numbers,
    types::{Types, Written},
};
use crate::{
    ast::{Field, Item as Tree, TableField, TypeKind},
    diag::{Code, Diagnostic, Diagnostics},
    ir::ItemId,
};

/// Whether a type has a zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Zero {
    Has,
    /// Something in it is damaged or infinite, and that was reported.
    Unknown,
    /// Because of this enum, union or error, which is the type or in it.
    Lacks(ItemId),
}

/// Reports the plain fields of tables that have neither a zero nor a default. In `order`, what a declaration holds in place stands before it.
pub(super) fn check(types: &Types<'_>, numbers: &[Numbers], order: &[usize], found: &mut Diagnostics) {
    let mut zeros = Zeros { types, items: vec![Zero::Unknown; order.len()] };
    for node in order {
        zeros.items[*node] = zeros.item(*node, &numbers[*node]);
    }
    for (node, item) in types.names.items.iter().enumerate() {
        let Tree::Table(of) = item.tree else { continue };
        let plain = of.fields.iter().filter(|field| field.default.is_none());
        for field in plain {
            if let Zero::Lacks(culprit) = zeros.of(Written { file: item.file, ty: &field.field.ty }) {
                found.push(no_zero(types, super::report::id(node), field, culprit));
            }
        }
    }
}

struct Zeros<'z> {
    types: &'z Types<'z>,
    /// By [`ItemId`].
    items: Vec<Zero>,
}

impl Zeros<'_> {
    fn item(&self, node: usize, numbers: &Numbers) -> Zero {
        let item = self.types.names.items[node];
        match item.tree {
            Tree::Alias(_) if self.types.item_form(super::report::id(node)).is_none() => Zero::Unknown,
            Tree::Alias(of) => self.of(Written { file: item.file, ty: &of.ty }),
            Tree::Enum(_) if numbers.values.contains(&Some(0)) => Zero::Has,
            Tree::Enum(of) if of.damaged || numbers.values.contains(&None) => Zero::Unknown,
            Tree::Struct(of) if of.damaged => Zero::Unknown,
            Tree::Struct(of) => self.fields(item.file, &of.fields),
            Tree::Flags(_) | Tree::Table(_) => Zero::Has,
            Tree::Enum(_) | Tree::Union(_) | Tree::Error(_) => Zero::Lacks(super::report::id(node)),
            Tree::Const(_) | Tree::Service(_) | Tree::Broken(_) => Zero::Unknown,
        }
    }

    /// A struct lacks a zero if a field does, whatever is not known of the others.
    fn fields(&self, file: usize, fields: &[Field]) -> Zero {
        let zeros = || fields.iter().map(|field| self.of(Written { file, ty: &field.ty }));
        let lacking = zeros().find(|zero| matches!(zero, Zero::Lacks(_)));
        lacking.or_else(|| zeros().find(|zero| *zero == Zero::Unknown)).unwrap_or(Zero::Has)
    }

    /// Types within one declaration are nested at most 32 deep, so this may call itself.
    fn of(&self, of: Written<'_>) -> Zero {
        match &of.ty.kind {
            TypeKind::Array(element, _) => self.of(Written { file: of.file, ty: element }),
            TypeKind::Named(path) => {
                self.types.target(of.file, path).map_or(Zero::Unknown, |id| self.items[id.0 as usize])
            }
            TypeKind::Stream(_) | TypeKind::Broken => Zero::Unknown,
            TypeKind::Scalar(_)
            | TypeKind::Timestamp
            | TypeKind::Duration
            | TypeKind::String(_)
            | TypeKind::Bytes(_)
            | TypeKind::List(..)
            | TypeKind::Map(..)
            | TypeKind::Optional(_) => Zero::Has,
        }
    }
}

fn no_zero(types: &Types<'_>, table: ItemId, field: &TableField, culprit: ItemId) -> Diagnostic {
    let item = types.names.item(culprit);
    let (ty, name) = (&field.field.ty, &field.field.name.text);
    let message = format!("`{name}` may be absent, and its type has no zero to read as then");
    let why = match item.tree {
        Tree::Enum(_) => format!("no member of `{}` has the value 0", item.name.text),
        _ => format!("`{}` is {}: no variant is the zero", item.name.text, item.kind()),
    };
    let optional = match &ty.kind {
        TypeKind::Named(path) => format!("write `{}?`", join(&path.parts)),
        _ => "put `?` behind the type".to_owned(),
    };
    let default = match (item.tree, &ty.kind) {
        (Tree::Enum(of), TypeKind::Named(path))
            if types.target(types.names.item(table).file, path) == Some(culprit) =>
        {
            of.members.first().map(|member| format!(", or give a default: `= {}`", member.name.text))
        }
        _ => None,
    };
    Diagnostic::new(Code::NoZero, types.names.locate(table, ty.span), message)
        .other(types.names.place(culprit), why)
        .help(optional + &default.unwrap_or_default())
}
