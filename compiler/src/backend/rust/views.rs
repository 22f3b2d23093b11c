//! Views: what is read in place, as which type, and the expressions that check it.
//!
//! Strings, bytes, lists, maps and structs of varying size are read in place. Tables, unions and errors are unpacked, and so
//! are arrays of what varies in size, and what is in a box where an optional hides behind an alias.

mod seen;

pub(super) use seen::{Seen, Views};

use super::boxing::Place;
use super::pack::{Packing, Source, bound};
use super::scope::Scope;
use super::unpack::Unpacking;
use super::{literals, types};
use crate::ir::{Field, Type};

/// Not by its short name, which an item of the package may have.
const AS_REF: &str = "::core::convert::AsRef";

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

impl Viewing<'_> {
    pub(super) fn seen<'t>(&'t self, ty: &'t Type, place: Place) -> Seen<'t> {
        self.scope.views.seen(self.scope.program, ty, place)
    }

    /// Whether a view of the type borrows anything.
    pub(super) fn borrows(&self, ty: &Type) -> bool {
        self.scope.views.borrows(self.scope.program, ty)
    }

    /// The type of a parameter or result: text and bytes are borrowed as ever.
    pub(super) fn parameter_type(&self, ty: &Type) -> String {
        if self.borrows(ty) { self.element_type(ty) } else { types::server_parameter(self.scope, ty) }
    }

    /// The type of what a handler may give for a result: where it need not be owned, whatever has it.
    pub(super) fn given_type(&self, ty: &Type) -> String {
        match self.seen(ty, Place::Plain) {
            Seen::Text { .. } => format!("impl {AS_REF}<str>"),
            Seen::Bytes { .. } => format!("impl {AS_REF}<[u8]>"),
            Seen::List { element, .. } => format!("impl stub::PackList<{}>", types::owned(self.scope, element)),
            _ => types::owned(self.scope, ty),
        }
    }

    /// The step that packs what a handler gave for a result.
    pub(super) fn pack_given(&self, packing: &Packing<'_>, Field { name, ty, .. }: &Field, value: &str) -> String {
        match self.seen(ty, Place::Plain) {
            Seen::Text { .. } | Seen::Bytes { .. } => {
                let source = Source::Reference(format!("{AS_REF}::as_ref(&{value})"));
                packing.field(name, ty, &source, Place::Plain)
            }
            Seen::List { element, max } => {
                let pack = packing.value(ty, &Source::Reference("rpc_items".to_owned()), Place::Plain);
                let check = self.list(element, max, |ty| format!("::<{ty}>"));
                let (element, out, input) = (types::owned(self.scope, element), packing.out, self.input);
                let (pack, check) = (format!("|{out}, rpc_items| {pack}"), format!("|{input}| {{ {check}?; Ok(()) }}"));
                let list = format!("stub::PackList::<{element}>::pack_list(&{value}, {out}, {pack}, {check})");
                format!("{list}.at({})", literals::string(name))
            }
            _ => packing.field(name, ty, &Source::Owned(value.to_owned()), Place::Plain),
        }
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
        match self.seen(ty, place) {
            Seen::Whole => types::placed(self.scope, ty, place),
            Seen::Text { .. } => text,
            Seen::Optional(inner) if self.is_text(inner) => types::option(self.scope, &text),
            Seen::OnDemand(inner) => format!("stub::OptionView<{}, {}>", self.lifetime, self.element_type(inner)),
            _ => self.element_type(ty),
        }
    }

    /// Whether the view of an element is as cheap to copy as a reference.
    pub(super) fn is_copy(&self, ty: &Type) -> bool {
        match self.seen(ty, Place::Plain) {
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
        match self.seen(ty, Place::Plain) {
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
        match self.seen(ty, place) {
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
