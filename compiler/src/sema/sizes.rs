//! The least number of bytes that each type takes: not zero where values are counted, and never over 16 MiB.

use super::{
    bounds::Bounds,
    types::{Types, Written},
};
use crate::{
    ast::{Field, Item as Tree, Method, Payload, Results, TypeKind},
    diag::{Code, Diagnostic, Diagnostics},
    ir::ItemId,
    scalar::Scalar,
    source::Span,
};

/// The most bytes of a type's fixed part.
const WIDEST: u64 = 16 << 20;

/// The most bytes of an array that nobody is warned of: threads often have 2 MiB of stack, and a value may be moved.
const LARGE: u64 = 64 << 10;

/// The least size of each declared type.
pub(super) struct Sizes<'s> {
    types: &'s Types<'s>,
    bounds: &'s Bounds,
    /// By [`ItemId`]; `None` where it is not known or wrong.
    items: Vec<Option<u64>>,
}

impl<'s> Sizes<'s> {
    /// Works out the sizes of all items, in an order in which those that an item holds come before it.
    pub(super) fn of_items(types: &'s Types<'s>, bounds: &'s Bounds, order: &[usize]) -> Self {
        let mut sizes = Self { types, bounds, items: vec![None; order.len()] };
        let mut unheard = Diagnostics::default();
        for node in order {
            sizes.items[*node] = sizes.item(*node, &mut unheard);
        }
        sizes
    }

    fn item(&self, node: usize, found: &mut Diagnostics) -> Option<u64> {
        let item = self.types.names.items[node];
        match item.tree {
            Tree::Alias(of) => self.size(Written { file: item.file, ty: &of.ty }, found),
            Tree::Enum(of) | Tree::Flags(of) => match &of.base {
                None => Some(Scalar::U32.size().into()),
                Some(ty) => self.size(Written { file: item.file, ty }, found),
            },
            Tree::Struct(of) if of.damaged => None,
            Tree::Struct(of) => self.fields(item.file, &of.fields, item.name.span, found),
            // A u16 and a u32 stand before what a variant carries.
            Tree::Error(_) => Some(6),
            Tree::Union(of) => Some(if of.closed { 2 } else { 6 }),
            Tree::Table(_) => Some(4),
            Tree::Const(_) | Tree::Service(_) | Tree::Broken(_) => None,
        }
    }

    /// Reports, now that every size is known, each place where one is wrong and all its parts are right.
    pub(super) fn check(&self, found: &mut Diagnostics) {
        for (node, item) in self.types.names.items.iter().enumerate() {
            match item.tree {
                Tree::Const(of) => drop(self.size(Written { file: item.file, ty: &of.ty }, found)),
                Tree::Table(of) => {
                    for field in &of.fields {
                        self.size(Written { file: item.file, ty: &field.field.ty }, found);
                    }
                }
                Tree::Union(of) | Tree::Error(of) => {
                    of.variants
                        .iter()
                        .for_each(|variant| self.payload(item.file, &variant.payload, variant.name.span, found));
                }
                Tree::Service(of) => {
                    for method in &of.methods {
                        self.params(item.file, method, found);
                        self.results(item.file, &method.results, method.name.span, found);
                    }
                }
                _ => drop(self.item(node, found)),
            }
        }
    }

    /// A stream is sent behind the other parameters.
    fn params(&self, file: usize, method: &Method, found: &mut Diagnostics) {
        let fields = match method.params.split_last() {
            Some((last, fields)) if matches!(last.ty.kind, TypeKind::Stream(_)) => {
                self.size(Written { file, ty: &last.ty }, found);
                fields
            }
            _ => &method.params[..],
        };
        self.fields(file, fields, method.name.span, found);
    }

    fn payload(&self, file: usize, payload: &Payload, at: Span, found: &mut Diagnostics) {
        match payload {
            Payload::None => {}
            Payload::Type(ty) => drop(self.size(Written { file, ty }, found)),
            Payload::Fields(fields) => drop(self.fields(file, fields, at, found)),
        }
    }

    fn results(&self, file: usize, results: &Results, at: Span, found: &mut Diagnostics) {
        match results {
            Results::None => {}
            Results::One(ty) => drop(self.size(Written { file, ty }, found)),
            Results::Named(fields, _) => drop(self.fields(file, fields, at, found)),
        }
    }

    /// All fields, one after the other; all are looked at, whether or not one is wrong.
    fn fields(&self, file: usize, fields: &[Field], at: Span, found: &mut Diagnostics) -> Option<u64> {
        let mut total = Some(0_u64);
        for field in fields {
            let size = self.size(Written { file, ty: &field.ty }, found);
            total = total.zip(size).map(|(total, size)| total.saturating_add(size));
        }
        self.narrow(total?, file, at, found)
    }

    fn size(&self, of: Written<'_>, found: &mut Diagnostics) -> Option<u64> {
        let part = |ty| Written { file: of.file, ty };
        match &of.ty.kind {
            TypeKind::Scalar(scalar) => Some(scalar.size().into()),
            TypeKind::Timestamp | TypeKind::Duration => Some(8),
            TypeKind::String(_) | TypeKind::Bytes(_) => Some(4),
            TypeKind::List(element, _) => {
                self.element(part(element), found);
                Some(4)
            }
            TypeKind::Map(key, value, _) => {
                self.size(part(key), found);
                self.size(part(value), found);
                Some(4)
            }
            TypeKind::Optional(inner) => {
                self.size(part(inner), found);
                Some(1)
            }
            TypeKind::Array(element, len) => {
                let element = self.element(part(element), found)?;
                let len = self.bounds.get(&len.span.within(self.types.names.file_id(of.file)))?;
                let size = self.narrow(element.saturating_mul((*len).into()), of.file, of.ty.span, found)?;
                self.warn_of_large(size, of, found);
                Some(size)
            }
            TypeKind::Named(path) => {
                let ItemId(id) = self.types.target(of.file, path)?;
                self.items[id as usize]
            }
            // Items of a stream are counted. Where the stream itself may not be, that was reported.
            TypeKind::Stream(item) => {
                self.element(part(item), found);
                None
            }
            TypeKind::Broken => None,
        }
    }

    /// The size of what is counted: it must take bytes.
    fn element(&self, of: Written<'_>, found: &mut Diagnostics) -> Option<u64> {
        let size = self.size(of, found)?;
        if size == 0 {
            let place = of.ty.span.within(self.types.names.file_id(of.file));
            let finding = Diagnostic::new(Code::EmptyElement, place, "these elements take no bytes");
            found.push(
                finding.help("a number of them would cost nothing to send and much to read: send the number itself"),
            );
            return None;
        }
        Some(size)
    }

    /// Arrays are held in place, so in the end on a stack, also where a peer sends only a few bytes of what is around them.
    fn warn_of_large(&self, size: u64, of: Written<'_>, found: &mut Diagnostics) {
        if size > LARGE {
            let message = format!("an array of {size} bytes is held in place, and may not fit the stack of a thread");
            let place = of.ty.span.within(self.types.names.file_id(of.file));
            let help =
                "a `list` keeps its elements elsewhere; or give the threads of servers and clients a larger stack";
            found.push(Diagnostic::new(Code::LargeArray, place, message).help(help));
        }
    }

    fn narrow(&self, size: u64, file: usize, at: Span, found: &mut Diagnostics) -> Option<u64> {
        if size <= WIDEST {
            return Some(size);
        }
        let message = format!("this takes at least {size} bytes, and {WIDEST} are the most");
        let place = at.within(self.types.names.file_id(file));
        found.push(Diagnostic::new(Code::TooWide, place, message).help("a `list` holds any number of elements"));
        None
    }
}
