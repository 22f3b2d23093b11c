//! `flags` and `closed flags`: a number whose bits have names.

use askama::Template;

use super::{Maker, member_docs, print};
use crate::backend::rust::lints::Allows;
use crate::backend::rust::scope::Prelude;
use crate::backend::rust::{literals, names};
use crate::ir::{Enum, ItemId, Member, Scalar};

#[derive(Template)]
#[template(path = "flags.rs.askama")]
struct View {
    docs: String,
    allow: String,
    derives: String,
    name: String,
    /// The name as a string literal.
    literal: String,
    base: &'static str,
    members: Vec<MemberView>,
    /// The bits of all members.
    known: String,
    /// Whether it keeps bits that it does not know.
    is_open: bool,
    /// The bits as a `u64`.
    wide_bits: String,
}

struct MemberView {
    docs: String,
    name: String,
    /// The name as a string literal.
    literal: String,
    bits: String,
}

#[derive(Template)]
#[template(path = "flags_operators.rs.askama")]
struct OperatorsView {
    name: String,
    operators: [Operator; 4],
    is_open: bool,
}

/// An operator with its trait.
struct Operator {
    docs: &'static str,
    name: &'static str,
    method: &'static str,
    sign: char,
    body: &'static str,
}

const OPERATORS: [Operator; 4] = [
    Operator { docs: "The bits of both.", name: "BitOr", method: "bitor", sign: '|', body: "self.union(other)" },
    Operator {
        docs: "The bits that are in both.",
        name: "BitAnd",
        method: "bitand",
        sign: '&',
        body: "Self { bits: self.bits & other.bits }",
    },
    Operator {
        docs: "The bits that are in one of them.",
        name: "BitXor",
        method: "bitxor",
        sign: '^',
        body: "Self { bits: self.bits ^ other.bits }",
    },
    Operator {
        docs: "The bits without those of the other.",
        name: "Sub",
        method: "sub",
        sign: '-',
        body: "self.difference(other)",
    },
];

/// How it travels: as its number.
#[derive(Template)]
#[template(path = "flags_packed.rs.askama")]
struct PackedView {
    name: String,
    base: &'static str,
    size: u32,
    is_open: bool,
    /// The name in the interface, as a string literal.
    literal: String,
    /// The unknown bits as a `u64`.
    wide_unknown: String,
    std: Prelude,
}

pub(super) fn render(maker: &Maker<'_>, id: ItemId, of: &Enum) -> String {
    let name = names::type_name(&maker.scope.program.item(id).name);
    let operators = print(&OperatorsView { name: name.clone(), operators: OPERATORS, is_open: !of.closed });
    [definition(maker, id, of), operators, packed(maker, id, of)].join("\n")
}

fn definition(maker: &Maker<'_>, id: ItemId, of: &Enum) -> String {
    let item = maker.scope.program.item(id);
    let name = names::type_name(&item.name);
    let allow = Allows::default().with_undescribed(of.members.iter().map(|member| &member.docs));
    print(&View {
        docs: maker.item_docs(item),
        allow: allow.text(),
        derives: maker.derives(id, &["Debug"]),
        literal: literals::string(&name),
        base: of.base.word(),
        members: of.members.iter().map(member).collect(),
        known: literals::bits(of.members.iter().fold(0, |bits, member| bits | member.value)),
        is_open: !of.closed,
        wide_bits: wide(of, "self.bits"),
        name,
    })
}

fn member(member: &Member) -> MemberView {
    let name = names::const_name(&member.name);
    MemberView {
        docs: member_docs(&member.docs, member.deprecated.as_deref()),
        literal: literals::string(&name),
        bits: literals::bits(member.value),
        name,
    }
}

fn packed(maker: &Maker<'_>, id: ItemId, of: &Enum) -> String {
    let name = &maker.scope.program.item(id).name;
    print(&PackedView {
        name: names::type_name(name),
        base: of.base.word(),
        size: of.base.size(),
        is_open: !of.closed,
        literal: literals::string(name),
        wide_unknown: wide(of, "unknown"),
        std: maker.scope.prelude.clone(),
    })
}

/// A number of the base as a `u64`.
fn wide(of: &Enum, number: &str) -> String {
    if of.base == Scalar::U64 { number.to_owned() } else { format!("u64::from({number})") }
}
