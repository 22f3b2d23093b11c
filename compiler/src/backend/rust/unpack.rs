//! Expressions that unpack a value.

use super::boxing::{Boxed, Place};
use super::literals;
use super::pack::bound;
use super::scope::Scope;
use crate::ir::{Field, Type};

/// Unpacks from the variable of this name.
pub(super) struct Unpacking<'a> {
    pub(super) scope: &'a Scope<'a>,
    pub(super) input: &'static str,
}

impl Unpacking<'_> {
    /// The whole step for a field: the value, and the name that an error's path shows.
    pub(super) fn field(&self, name: &str, ty: &Type, place: Place) -> String {
        format!("{}.at({})", self.value(ty, place), literals::string(name))
    }

    /// The whole step for a parameter of a server's method: text and bytes stay where they were received.
    pub(super) fn parameter(&self, name: &str, ty: &Type) -> String {
        format!("{}.at({})", self.borrowed(ty), literals::string(name))
    }

    fn borrowed(&self, ty: &Type) -> String {
        let Self { scope, input } = self;
        match scope.program.peel(ty) {
            Type::String { max } => format!("{input}.str({})", bound(*max)),
            Type::Bytes { max } => format!("{input}.byte_slice({})", bound(*max)),
            Type::Optional(inner) if super::types::is_text(scope, inner) => {
                format!("{input}.option(|{input}| {})", self.borrowed(inner))
            }
            _ => self.value(ty, Place::Plain),
        }
    }

    /// The value alone.
    pub(super) fn value(&self, ty: &Type, place: Place) -> String {
        let Self { scope, input } = self;
        let boxed = place.boxed(scope.program, ty);
        if boxed == Boxed::Whole {
            return self.boxed_value(&self.value(ty, Place::Plain));
        }
        if scope.program.size(ty).fixed {
            return format!("{input}.fixed()");
        }
        match scope.program.peel(ty) {
            Type::String { max } => format!("{input}.string({})", bound(*max)),
            Type::Bytes { max } => format!("{input}.bytes({})", bound(*max)),
            Type::List { element, max } => self.list(element, *max),
            Type::Array { element, .. } => {
                let place = if matches!(ty, Type::Item(_)) { Place::Plain } else { place };
                format!("{input}.array({})", self.closure(&self.value(element, place)))
            }
            Type::Map { key, value, max } => self.map(key, value, *max),
            Type::Optional(inner) => {
                let item = self.value(inner, Place::Plain);
                let item = if boxed == Boxed::InOption { self.boxed_value(&item) } else { item };
                format!("{input}.option({})", self.closure(&item))
            }
            _ => format!("{input}.value()"),
        }
    }

    /// A function that unpacks these fields: nothing, a value, or a tuple.
    pub(super) fn function(&self, fields: &[Field]) -> String {
        let input = self.input;
        let step = |field: &Field| self.field(&field.name, &field.ty, Place::Plain);
        match fields {
            [] => "|_| Ok(())".to_owned(),
            [only] => format!("|{input}| {}", step(only)),
            many => format!("|{input}| Ok(({}))", many.iter().map(|field| step(field) + "?,").collect::<String>()),
        }
    }

    fn list(&self, element: &Type, max: u32) -> String {
        let Self { scope, input } = self;
        let size = scope.program.size(element);
        if size.fixed {
            return format!("{input}.fixed_list({})", bound(max));
        }
        let item = self.closure(&self.value(element, Place::Plain));
        format!("{input}.list({}, {}, {item})", bound(max), literals::size(size.min))
    }

    fn map(&self, key: &Type, value: &Type, max: u32) -> String {
        let Self { scope, input } = self;
        let least = scope.program.size(key).min.saturating_add(scope.program.size(value).min);
        let key = self.closure(&self.value(key, Place::Plain));
        let value = self.closure(&self.value(value, Place::Plain));
        format!("{input}.map({}, {}, {key}, {value})", bound(max), literals::size(least))
    }

    /// The value in a box.
    pub(super) fn boxed_value(&self, value: &str) -> String {
        match value.strip_suffix(".value()") {
            Some(input) if input == self.input => format!("{input}.boxed()"),
            _ => format!("{}.boxed_by({})", self.input, self.closure(value)),
        }
    }

    /// A function that unpacks an element: a method by its name where that is all.
    pub(super) fn closure(&self, body: &str) -> String {
        let input = self.input;
        match body.strip_prefix(input) {
            Some(".fixed()") => "stub::Unpacker::fixed".to_owned(),
            Some(".value()") => "stub::Unpacker::value".to_owned(),
            Some(".boxed()") => "stub::Unpacker::boxed".to_owned(),
            _ => format!("|{input}| {body}"),
        }
    }
}
