//! What methods may be, and the docs of errors.

use super::{collect::Names, streams, walk};
use crate::{
    ast::{DocLine, Field, Item as Tree, Method, Payload, Results, TypeKind, Variant},
    diag::{Code, Diagnostic, Diagnostics},
    source::{FileId, Span},
};

/// Looks into every service and error.
pub(super) fn check(names: &Names<'_>, found: &mut Diagnostics) {
    for id in names.ids() {
        let item = names.item(id);
        let file = names.file_id(item.file);
        match item.tree {
            Tree::Service(of) => of.methods.iter().for_each(|method| {
                check_oneway(file, method, found);
                streams::check_method(file, method, found);
            }),
            Tree::Error(of) if !of.damaged => {
                let whole = of.variants.iter().filter(|variant| !variant.damaged);
                whole.for_each(|variant| check_message(file, variant, found));
            }
            _ => {}
        }
        if !matches!(item.tree, Tree::Service(_)) {
            for ty in walk::types(item.tree) {
                streams::refuse_all(file, ty, found);
            }
        }
    }
}

fn check_oneway(file: FileId, method: &Method, found: &mut Diagnostics) {
    let Some(oneway) = method.oneway else { return };
    let results = match &method.results {
        Results::None => None,
        Results::One(ty) => Some(ty.span),
        Results::Named(_, span) => Some(*span),
    };
    for param in method.params.iter().filter(|param| matches!(param.ty.kind, TypeKind::Stream(_))) {
        let message = "a oneway method cannot have a stream: it is one message";
        let finding = Diagnostic::new(Code::BadOneway, param.ty.span.within(file), message);
        found.push(finding.other(oneway.within(file), "this makes it oneway"));
    }
    let mut refuse = |at: Span, what: &str| {
        let message = format!("a oneway method cannot {what}: nothing comes back");
        let finding = Diagnostic::new(Code::BadOneway, at.within(file), message);
        found.push(finding.other(oneway.within(file), "this makes it oneway"));
    };
    if let Some(span) = results {
        refuse(span, "have a result");
    }
    if let Some(path) = &method.throws {
        refuse(path.span, "throw");
    }
}

/// The first line of a variant's docs is its message; `{name}` in it stands for a field.
fn check_message(file: FileId, variant: &Variant, found: &mut Diagnostics) {
    let fields: &[Field] = match &variant.payload {
        Payload::Fields(fields) => fields,
        Payload::None | Payload::Type(_) => &[],
    };
    let Some(line) = variant.docs.lines.first() else { return };
    for name in placeholders(line) {
        if !fields.iter().any(|field| field.name.text == name) {
            let message = format!("variant `{}` has no field `{name}`", variant.name.text);
            let finding = Diagnostic::new(Code::UnknownPlaceholder, line.span.within(file), message);
            found.push(finding.help("the braces and the name stay as they are in the message"));
        }
    }
}

/// The names in braces.
fn placeholders(line: &DocLine) -> impl Iterator<Item = &str> {
    line.text
        .split('{')
        .skip(1)
        .filter_map(|rest| rest.split_once('}'))
        .map(|(name, _)| name)
        .filter(|name| is_name(name))
}

fn is_name(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}
