//! `table`: a struct whose fields travel by ordinal, and may be absent.

use askama::Template;

use super::structure::{self, AssignedView};
use super::{Maker, print};
use crate::backend::idl;
use crate::backend::rust::boxing::{Boxed, Place};
use crate::backend::rust::docs::{Rustdoc, code};
use crate::backend::rust::lints::Allows;
use crate::backend::rust::pack::{Packing, Source, bound};
use crate::backend::rust::scope::Prelude;
use crate::backend::rust::unpack::Unpacking;
use crate::backend::rust::{literals, names, zero};
use crate::ir::{Field, ItemId, Program, Table, TableField, Type};

#[derive(Template)]
#[template(path = "table_packed.rs.askama")]
struct PackedView {
    name: String,
    allow: String,
    /// The function that packs the fields.
    pack: String,
    /// Ascending by ordinal.
    fields: Vec<AssignedView>,
    std: Prelude,
}

pub(super) fn render(maker: &Maker<'_>, id: ItemId, of: &Table) -> String {
    let program = maker.scope.program;
    let item = program.item(id);
    let fields: Vec<_> = of.fields.iter().map(|field| &field.field).collect();
    let views = of.fields.iter().map(|field| structure::field_view(maker, &field.field, &docs(program, field)));
    let silent = of.fields.iter().filter(|field| field.default.is_none()).map(|field| &field.field.docs);
    let is_derived = of.fields.iter().all(|field| zero::own_default(program, field).is_none())
        && maker.scope.derives.default_is_derived(program, fields.iter().copied());
    let definition = structure::Definition {
        docs: maker.item_rustdoc(item).paragraph(growth(&names::type_name(&item.name))),
        allow: Allows::for_struct(maker.scope, &item.name, &fields).with_undescribed(silent),
        fields: views.collect(),
        default_is_derived: is_derived,
    };
    let default = if is_derived { String::new() } else { default(maker, &item.name, of) };
    [structure::definition(maker, id, definition), default, packed(maker, &item.name, of)].join("\n")
}

fn growth(name: &str) -> String {
    format!(
        "Later versions of the interface may have more fields: `{name} {{ …, ..{name}::default() }}` builds with them too."
    )
}

fn docs(program: &Program, field: &TableField) -> Rustdoc {
    let docs = Rustdoc::new(&field.field.docs);
    match &field.default {
        Some(value) => docs.paragraph(format!("Where it is absent: {}.", code(&idl::value(program, value)))),
        None => docs,
    }
}

fn default(maker: &Maker<'_>, name: &str, of: &Table) -> String {
    let value = |field: &TableField| AssignedView {
        name: names::field_name(&field.field.name),
        value: zero::of_table_field(maker.scope, field),
    };
    structure::default(maker, name, &allows(of), of.fields.iter().map(value).collect())
}

/// What the defaults ask for wherever they stand.
fn allows(of: &Table) -> Allows {
    Allows::default().with_famous(of.fields.iter().filter_map(|field| field.default.as_ref()))
}

fn packed(maker: &Maker<'_>, name: &str, of: &Table) -> String {
    let mut fields: Vec<_> = of.fields.iter().collect();
    fields.sort_by_key(|field| field.ordinal);
    let value =
        |field: &&TableField| AssignedView { name: names::field_name(&field.field.name), value: unpack(maker, field) };
    print(&PackedView {
        name: names::type_name(name),
        allow: allows(of).text(),
        pack: pack(maker, &fields),
        fields: fields.iter().map(value).collect(),
        std: maker.scope.prelude.clone(),
    })
}

/// The function that packs the fields, each unless it is an optional that is not there.
fn pack(maker: &Maker<'_>, fields: &[&TableField]) -> String {
    let steps: Vec<_> = fields.iter().map(|field| pack_field(maker, field)).collect();
    match steps.as_slice() {
        [] => "|_| Ok(())".to_owned(),
        [Step { value, condition: None }] => format!("|fields| {value}"),
        [first @ .., end] => {
            let first: String = first.iter().map(middle).collect();
            format!("|fields| {{ {first} {} }}", last(end))
        }
    }
}

/// The step that packs a field, and what it matches first where the field is optional.
struct Step {
    value: String,
    condition: Option<String>,
}

fn middle(Step { value, condition }: &Step) -> String {
    match condition {
        Some(condition) => format!("if let {condition} {{ {value}?; }}\n"),
        None => format!("{value}?;\n"),
    }
}

fn last(step: &Step) -> String {
    match &step.condition {
        Some(_) => format!("{} Ok(())", middle(step)),
        None => step.value.clone(),
    }
}

fn pack_field(maker: &Maker<'_>, TableField { field, ordinal, .. }: &TableField) -> Step {
    let owned = format!("self.{}", names::field_name(&field.name));
    let place = Place::field(field.recursive);
    let at = |value: String| format!("{value}.at({})", literals::string(&field.name));
    let Type::Optional(inner) = maker.scope.program.peel(&field.ty) else {
        let value = put(maker, *ordinal, &field.ty, &Source::Owned(owned), place);
        return Step { value: at(value), condition: None };
    };
    let (option, value) = match place.boxed(maker.scope.program, &field.ty) {
        Boxed::No => (owned, Source::Reference("value".to_owned())),
        Boxed::InOption => (owned, Source::Owned("**value".to_owned())),
        Boxed::Whole => (format!("*{owned}"), Source::Reference("value".to_owned())),
    };
    let value = put(maker, *ordinal, inner, &value, Place::Plain);
    Step { value: at(value), condition: Some(format!("Some(value) = &{option}")) }
}

/// Packs a value as that of a field.
fn put(maker: &Maker<'_>, ordinal: u16, ty: &Type, source: &Source, place: Place) -> String {
    let program = maker.scope.program;
    let reference = source.reference();
    match program.peel(ty) {
        _ if program.class(ty) < 4 => format!("fields.fixed({ordinal}, {reference})"),
        Type::String { max } => format!("fields.string({ordinal}, {reference}, {})", bound(*max)),
        Type::Bytes { max } => format!("fields.bytes({ordinal}, {reference}, {})", bound(*max)),
        _ => {
            let packing = Packing { scope: maker.scope, out: "out" };
            format!("fields.value({ordinal}, |out| {})", packing.value(ty, source, place))
        }
    }
}

/// The value of a field, as the bytes have it or as its type and default do.
fn unpack(maker: &Maker<'_>, field: &TableField) -> String {
    let Field { name, ty, recursive, .. } = &field.field;
    let place = Place::field(*recursive);
    let unpacking = Unpacking { scope: maker.scope, input: "input" };
    let at = |value: String| format!("{value}.at({})?", literals::string(name));
    let Type::Optional(inner) = maker.scope.program.peel(ty) else {
        let value = at(get(&unpacking, field.ordinal, ty, &unpacking.value(ty, place)));
        return or_absent(maker, field, &value);
    };
    let value = unpacking.value(inner, Place::Plain);
    match place.boxed(maker.scope.program, ty) {
        Boxed::No => at(get(&unpacking, field.ordinal, inner, &value)),
        Boxed::InOption => at(get(&unpacking, field.ordinal, inner, &unpacking.boxed_value(&value))),
        Boxed::Whole => {
            let value = at(get(&unpacking, field.ordinal, inner, &value));
            format!("{{ let value = {value}; {} }}", at("fields.boxed(value)".to_owned()))
        }
    }
}

/// The value of a field, or what it holds where it is absent. What that takes beside the field is charged for first.
fn or_absent(maker: &Maker<'_>, field: &TableField, value: &str) -> String {
    let bytes = maker.memory.beside_absent(maker.scope.program, field);
    if bytes == 0 {
        return value.to_owned() + &zero::unwrapped(maker.scope, field);
    }
    let (bytes, made) = (literals::size(bytes), zero::of_table_field(maker.scope, field));
    let name = literals::string(&field.field.name);
    format!("{{ let value = {value}; fields.or_made(value, {bytes}, || {made}).at({name})? }}")
}

/// Unpacks a value that is that of a field, by the expression `value` where its type has no way of its own.
fn get(unpacking: &Unpacking<'_>, ordinal: u16, ty: &Type, value: &str) -> String {
    let program = unpacking.scope.program;
    match program.peel(ty) {
        _ if program.class(ty) < 4 => format!("fields.fixed({ordinal})"),
        Type::String { max } => format!("fields.string({ordinal}, {})", bound(*max)),
        Type::Bytes { max } => format!("fields.bytes({ordinal}, {})", bound(*max)),
        _ => format!("fields.value({ordinal}, {})", unpacking.closure(value)),
    }
}
