//! Whether two trees mean the same: they are equal but for places.

use crate::ast::{
    Alias, Annotation, Argument, Broken, Const, DocLine, Docs, Enum, Expr, ExprKind, Field, File, Import, Item, Member,
    Method, Name, Package, Path, Payload, Reserved, Results, Service, Struct, Table, TableField, Type, TypeKind, Union,
    Variant,
};
use crate::source::Span;

pub(super) fn same(mut one: File, mut other: File) -> bool {
    one.forget();
    other.forget();
    one == other
}

/// Forgets where it stands, with all that is in it. Types and expressions nest only so deep.
trait Forget {
    fn forget(&mut self);
}

impl Forget for Span {
    fn forget(&mut self) {
        *self = Span::new(0, 0);
    }
}

impl Forget for String {
    fn forget(&mut self) {}
}

impl Forget for bool {
    fn forget(&mut self) {}
}

impl<T: Forget> Forget for Vec<T> {
    fn forget(&mut self) {
        self.iter_mut().for_each(Forget::forget);
    }
}

impl<T: Forget> Forget for Option<T> {
    fn forget(&mut self) {
        self.iter_mut().for_each(Forget::forget);
    }
}

/// All fields of a struct, so that a new one cannot be left out.
macro_rules! forget {
    ($($name:ident { $($field:ident),* })*) => {$(
        impl Forget for $name {
            fn forget(&mut self) {
                let $name { $($field),* } = self;
                $($field.forget();)*
            }
        }
    )*};
}

forget! {
    File { docs, package, imports, items }
    Docs { lines }
    DocLine { text, span }
    Name { text, span }
    Path { parts, span }
    Package { path }
    Import { file, span, alias }
    Annotation { name, args, span }
    Argument { name, value }
    Broken { span, name }
    Const { docs, annotations, name, ty, value }
    Alias { docs, annotations, name, ty }
    Enum { docs, annotations, closed, name, base, members, reserved, damaged }
    Member { docs, annotations, name, value }
    Reserved { first, last, span }
    Struct { docs, annotations, name, fields, damaged }
    Field { docs, annotations, name, ty }
    Table { docs, annotations, name, fields, reserved, damaged }
    TableField { field, ordinal, default }
    Union { docs, annotations, closed, name, variants, reserved, damaged }
    Variant { docs, annotations, name, ordinal, payload, damaged }
    Service { docs, annotations, name, methods, reserved }
    Method { docs, annotations, oneway, name, params, results, throws }
    Type { kind, span }
    Expr { kind, span }
}

impl Forget for Item {
    fn forget(&mut self) {
        match self {
            Self::Const(one) => one.forget(),
            Self::Alias(one) => one.forget(),
            Self::Enum(one) | Self::Flags(one) => one.forget(),
            Self::Struct(one) => one.forget(),
            Self::Table(one) => one.forget(),
            Self::Union(one) | Self::Error(one) => one.forget(),
            Self::Service(one) => one.forget(),
            Self::Broken(one) => one.forget(),
        }
    }
}

impl Forget for Payload {
    fn forget(&mut self) {
        match self {
            Self::None => {}
            Self::Type(ty) => ty.forget(),
            Self::Fields(fields) => fields.forget(),
        }
    }
}

impl Forget for Results {
    fn forget(&mut self) {
        match self {
            Self::None => {}
            Self::One(ty) => ty.forget(),
            Self::Named(fields, span) => {
                fields.forget();
                span.forget();
            }
        }
    }
}

impl Forget for TypeKind {
    fn forget(&mut self) {
        match self {
            Self::Scalar(_) | Self::Timestamp | Self::Duration | Self::Broken => {}
            Self::String(bound) | Self::Bytes(bound) => bound.forget(),
            Self::List(element, bound) => {
                element.forget();
                bound.forget();
            }
            Self::Array(element, length) => {
                element.forget();
                length.forget();
            }
            Self::Map(key, value, bound) => {
                key.forget();
                value.forget();
                bound.forget();
            }
            Self::Optional(ty) | Self::Stream(ty) => ty.forget(),
            Self::Named(path) => path.forget(),
        }
    }
}

impl Forget for ExprKind {
    fn forget(&mut self) {
        match self {
            Self::Int(_)
            | Self::Float(_)
            | Self::Bool(_)
            | Self::String(_)
            | Self::Duration(_)
            | Self::EmptyList
            | Self::Broken => {}
            Self::Name(path) => path.forget(),
            Self::Unary(_, operand) => operand.forget(),
            Self::Binary(_, left, right) => {
                left.forget();
                right.forget();
            }
        }
    }
}
