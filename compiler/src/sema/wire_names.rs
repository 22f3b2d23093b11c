//! Names in shape texts: where `@wire` gives one, no other of the list may be the same.

use foldhash::{HashMap, HashMapExt as _};

use super::{
    annotations::{wire, wire_name},
    collect::Names,
};
use crate::{
    ast::{Annotation, Field, Item as Tree, Name, Payload, Results, Service, Union},
    diag::{Code, Diagnostic, Diagnostics},
    source::FileId,
};

/// Looks at every list of names that shape texts hold.
pub(super) fn check(names: &Names<'_>, found: &mut Diagnostics) {
    for id in names.ids() {
        let item = names.item(id);
        let file = names.file_id(item.file);
        match item.tree {
            Tree::Struct(of) => fields(file, &of.fields, found),
            Tree::Enum(of) | Tree::Flags(of) if of.closed => {
                list(file, of.members.iter().map(|member| (&member.name, &member.annotations[..])), found);
            }
            Tree::Union(of) if of.closed => variants(file, of, found),
            Tree::Service(of) => methods(file, of, found),
            _ => {}
        }
    }
}

fn methods(file: FileId, of: &Service, found: &mut Diagnostics) {
    for method in &of.methods {
        fields(file, &method.params, found);
        if let Results::Named(results, _) = &method.results {
            fields(file, results, found);
        }
    }
}

fn variants(file: FileId, of: &Union, found: &mut Diagnostics) {
    list(file, of.variants.iter().map(|variant| (&variant.name, &variant.annotations[..])), found);
    for variant in &of.variants {
        if let Payload::Fields(inner) = &variant.payload {
            fields(file, inner, found);
        }
    }
}

fn fields(file: FileId, fields: &[Field], found: &mut Diagnostics) {
    list(file, fields.iter().map(|field| (&field.name, &field.annotations[..])), found);
}

fn list<'a>(file: FileId, names: impl Iterator<Item = (&'a Name, &'a [Annotation])> + Clone, found: &mut Diagnostics) {
    // Hardly any list has one, and doubled names were reported as such.
    if names.clone().all(|(_, said)| wire(said).is_none()) {
        return;
    }
    let mut first: HashMap<&str, &Name> = HashMap::new();
    for (name, said) in names {
        let on_wire = wire_name(said, &name.text);
        let other = *first.entry(on_wire).or_insert(name);
        if other.text != name.text {
            let at = wire(said).map_or(name.span, |said| said.span).within(file);
            let message = format!("`{}` and `{}` are both `{on_wire}` on the wire", name.text, other.text);
            let finding = Diagnostic::new(Code::DoubledWireName, at, message);
            found.push(finding.other(other.span.within(file), "the other one"));
        }
    }
}
