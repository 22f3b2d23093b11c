//! Views: what is read in place, as which type, and the expressions that check it.
//!
//! Strings, bytes, lists, maps and structs of varying size are read in place. Tables, unions and errors are unpacked, and so
//! are arrays of what varies in size, and what is in a box where an optional hides behind an alias.

use super::boxing::{Boxed, Place};
use super::pack::bound;
use super::scope::Scope;
use super::unpack::Unpacking;
use super::{literals, types};
use crate::backend::fixpoint::{Known, fixpoint};
use crate::ir::{Field, Item, ItemId, ItemKind, Program, Type};

/// Which structs have a view that borrows; any other type is its own view.
pub(super) struct Views(Known<bool>);

impl Views {
    pub(super) fn new(program: &Program) -> Self {
        Self(fixpoint(program, false, |known, item| borrows_any(known, program, item)))
    }

    /// Whether an item has a view type of its own.
    pub(super) fn has_type(&self, id: ItemId) -> bool {
        self.0.of(id)
    }
}

fn borrows_any(known: &Known<bool>, program: &Program, item: &Item) -> bool {
    let ItemKind::Struct(of) = &item.kind else { return false };
    let borrows = |field: &Field| {
        let seen = Seen::new(program, &field.ty, Place::field(field.recursive));
        borrows(known, program, &seen)
    };
    of.fields.iter().any(borrows)
}

fn borrows(known: &Known<bool>, program: &Program, seen: &Seen<'_>) -> bool {
    match seen {
        Seen::Value | Seen::Whole => false,
        Seen::Optional(inner) => borrows(known, program, &Seen::new(program, inner, Place::Plain)),
        Seen::Item(id) => known.of(*id),
        _ => true,
    }
}

/// How a view sees a value.
pub(super) enum Seen<'a> {
    /// As it is: it is of fixed size.
    Value,
    /// Unpacked, as ever.
    Whole,
    Text {
        max: u32,
    },
    Bytes {
        max: u32,
    },
    List {
        element: &'a Type,
        max: u32,
    },
    Map {
        key: &'a Type,
        value: &'a Type,
        max: u32,
    },
    Optional(&'a Type),
    /// An optional that leads back to what holds it: read when it is asked for.
    OnDemand(&'a Type),
    /// A declared type: by its view, or unpacked if it has none.
    Item(ItemId),
}

impl<'a> Seen<'a> {
    pub(super) fn new(program: &'a Program, ty: &'a Type, place: Place) -> Self {
        let boxed = place.boxed(program, ty);
        match program.peel(ty) {
            _ if boxed == Boxed::Whole => Self::Whole,
            _ if program.size(ty).fixed => Self::Value,
            of if !is_element(program, of) => Self::Whole,
            Type::String { max } => Self::Text { max: *max },
            Type::Bytes { max } => Self::Bytes { max: *max },
            Type::List { element, max } => Self::List { element, max: *max },
            Type::Map { key, value, max } => Self::Map { key, value, max: *max },
            Type::Optional(inner) if boxed == Boxed::InOption => Self::OnDemand(inner),
            Type::Optional(inner) => Self::Optional(inner),
            Type::Item(id) => Self::Item(*id),
            Type::Array { .. } | Type::Scalar(_) | Type::Timestamp | Type::Duration => Self::Whole,
        }
    }
}

/// Whether a type can be part of a list that is read in place: it holds no array of what varies in size.
fn is_element(program: &Program, ty: &Type) -> bool {
    match program.peel(ty) {
        of if program.size(of).fixed => true,
        Type::Array { .. } => false,
        Type::List { element: inner, .. } | Type::Optional(inner) => is_element(program, inner),
        Type::Map { key, value, .. } => is_element(program, key) && is_element(program, value),
        _ => true,
    }
}

/// Views from the variable of this name, which live for this long.
pub(super) struct Viewing<'a> {
    pub(super) scope: &'a Scope<'a>,
    pub(super) input: &'static str,
    pub(super) lifetime: &'static str,
}

/// Views of parameters and results.
pub(super) fn of_parameters<'a>(scope: &'a Scope<'a>) -> Viewing<'a> {
    Viewing { scope, input: "rpc_in", lifetime: "'_" }
}

impl<'a> Viewing<'a> {
    pub(super) fn seen(&self, ty: &'a Type, place: Place) -> Seen<'a> {
        Seen::new(self.scope.program, ty, place)
    }

    /// Whether a view of the type borrows anything.
    pub(super) fn borrows(&self, ty: &Type) -> bool {
        let program = self.scope.program;
        borrows(&self.scope.views.0, program, &Seen::new(program, ty, Place::Plain))
    }

    /// The type of a parameter or result: text and bytes are borrowed as ever.
    pub(super) fn parameter_type(&self, ty: &Type) -> String {
        if self.borrows(ty) { self.element_type(ty) } else { types::server_parameter(self.scope, ty) }
    }

    /// The step that reads a parameter or result.
    pub(super) fn parameter(&self, name: &str, ty: &Type) -> String {
        if !self.borrows(ty) || types::is_borrowed(self.scope, ty) {
            return Unpacking { scope: self.scope, input: self.input }.parameter(name, ty);
        }
        self.field(name, ty, Place::Plain)
    }

    /// The type of a view's field.
    pub(super) fn field_type(&self, ty: &Type, place: Place) -> String {
        let text = format!("stub::Text<{}>", self.lifetime);
        match Seen::new(self.scope.program, ty, place) {
            Seen::Whole => types::placed(self.scope, ty, place),
            Seen::Text { .. } => text,
            Seen::Optional(inner) if self.is_text(inner) => types::option(self.scope, &text),
            Seen::OnDemand(inner) => format!("stub::OptionView<{}, {}>", self.lifetime, self.element_type(inner)),
            _ => self.element_type(ty),
        }
    }

    /// Whether the view of an element is as cheap to copy as a reference.
    pub(super) fn is_copy(&self, ty: &Type) -> bool {
        match Seen::new(self.scope.program, ty, Place::Plain) {
            Seen::Whole | Seen::OnDemand(_) | Seen::Item(_) => false,
            Seen::Optional(inner) => self.is_copy(inner),
            _ => true,
        }
    }

    /// Whether a type is seen as text.
    pub(super) fn is_text(&self, ty: &Type) -> bool {
        matches!(self.scope.program.peel(ty), Type::String { .. })
    }

    /// The type of a value that a list gives, or another view.
    pub(super) fn element_type(&self, ty: &Type) -> String {
        let lifetime = self.lifetime;
        match Seen::new(self.scope.program, ty, Place::Plain) {
            Seen::Text { .. } => format!("&{}str", self.of_reference()),
            Seen::Bytes { .. } => format!("&{}[u8]", self.of_reference()),
            Seen::List { element, .. } => format!("stub::ListView<{lifetime}, {}>", self.element_type(element)),
            Seen::Map { key, value, .. } => {
                format!("stub::MapView<{lifetime}, {}, {}>", self.element_type(key), self.element_type(value))
            }
            Seen::Optional(inner) => types::option(self.scope, &self.element_type(inner)),
            Seen::Item(id) if self.scope.views.has_type(id) => format!("{}<{lifetime}>", self.scope.view_path(id)),
            _ => types::owned(self.scope, ty),
        }
    }

    fn of_reference(&self) -> String {
        if self.lifetime == "'_" { String::new() } else { format!("{} ", self.lifetime) }
    }

    /// The whole step for a field: the view, and the name that an error's path shows.
    pub(super) fn field(&self, name: &str, ty: &Type, place: Place) -> String {
        format!("{}.at({})", self.value(ty, place, |_| String::new()), literals::string(name))
    }

    /// The view alone. What Rust cannot infer of its type is written out by `typed`.
    fn value(&self, ty: &Type, place: Place, typed: impl Fn(&str) -> String) -> String {
        let Self { scope, input, .. } = self;
        match Seen::new(scope.program, ty, place) {
            Seen::Value => format!("{input}.fixed{}()", typed(&types::owned(scope, ty))),
            Seen::Whole => Unpacking { scope, input }.value(ty, place),
            Seen::Text { max } => format!("{input}.text({})", bound(max)),
            Seen::Bytes { max } => format!("{input}.bytes_view({})", bound(max)),
            Seen::List { element, max } => self.list(element, max, typed),
            Seen::Map { key, value, max } => self.map(key, value, max, typed),
            Seen::Optional(inner) => format!("{input}.option_view({})", self.element(inner)),
            Seen::OnDemand(inner) => format!("{input}.boxed_option_view({})", self.element(inner)),
            Seen::Item(_) => format!("{input}.view{}()", typed(&self.element_type(ty))),
        }
    }

    fn list(&self, element: &Type, max: u32, typed: impl Fn(&str) -> String) -> String {
        let (input, ty, size) = (self.input, self.element_type(element), self.scope.program.size(element));
        if size.fixed {
            return format!("{input}.fixed_list_view{}({})", typed(&ty), bound(max));
        }
        let typed = typed(&format!("{ty}, _"));
        format!("{input}.list_view{typed}({}, {}, {})", bound(max), literals::size(size.min), self.element(element))
    }

    fn map(&self, key: &Type, value: &Type, max: u32, typed: impl Fn(&str) -> String) -> String {
        let program = self.scope.program;
        let least = program.size(key).min.saturating_add(program.size(value).min);
        let typed = typed(&format!("{}, {}, _, _", self.element_type(key), self.element_type(value)));
        let (input, least) = (self.input, literals::size(least));
        format!("{input}.map_view{typed}({}, {least}, {}, {})", bound(max), self.element(key), self.element(value))
    }

    /// A function that checks an element: a method by its name where that is all.
    fn element(&self, ty: &Type) -> String {
        let input = self.input;
        let body = self.value(ty, Place::Plain, |ty| format!("::<{ty}>"));
        let method = body.strip_prefix(input).and_then(|rest| rest.strip_prefix('.')?.strip_suffix("()"));
        match method.filter(|method| !method.contains('(')) {
            Some(method) => format!("stub::Unpacker::{method}"),
            None => format!("|{input}| {body}"),
        }
    }

    /// A function that makes views of these results, sees to it that nothing follows, and hands them to the function `read`.
    pub(super) fn function(&self, results: &[Field], read: &str) -> String {
        let input = self.input;
        let name = |at: usize| format!("rpc_result_{at}");
        let step =
            |(at, field): (usize, &Field)| format!("let {} = {}?;\n", name(at), self.parameter(&field.name, &field.ty));
        let steps: String = results.iter().enumerate().map(step).collect();
        let args = (0..results.len()).map(name).collect::<Vec<_>>().join(", ");
        format!("|{input}| {{ {steps} {input}.end()?; Ok({read}({args})) }}")
    }
}
