//! The message of an error's variant: the first paragraph of its docs, with `{field}` filled in.

use std::collections::BTreeSet;

use super::scope::Scope;
use super::{docs, literals, names};
use crate::ir::{Field, Payload, Type, Variant};

/// An arm of `Display`: what it matches, and the expression that writes the message.
pub(super) struct Message {
    pub(super) pattern: String,
    pub(super) body: String,
}

impl Message {
    pub(super) fn new(scope: &Scope<'_>, variant: &Variant) -> Self {
        let fields = match &variant.payload {
            Payload::Fields(fields) => fields.as_slice(),
            _ => &[],
        };
        let mut format = Format { scope, fields, text: String::new(), used: BTreeSet::new() };
        format.write(&text(variant));
        let Format { text, used, .. } = format;
        let literal = literals::string(&text);
        let body = if used.is_empty() {
            format!("rpc_out.write_str({})", literals::string(&text.replace("{{", "{").replace("}}", "}")))
        } else {
            format!("write!(rpc_out, {literal})")
        };
        Self { pattern: pattern(variant, &used), body }
    }
}

/// What the interface says, or else the name in words.
fn text(variant: &Variant) -> String {
    let lines = variant.docs.iter().map(|line| docs::plain(line.trim()));
    let first = lines.skip_while(String::is_empty).take_while(|line| !line.is_empty()).collect::<Vec<_>>().join(" ");
    if first.is_empty() { names::words(&variant.name) } else { first }
}

/// The variant with those fields that the message names.
fn pattern(variant: &Variant, used: &BTreeSet<usize>) -> String {
    let name = names::variant_name(&variant.name);
    let Payload::Fields(fields) = &variant.payload else {
        return if matches!(variant.payload, Payload::None) { name } else { name + "(_)" };
    };
    let bound = used.iter().filter_map(|at| fields.get(*at)).map(|field| {
        let (field, variable) = (names::field_name(&field.name), variable(field));
        if field == variable { field } else { format!("{field}: {variable}") }
    });
    let rest = (used.len() < fields.len()).then(|| "..".to_owned());
    format!("{name} {{ {} }}", bound.chain(rest).collect::<Vec<_>>().join(", "))
}

/// A name that a format string can hold: no raw identifier, and none of ours.
fn variable(field: &Field) -> String {
    let name = names::field_name(&field.name);
    name.strip_prefix("r#").map_or(name.clone(), |word| format!("rpc_{word}"))
}

/// A format string under construction.
struct Format<'a> {
    scope: &'a Scope<'a>,
    fields: &'a [Field],
    text: String,
    /// Indices of the fields that it names.
    used: BTreeSet<usize>,
}

impl Format<'_> {
    fn write(&mut self, mut rest: &str) {
        while let Some(open) = rest.find('{') {
            self.literal(&rest[..open]);
            rest = &rest[open + 1..];
            let placeholder = rest.split_once('}').and_then(|(name, after)| Some((self.field(name)?, after)));
            match placeholder {
                Some((at, after)) => {
                    self.placeholder(at);
                    rest = after;
                }
                None => self.literal("{"),
            }
        }
        self.literal(rest);
    }

    fn field(&self, name: &str) -> Option<usize> {
        self.fields.iter().position(|field| field.name == name)
    }

    fn literal(&mut self, text: &str) {
        self.text += &text.replace('{', "{{").replace('}', "}}");
    }

    fn placeholder(&mut self, at: usize) {
        let field = &self.fields[at];
        let plain = matches!(self.scope.program.peel(&field.ty), Type::Scalar(_) | Type::String { .. });
        self.text.extend(["{", &variable(field), if plain { "}" } else { ":?}" }]);
        self.used.insert(at);
    }
}
