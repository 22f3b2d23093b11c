//! `enum` and `closed enum`.

use askama::Template;

use super::{Maker, member_docs, print};
use crate::backend::rust::lints::Allows;
use crate::backend::rust::scope::Prelude;
use crate::backend::rust::{literals, names};
use crate::ir::{Enum, ItemId, Member};

#[derive(Template)]
#[template(path = "enum.rs.askama")]
struct View {
    docs: String,
    allow: String,
    derives: String,
    name: String,
    /// The integer type.
    base: &'static str,
    members: Vec<MemberView>,
    /// Whether it keeps values that it does not know, in a variant of this type.
    is_open: bool,
    unknown: String,
    std: Prelude,
}

/// How a number becomes a member of an enum that keeps what it does not know.
#[derive(Template)]
#[template(path = "enum_open.rs.askama")]
struct OpenView {
    /// Of the type of unknown values.
    derives: String,
    name: String,
    base: &'static str,
    size: u32,
    members: Vec<MemberView>,
    unknown: String,
    has_gaps: bool,
    std: Prelude,
}

/// How a number becomes a member of an enum that refuses what it does not know.
#[derive(Template)]
#[template(path = "enum_closed.rs.askama")]
struct ClosedView {
    name: String,
    base: &'static str,
    size: u32,
    members: Vec<MemberView>,
    /// The name in the interface, as a string literal.
    literal: String,
    has_gaps: bool,
    std: Prelude,
}

struct MemberView {
    docs: String,
    is_default: bool,
    name: String,
    value: String,
}

/// The traits that are implemented for an enum rather than derived.
const WRITTEN: [&str; 2] = ["PartialOrd", "Ord"];

pub(super) fn render(maker: &Maker<'_>, id: ItemId, of: &Enum) -> String {
    let item = maker.scope.program.item(id);
    let name = names::type_name(&item.name);
    let definition = print(&View {
        docs: maker.item_docs(item),
        allow: allows(&item.name, of).text(),
        derives: maker.derives(id, &WRITTEN),
        base: of.base.word(),
        members: members(of),
        is_open: !of.closed,
        unknown: format!("Unknown{name}"),
        std: maker.scope.prelude.clone(),
        name,
    });
    let conversion = if of.closed { closed(maker, &item.name, of) } else { open(maker, id, of) };
    definition + "\n" + &conversion
}

fn open(maker: &Maker<'_>, id: ItemId, of: &Enum) -> String {
    let name = names::type_name(&maker.scope.program.item(id).name);
    print(&OpenView {
        derives: maker.derives_beside(id, "Debug, Clone, Copy, PartialEq, Eq, Hash", &WRITTEN),
        base: of.base.word(),
        size: of.base.size(),
        members: members(of),
        unknown: format!("Unknown{name}"),
        has_gaps: has_gaps(of),
        std: maker.scope.prelude.clone(),
        name,
    })
}

fn closed(maker: &Maker<'_>, name: &str, of: &Enum) -> String {
    print(&ClosedView {
        name: names::type_name(name),
        base: of.base.word(),
        size: of.base.size(),
        members: members(of),
        literal: literals::string(name),
        has_gaps: has_gaps(of),
        std: maker.scope.prelude.clone(),
    })
}

/// Whether there are numbers without a member.
fn has_gaps(of: &Enum) -> bool {
    let (low, high) = of.base.range().unwrap_or_default();
    i128::try_from(of.members.len()).is_ok_and(|members| members <= high - low)
}

fn allows(name: &str, of: &Enum) -> Allows {
    let names = of.members.iter().map(|member| member.name.as_str()).chain((!of.closed).then_some("Unknown"));
    Allows::for_variants(name, names).with_undescribed(of.members.iter().map(|member| &member.docs))
}

fn members(of: &Enum) -> Vec<MemberView> {
    let view = |member: &Member| MemberView {
        docs: member_docs(&member.docs, member.deprecated.as_deref()),
        is_default: member.value == 0,
        name: names::variant_name(&member.name),
        value: literals::int(member.value),
    };
    of.members.iter().map(view).collect()
}
