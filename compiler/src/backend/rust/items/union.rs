//! `union` and `closed union`, and what an `error` shares with them: the type, and how it is packed.

use askama::Template;

use super::{Maker, member_docs, print};
use crate::backend::rust::boxing::Place;
use crate::backend::rust::lints::Allows;
use crate::backend::rust::pack::{Packing, Source};
use crate::backend::rust::scope::Prelude;
use crate::backend::rust::unpack::Unpacking;
use crate::backend::rust::{literals, names, types};
use crate::ir::{Field, ItemId, Payload, Type, Union, Variant};

#[derive(Template)]
#[template(path = "union.rs.askama")]
struct View {
    docs: String,
    allow: String,
    derives: String,
    name: String,
    /// Each with its docs and what it carries.
    variants: Vec<String>,
    /// Whether it keeps variants that it does not know, in a variant of the type `unknown`.
    is_open: bool,
    unknown: String,
    unknown_derives: String,
    /// `failure` and `in`, or `variant` and `of`.
    what: &'static str,
    of: &'static str,
}

/// What docs call a variant: "a `what` `of` the type".
pub(super) struct Words {
    what: &'static str,
    of: &'static str,
}

/// Of an error.
pub(super) const FAILURE: Words = Words { what: "failure", of: "in" };
const VARIANT: Words = Words { what: "variant", of: "of" };

#[derive(Template)]
#[template(path = "union_open.rs.askama")]
struct OpenView {
    name: String,
    unknown: String,
    allow_single: String,
    /// The arms of `pack` and of `unpack`.
    pack: Vec<String>,
    unpack: Vec<String>,
    std: Prelude,
}

#[derive(Template)]
#[template(path = "union_closed.rs.askama")]
struct ClosedView {
    name: String,
    /// The name in the interface, as a string literal.
    literal: String,
    allow_single: String,
    /// The arms of `pack` and of `unpack`.
    pack: Vec<String>,
    unpack: Vec<String>,
    std: Prelude,
}

pub(super) fn render(maker: &Maker<'_>, id: ItemId, of: &Union) -> String {
    [definition(maker, id, of, &VARIANT), packed(maker, id, of)].join("\n")
}

/// The type, and that for variants that it does not know.
pub(super) fn definition(maker: &Maker<'_>, id: ItemId, of: &Union, words: &Words) -> String {
    let item = maker.scope.program.item(id);
    let name = names::type_name(&item.name);
    print(&View {
        docs: maker.item_docs(item),
        allow: allows(maker, id, of).text(),
        derives: maker.derives(id, &[]),
        variants: of.variants.iter().map(|variant| declared(maker, variant)).collect(),
        is_open: !of.closed,
        unknown: format!("Unknown{name}"),
        unknown_derives: maker.derives_beside(id, "Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord", &[]),
        what: words.what,
        of: words.of,
        name,
    })
}

fn allows(maker: &Maker<'_>, id: ItemId, of: &Union) -> Allows {
    let fields = of.variants.iter().flat_map(|variant| match &variant.payload {
        Payload::Fields(fields) => fields.as_slice(),
        _ => &[],
    });
    let docs = of.variants.iter().map(|variant| &variant.docs).chain(fields.clone().map(|field| &field.docs));
    let names = of.variants.iter().map(|variant| variant.name.as_str()).chain((!of.closed).then_some("Unknown"));
    let is_large = maker.memory.most_of_item(id) > 200;
    Allows::for_variants(&maker.scope.program.item(id).name, names)
        .with_undescribed(docs)
        .when(is_large, "clippy::large_enum_variant", "the variants are the interface's")
        .with_types(fields.map(|field| types::placed(maker.scope, &field.ty, Place::payload(field.recursive))))
}

fn declared(maker: &Maker<'_>, variant: &Variant) -> String {
    let ty = |ty: &Type, recursive| types::placed(maker.scope, ty, Place::payload(recursive));
    let payload = match &variant.payload {
        Payload::None => String::new(),
        Payload::Type { ty: of, recursive } => format!("({})", ty(of, *recursive)),
        Payload::Fields(fields) => {
            let field = |field: &Field| {
                let name = names::field_name(&field.name);
                format!(
                    "{}{name}: {},\n",
                    member_docs(&field.docs, field.deprecated.as_deref()),
                    ty(&field.ty, field.recursive)
                )
            };
            format!("{{\n{}}}", fields.iter().map(field).collect::<String>())
        }
    };
    let docs = member_docs(&variant.docs, variant.deprecated.as_deref());
    format!("{docs}{}{payload}", names::variant_name(&variant.name))
}

/// How it is packed and unpacked.
pub(super) fn packed(maker: &Maker<'_>, id: ItemId, of: &Union) -> String {
    let name = &maker.scope.program.item(id).name;
    let reason = "the interface may get more variants";
    let allow_single = Allows::default().when(of.variants.len() == 1, "clippy::single_match_else", reason).text();
    let method = if of.closed { "closed_variant" } else { "variant" };
    let pack = of.variants.iter().map(|variant| pack(maker, method, variant)).collect();
    let unpack = of.variants.iter().map(|variant| unpack(maker, variant)).collect();
    let (literal, name, std) = (literals::string(name), names::type_name(name), maker.scope.prelude.clone());
    if of.closed {
        print(&ClosedView { name, literal, allow_single, pack, unpack, std })
    } else {
        print(&OpenView { unknown: format!("Unknown{name}"), name, allow_single, pack, unpack, std })
    }
}

/// `Overflow { bits } => …`
fn pack(maker: &Maker<'_>, method: &str, variant: &Variant) -> String {
    let packing = Packing { scope: maker.scope, out: "rpc_out" };
    let (name, literal) = (names::variant_name(&variant.name), literals::string(&variant.name));
    let (pattern, body) = match &variant.payload {
        Payload::None => (String::new(), "|_| Ok(())".to_owned()),
        Payload::Type { ty, recursive } => {
            let source = Source::Reference("value".to_owned());
            ("(value)".to_owned(), format!("|rpc_out| {}", packing.value(ty, &source, Place::payload(*recursive))))
        }
        Payload::Fields(fields) => {
            let pattern = fields.iter().map(|field| names::field_name(&field.name)).collect::<Vec<_>>().join(", ");
            (format!(" {{ {pattern} }}"), pack_fields(&packing, fields))
        }
    };
    format!("Self::{name}{pattern} => rpc_out.{method}({}, {body}).at({literal})", variant.ordinal)
}

fn pack_fields(packing: &Packing<'_>, fields: &[Field]) -> String {
    let step = |field: &Field| {
        let source = Source::Reference(names::field_name(&field.name));
        packing.field(&field.name, &field.ty, &source, Place::payload(field.recursive))
    };
    packing.function(&fields.iter().map(step).collect::<Vec<_>>())
}

/// `2 => Ok(Self::Overflow { … })`
fn unpack(maker: &Maker<'_>, variant: &Variant) -> String {
    let unpacking = Unpacking { scope: maker.scope, input: "rpc_in" };
    let (name, literal) = (names::variant_name(&variant.name), literals::string(&variant.name));
    let payload = match &variant.payload {
        Payload::None => String::new(),
        Payload::Type { ty, recursive } => {
            format!("({}.at({literal})?)", unpacking.value(ty, Place::payload(*recursive)))
        }
        Payload::Fields(fields) => {
            let field = |field: &Field| {
                let value = unpacking.field(&field.name, &field.ty, Place::payload(field.recursive));
                format!("{}: {value}.at({literal})?,", names::field_name(&field.name))
            };
            format!("{{ {} }}", fields.iter().map(field).collect::<String>())
        }
    };
    format!("{} => Ok(Self::{name}{payload})", variant.ordinal)
}
