//! Expressions that pack a value.

use super::boxing::{Boxed, Place};
use super::literals;
use super::scope::Scope;
use crate::ir::Type;

/// An expression for the value that is packed.
#[derive(Debug, Clone)]
pub(super) enum Source {
    /// The value itself, such as `self.id`; it is borrowed.
    Owned(String),
    /// A reference to it, such as `item`.
    Reference(String),
    /// For an optional: an `Option` of a reference.
    Optional(String),
}

impl Source {
    /// An expression for a reference to it.
    pub(super) fn reference(&self) -> String {
        match self {
            Self::Owned(value) => format!("&{value}"),
            Self::Reference(reference) | Self::Optional(reference) => reference.clone(),
        }
    }

    /// An `Option` of a reference, of what is in the box where there is one.
    fn option(&self, boxed: bool) -> String {
        let method = if boxed { "as_deref" } else { "as_ref" };
        match self {
            Self::Owned(value) if value.starts_with('*') => format!("({value}).{method}()"),
            Self::Owned(value) | Self::Reference(value) => format!("{value}.{method}()"),
            Self::Optional(option) => option.clone(),
        }
    }

    /// What is in the box.
    fn unboxed(&self) -> Self {
        match self {
            Self::Owned(value) => Self::Owned(format!("*{value}")),
            Self::Reference(value) | Self::Optional(value) => Self::Owned(format!("**{value}")),
        }
    }
}

/// Packs into the variable of this name.
pub(super) struct Packing<'a> {
    pub(super) scope: &'a Scope<'a>,
    pub(super) out: &'static str,
}

impl Packing<'_> {
    /// The whole step for a field: the value, and the name that an error's path shows.
    pub(super) fn field(&self, name: &str, ty: &Type, source: &Source, place: Place) -> String {
        format!("{}.at({})", self.value(ty, source, place), literals::string(name))
    }

    /// As [`field`](Self::field), for a value that is given away, behind which nothing is packed.
    pub(super) fn last(&self, name: &str, ty: &Type, value: String) -> String {
        let (method, max) = match self.scope.program.peel(ty) {
            Type::String { max } => ("last_string", *max),
            Type::Bytes { max } => ("last_bytes", *max),
            _ => return self.field(name, ty, &Source::Owned(value), Place::Plain),
        };
        format!("{}.{method}({value}, {}).at({})", self.out, bound(max), literals::string(name))
    }

    /// The value alone.
    pub(super) fn value(&self, ty: &Type, source: &Source, place: Place) -> String {
        let Self { scope, out } = self;
        let boxed = place.boxed(scope.program, ty);
        if boxed == Boxed::Whole {
            return self.value(ty, &source.unboxed(), Place::Plain);
        }
        if scope.program.size(ty).fixed {
            return format!("{out}.fixed({})", source.reference());
        }
        let value = source.reference();
        match scope.program.peel(ty) {
            Type::String { max } => format!("{out}.string({value}, {})", bound(*max)),
            Type::Bytes { max } => format!("{out}.bytes({value}, {})", bound(*max)),
            Type::List { element, max } => self.list(element, *max, &value),
            Type::Array { element, .. } => {
                let place = if matches!(ty, Type::Item(_)) { Place::Plain } else { place };
                format!("{out}.array({value}, {})", self.closure("item", element, place))
            }
            Type::Map { key, value: of, max } => {
                let (key, of) = (self.closure("key", key, Place::Plain), self.closure("value", of, Place::Plain));
                format!("{out}.map({value}, {}, {key}, {of})", bound(*max))
            }
            Type::Optional(inner) => {
                let item = self.closure("item", inner, Place::Plain);
                format!("{out}.option({}, {item})", source.option(boxed == Boxed::InOption))
            }
            _ => format!("{out}.value({value})"),
        }
    }

    /// A function that packs all of these steps.
    pub(super) fn function(&self, steps: &[String]) -> String {
        let out = self.out;
        match steps {
            [] => "|_| Ok(())".to_owned(),
            [step] => format!("|{out}| {step}"),
            _ => format!("|{out}| {{ {} }}", sequence(steps)),
        }
    }

    fn list(&self, element: &Type, max: u32, value: &str) -> String {
        let Self { scope, out } = self;
        let max = bound(max);
        if scope.program.size(element).fixed {
            return format!("{out}.fixed_list({value}, {max})");
        }
        format!("{out}.list({value}, {max}, {})", self.closure("item", element, Place::Plain))
    }

    /// A function that packs an element: a method by its name where that is all.
    fn closure(&self, name: &str, ty: &Type, place: Place) -> String {
        let out = self.out;
        let body = self.value(ty, &Source::Reference(name.to_owned()), place);
        if body == format!("{out}.fixed({name})") {
            "stub::Packer::fixed".to_owned()
        } else if body == format!("{out}.value({name})") {
            "stub::Packer::value".to_owned()
        } else {
            format!("|{out}, {name}| {body}")
        }
    }
}

/// Steps one after the other, each of which may fail; the last one gives the result.
pub(super) fn sequence(steps: &[String]) -> String {
    match steps {
        [] => "Ok(())".to_owned(),
        steps => steps.join("?;\n"),
    }
}

/// A bound on a length.
pub(super) fn bound(max: u32) -> String {
    if max == u32::MAX { "stub::UNBOUNDED".to_owned() } else { literals::size(max.into()) }
}
