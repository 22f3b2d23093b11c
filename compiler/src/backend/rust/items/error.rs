//! `error`.

use askama::Template;

use super::{Maker, member_docs, print};
use crate::backend::rust::boxing::Place;
use crate::backend::rust::lints::Allows;
use crate::backend::rust::message::Message;
use crate::backend::rust::pack::{Packing, Source};
use crate::backend::rust::scope::Prelude;
use crate::backend::rust::unpack::Unpacking;
use crate::backend::rust::{docs, literals, names, types};
use crate::ir::{Error, Field, ItemId, Payload, Type, Variant};

#[derive(Template)]
#[template(path = "error.rs.askama")]
struct View {
    docs: String,
    allow: String,
    derives: String,
    unknown_derives: String,
    name: String,
    unknown: String,
    /// Each with its docs and what it carries.
    variants: Vec<String>,
}

/// The traits of an error: its message, what the runtime asks of it.
#[derive(Template)]
#[template(path = "error_traits.rs.askama")]
struct TraitsView {
    name: String,
    allow_display: String,
    /// The arms of `Display`.
    messages: Vec<String>,
    std: Prelude,
}

#[derive(Template)]
#[template(path = "error_packed.rs.askama")]
struct PackedView {
    name: String,
    unknown: String,
    allow_single: String,
    /// The arms of `pack` and of `unpack`.
    pack: Vec<String>,
    unpack: Vec<String>,
    std: Prelude,
}

pub(super) fn render(maker: &Maker<'_>, id: ItemId, of: &Error) -> String {
    let name = names::type_name(&maker.scope.program.item(id).name);
    [definition(maker, id, of), traits(maker, &name, of), packed(maker, &name, of)].join("\n")
}

fn definition(maker: &Maker<'_>, id: ItemId, of: &Error) -> String {
    let item = maker.scope.program.item(id);
    let name = names::type_name(&item.name);
    print(&View {
        docs: maker.item_docs(item),
        allow: allows(maker, id, of).text(),
        derives: maker.derives(id, &maker.scope.derives.of_item(id).list(), &[]),
        unknown_derives: maker.derives(id, "Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord", &[]),
        unknown: format!("Unknown{name}"),
        variants: of.variants.iter().map(|variant| declared(maker, variant)).collect(),
        name,
    })
}

fn allows(maker: &Maker<'_>, id: ItemId, of: &Error) -> Allows {
    let fields = of.variants.iter().flat_map(|variant| match &variant.payload {
        Payload::Fields(fields) => fields.as_slice(),
        _ => &[],
    });
    let undescribed = of.variants.iter().any(|variant| docs::are_empty(&variant.docs));
    let undescribed = undescribed || fields.clone().any(|field| docs::are_empty(&field.docs));
    let names = of.variants.iter().map(|variant| variant.name.as_str()).chain(["Unknown"]);
    let is_large = maker.memory.of_item(id) > 200;
    Allows::for_variants(&maker.scope.program.item(id).name, names)
        .when(undescribed, "missing_docs", "the interface does not describe every part")
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
                format!("{}{name}: {},\n", member_docs(&field.docs), ty(&field.ty, field.recursive))
            };
            format!("{{\n{}}}", fields.iter().map(field).collect::<String>())
        }
    };
    format!("{}{}{payload}", member_docs(&variant.docs), names::variant_name(&variant.name))
}

fn traits(maker: &Maker<'_>, name: &str, of: &Error) -> String {
    let messages: Vec<_> = of.variants.iter().map(|variant| Message::new(maker.scope, variant)).collect();
    let repeated = (1..messages.len()).any(|at| messages[..at].iter().any(|other| other.body == messages[at].body));
    let reason = "the interface has the same message for different failures";
    print(&TraitsView {
        name: name.to_owned(),
        allow_display: Allows::default().when(repeated, "clippy::match_same_arms", reason).text(),
        messages: messages
            .into_iter()
            .map(|message| format!("Self::{} => {}", message.pattern, message.body))
            .collect(),
        std: maker.scope.prelude.clone(),
    })
}

fn packed(maker: &Maker<'_>, name: &str, of: &Error) -> String {
    let reason = "the interface may get more variants";
    print(&PackedView {
        name: name.to_owned(),
        unknown: format!("Unknown{name}"),
        allow_single: Allows::default().when(of.variants.len() == 1, "clippy::single_match_else", reason).text(),
        pack: of.variants.iter().map(|variant| pack(maker, variant)).collect(),
        unpack: of.variants.iter().map(|variant| unpack(maker, variant)).collect(),
        std: maker.scope.prelude.clone(),
    })
}

/// `Overflow { bits } => …`
fn pack(maker: &Maker<'_>, variant: &Variant) -> String {
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
    format!("Self::{name}{pattern} => rpc_out.variant({}, {body}).at({literal})", variant.ordinal)
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
