//! `struct`.

use askama::Template;

use super::{Maker, deprecation, print};
use crate::backend::rust::boxing::Place;
use crate::backend::rust::docs::Rustdoc;
use crate::backend::rust::lints::Allows;
use crate::backend::rust::pack::{Packing, Source, sequence};
use crate::backend::rust::scope::Prelude;
use crate::backend::rust::unpack::Unpacking;
use crate::backend::rust::{literals, names, types, zero};
use crate::ir::{Field, ItemId, Struct};

#[derive(Template)]
#[template(path = "struct.rs.askama")]
struct View {
    docs: String,
    allow: String,
    derives: String,
    name: String,
    fields: Vec<FieldView>,
}

pub(super) struct FieldView {
    docs: String,
    name: String,
    ty: String,
}

/// Packing a struct whose size is always the same.
#[derive(Template)]
#[template(path = "struct_fixed.rs.askama")]
struct FixedView {
    name: String,
    size: String,
    is_empty: bool,
    steps: Vec<StepView>,
    std: Prelude,
}

/// A field, the name that an error's path shows, and whether another follows.
struct StepView {
    name: String,
    literal: String,
    is_last: bool,
}

/// Packing a struct whose size varies.
#[derive(Template)]
#[template(path = "struct_packed.rs.askama")]
struct PackedView {
    name: String,
    min_size: String,
    pack: String,
    fields: Vec<AssignedView>,
    std: Prelude,
}

/// A field, and the expression for its value.
pub(super) struct AssignedView {
    pub(super) name: String,
    pub(super) value: String,
}

/// What is written out because it cannot be derived: an array of more than 32 elements and a time have no `Default`, and
/// a table may have defaults of its own.
#[derive(Template)]
#[template(path = "default.rs.askama")]
struct DefaultView {
    name: String,
    allow: String,
    fields: Vec<AssignedView>,
    std: Prelude,
}

/// The parts of a struct's definition in which structs and tables differ.
pub(super) struct Definition {
    pub(super) docs: Rustdoc,
    pub(super) allow: Allows,
    pub(super) fields: Vec<FieldView>,
    pub(super) default_is_derived: bool,
}

pub(super) fn render(maker: &Maker<'_>, id: ItemId, of: &Struct) -> String {
    let program = maker.scope.program;
    let item = program.item(id);
    let fields: Vec<_> = of.fields.iter().collect();
    let default_is_derived = maker.scope.derives.default_is_derived(program, of.fields.iter());
    let parts = Definition {
        docs: maker.item_rustdoc(item),
        allow: Allows::for_struct(maker.scope, &item.name, &fields)
            .with_undescribed(fields.iter().map(|field| &field.docs)),
        fields: fields.iter().map(|field| field_view(maker, field, &Rustdoc::new(&field.docs))).collect(),
        default_is_derived,
    };
    let has_default = maker.scope.derives.of_item(id).default && !default_is_derived;
    let default = if has_default { zero_default(maker, &item.name, of) } else { String::new() };
    let size = program.item_size(id);
    let packing =
        if size.fixed { fixed(maker, &item.name, size.min, of) } else { packed(maker, &item.name, size.min, of) };
    [definition(maker, id, parts), default, packing].join("\n")
}

/// The struct itself.
pub(super) fn definition(maker: &Maker<'_>, id: ItemId, parts: Definition) -> String {
    let item = maker.scope.program.item(id);
    let written: &[&str] = if parts.default_is_derived { &[] } else { &["Default"] };
    print(&View {
        docs: parts.docs.comment() + &deprecation(item.deprecated.as_deref()),
        allow: parts.allow.text(),
        derives: maker.derives(id, written),
        name: names::type_name(&item.name),
        fields: parts.fields,
    })
}

/// A `Default` that is written out.
pub(super) fn default(maker: &Maker<'_>, name: &str, allow: &Allows, fields: Vec<AssignedView>) -> String {
    let std = maker.scope.prelude.clone();
    print(&DefaultView { name: names::type_name(name), allow: allow.text(), fields, std })
}

fn zero_default(maker: &Maker<'_>, name: &str, of: &Struct) -> String {
    let value = |field: &Field| AssignedView {
        name: names::field_name(&field.name),
        value: zero::expression(maker.scope, &field.ty, Place::field(field.recursive)),
    };
    default(maker, name, &Allows::default(), of.fields.iter().map(value).collect())
}

/// A field with these docs.
pub(super) fn field_view(maker: &Maker<'_>, field: &Field, docs: &Rustdoc) -> FieldView {
    FieldView {
        docs: docs.comment() + &deprecation(field.deprecated.as_deref()),
        name: names::field_name(&field.name),
        ty: types::placed(maker.scope, &field.ty, Place::field(field.recursive)),
    }
}

fn fixed(maker: &Maker<'_>, name: &str, size: u64, of: &Struct) -> String {
    let step = |(at, field): (usize, &Field)| StepView {
        name: names::field_name(&field.name),
        literal: literals::string(&field.name),
        is_last: at + 1 == of.fields.len(),
    };
    print(&FixedView {
        name: names::type_name(name),
        size: literals::size(size),
        is_empty: of.fields.is_empty(),
        steps: of.fields.iter().enumerate().map(step).collect(),
        std: maker.scope.prelude.clone(),
    })
}

fn packed(maker: &Maker<'_>, name: &str, min_size: u64, of: &Struct) -> String {
    let (packing, unpacking) =
        (Packing { scope: maker.scope, out: "out" }, Unpacking { scope: maker.scope, input: "input" });
    let pack = |field: &Field| {
        let source = Source::Owned(format!("self.{}", names::field_name(&field.name)));
        packing.field(&field.name, &field.ty, &source, Place::field(field.recursive))
    };
    let unpack = |field: &Field| AssignedView {
        name: names::field_name(&field.name),
        value: unpacking.field(&field.name, &field.ty, Place::field(field.recursive)),
    };
    print(&PackedView {
        name: names::type_name(name),
        min_size: literals::size(min_size),
        pack: sequence(&of.fields.iter().map(pack).collect::<Vec<_>>()),
        fields: of.fields.iter().map(unpack).collect(),
        std: maker.scope.prelude.clone(),
    })
}
