//! Ways through the tree that several passes go: the types of a declaration, the parts of a type, the names of an expression.

use crate::ast::{Expr, ExprKind, Field, Item, Method, Path, Payload, Results, Type, TypeKind};

/// The types written in a declaration, outermost only, in the order written.
pub(super) fn types(item: &Item) -> Vec<&Type> {
    match item {
        Item::Const(of) => vec![&of.ty],
        Item::Alias(of) => vec![&of.ty],
        Item::Enum(of) | Item::Flags(of) => of.base.iter().collect(),
        Item::Struct(of) => of.fields.iter().map(|field| &field.ty).collect(),
        Item::Table(of) => of.fields.iter().map(|field| &field.field.ty).collect(),
        Item::Union(of) | Item::Error(of) => {
            of.variants.iter().flat_map(|variant| payload_types(&variant.payload)).collect()
        }
        Item::Service(of) => of.methods.iter().flat_map(method_types).collect(),
        Item::Broken(_) => Vec::new(),
    }
}

/// The types of a method's parameters and results.
pub(super) fn method_types(method: &Method) -> Vec<&Type> {
    let results: Vec<&Type> = match &method.results {
        Results::None => Vec::new(),
        Results::One(ty) => vec![ty],
        Results::Named(fields, _) => field_types(fields).collect(),
    };
    field_types(&method.params).chain(results).collect()
}

/// The types of what a variant carries.
pub(super) fn payload_types(payload: &Payload) -> Vec<&Type> {
    match payload {
        Payload::None => Vec::new(),
        Payload::Type(ty) => vec![ty],
        Payload::Fields(fields) => field_types(fields).collect(),
    }
}

fn field_types(fields: &[Field]) -> impl Iterator<Item = &Type> {
    fields.iter().map(|field| &field.ty)
}

/// A type and every type inside it. The parser nests them at most 32 deep.
pub(super) fn deep<'a>(ty: &'a Type, visit: &mut dyn FnMut(&'a Type)) {
    visit(ty);
    for part in parts(ty) {
        deep(part, visit);
    }
}

/// Every type written in a declaration, however deep.
pub(super) fn all_types<'a>(item: &'a Item, visit: &mut dyn FnMut(&'a Type)) {
    for ty in types(item) {
        deep(ty, visit);
    }
}

/// The types directly inside a type.
pub(super) fn parts(ty: &Type) -> Vec<&Type> {
    match &ty.kind {
        TypeKind::List(element, _)
        | TypeKind::Array(element, _)
        | TypeKind::Optional(element)
        | TypeKind::Stream(element) => {
            vec![element]
        }
        TypeKind::Map(key, value, _) => vec![key, value],
        TypeKind::Scalar(_)
        | TypeKind::Timestamp
        | TypeKind::Duration
        | TypeKind::String(_)
        | TypeKind::Bytes(_)
        | TypeKind::Named(_)
        | TypeKind::Broken => Vec::new(),
    }
}

/// The bound or length of a type itself.
pub(super) fn bound(ty: &Type) -> Option<&Expr> {
    match &ty.kind {
        TypeKind::String(bound) | TypeKind::Bytes(bound) | TypeKind::List(_, bound) | TypeKind::Map(_, _, bound) => {
            bound.as_ref()
        }
        TypeKind::Array(_, len) => Some(len),
        TypeKind::Scalar(_)
        | TypeKind::Timestamp
        | TypeKind::Duration
        | TypeKind::Optional(_)
        | TypeKind::Stream(_)
        | TypeKind::Named(_)
        | TypeKind::Broken => None,
    }
}

/// The names in an expression. A sum of many terms is a deep tree, so they wait on a stack of our own.
pub(super) fn names(expr: &Expr) -> Vec<&Path> {
    let mut found = Vec::new();
    let mut waiting = vec![expr];
    while let Some(expr) = waiting.pop() {
        match &expr.kind {
            ExprKind::Name(path) => found.push(path),
            ExprKind::Unary(_, operand) => waiting.push(operand),
            ExprKind::Binary(_, left, right) => waiting.extend([&**right, &**left]),
            ExprKind::Int(_)
            | ExprKind::Float(_)
            | ExprKind::Bool(_)
            | ExprKind::String(_)
            | ExprKind::Duration(_)
            | ExprKind::EmptyList
            | ExprKind::Broken => {}
        }
    }
    found
}
