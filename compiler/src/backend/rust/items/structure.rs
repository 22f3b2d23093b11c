//! `struct`.

use askama::Template;

use super::{Maker, member_docs, print};
use crate::backend::rust::boxing::Place;
use crate::backend::rust::lints::Allows;
use crate::backend::rust::pack::{Packing, Source, sequence};
use crate::backend::rust::scope::Prelude;
use crate::backend::rust::unpack::Unpacking;
use crate::backend::rust::{literals, names, types};
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

struct FieldView {
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
    fields: Vec<UnpackView>,
    std: Prelude,
}

struct UnpackView {
    name: String,
    value: String,
}

pub(super) fn render(maker: &Maker<'_>, id: ItemId, of: &Struct) -> String {
    let item = maker.scope.program.item(id);
    let definition = print(&View {
        docs: maker.item_docs(item),
        allow: Allows::for_struct(maker.scope, &item.name, &of.fields).text(),
        derives: maker.derives(id, &maker.scope.derives.of_item(id).list(), &[]),
        name: names::type_name(&item.name),
        fields: of.fields.iter().map(|field| field_view(maker, field)).collect(),
    });
    let size = maker.scope.program.item_size(id);
    let packing =
        if size.fixed { fixed(maker, &item.name, size.min, of) } else { packed(maker, &item.name, size.min, of) };
    definition + "\n" + &packing
}

fn field_view(maker: &Maker<'_>, field: &Field) -> FieldView {
    FieldView {
        docs: member_docs(&field.docs),
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
    let unpack = |field: &Field| UnpackView {
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
