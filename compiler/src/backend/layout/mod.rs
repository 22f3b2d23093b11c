//! What `rpcgen layout` prints: where each byte of a packed type goes, and the numbers of methods.
//!
//! Plain text about the wire, the same for every language of stubs.

mod python;
mod size;
mod table;

use size::{Range, Sizes};
use table::Table;

use super::idl;
use crate::ir::{
    self, Enum, Field, Item, ItemId, ItemKind, Method, Payload, Program, Service, Struct, TableField, Type, Union,
};
use crate::near::nearest;

/// There is no declaration of that name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no type or service `{name}`{}", hint.as_ref().map(|hint| format!("; is `{hint}` meant?")).unwrap_or_default())]
pub struct NoSuchItem {
    /// What was asked for.
    pub name: String,
    /// The nearest name that there is.
    pub hint: Option<String>,
}

/// Describes one declaration, by its name with or without the package, or all of the packages that were asked for.
///
/// # Errors
///
/// When there is no type or service of that name.
pub fn describe(program: &Program, name: Option<&str>) -> Result<String, NoSuchItem> {
    let describer = Describer { program, sizes: Sizes::new(program) };
    let items: Vec<_> = match name {
        Some(name) => vec![find(program, name)?],
        None => program
            .packages
            .iter()
            .filter(|package| package.is_root)
            .flat_map(|package| package.items.clone())
            .collect(),
    };
    let parts = items.into_iter().filter_map(|id| describer.item(id));
    Ok(parts.collect::<Vec<_>>().join("\n"))
}

fn find(program: &Program, name: &str) -> Result<ItemId, NoSuchItem> {
    let ids = || program.packages.iter().rev().flat_map(|package| &package.items).copied();
    let described = || ids().filter(|id| !matches!(program.item(*id).kind, ItemKind::Const(_)));
    let is_meant = |id: &ItemId| program.item(*id).name == name || program.full_name(program.item(*id)) == name;
    described().find(is_meant).ok_or_else(|| {
        let hint = nearest(name, described().map(|id| program.item(id).name.as_str()));
        NoSuchItem { name: name.to_owned(), hint: hint.map(str::to_owned) }
    })
}

struct Describer<'a> {
    program: &'a Program,
    sizes: Sizes,
}

impl Describer<'_> {
    /// Nothing for constants, which are not packed.
    fn item(&self, id: ItemId) -> Option<String> {
        let item = self.program.item(id);
        let heading =
            |kind: &str, range: Range| format!("{kind} {}: {}\n", self.program.full_name(item), range.in_words());
        let range = self.sizes.of_item(self.program, id);
        Some(match &item.kind {
            ItemKind::Const(_) => return None,
            ItemKind::Alias(of) => {
                heading("alias", range)
                    + &self.format(&[&of.ty])
                    + &format!("  = {}\n", idl::text(self.program, &of.ty))
            }
            ItemKind::Enum(of) => heading("enum", range) + &self.format(&[&Type::Item(id)]) + &members(of),
            ItemKind::Struct(of) => heading("struct", range) + &self.structure(of),
            ItemKind::Flags(of) => heading("flags", range) + &self.format(&[&Type::Item(id)]) + &bits(of),
            ItemKind::Table(of) => heading("table", range) + &self.evolvable(of),
            ItemKind::Union(of) => heading(if of.closed { "closed union" } else { "union" }, range) + &self.union(of),
            ItemKind::Error(of) => heading("error", range) + &self.union(of),
            ItemKind::Service(of) => format!("service {}\n", self.program.full_name(item)) + &self.service(item, of),
        })
    }

    fn structure(&self, of: &Struct) -> String {
        let types: Vec<_> = of.fields.iter().map(|field| &field.ty).collect();
        self.format(&types) + &self.fields(&of.fields, 0)
    }

    /// The format for Python, where there is one.
    fn format(&self, types: &[&Type]) -> String {
        python::format(self.program, types)
            .map(|format| format!("  Python: struct.pack('{format}', …)\n"))
            .unwrap_or_default()
    }

    /// The table of fields, the first of which lies at `start`.
    fn fields(&self, fields: &[Field], start: u64) -> String {
        let named = fields.iter().map(|field| (field.name.as_str(), &field.ty));
        self.table(named, start)
    }

    fn table<'t>(&self, fields: impl Iterator<Item = (&'t str, &'t Type)>, start: u64) -> String {
        let mut table = Table::new(["offset", "size", "field", "type"], 2);
        let mut offset = Some(start);
        for (name, ty) in fields {
            let range = self.sizes.of_type(self.program, ty);
            let shown = offset.map_or_else(|| "…".to_owned(), |offset| offset.to_string());
            table.row([shown, range.to_string(), name.to_owned(), idl::text(self.program, ty)]);
            offset = offset.filter(|_| range.is_fixed()).map(|offset| offset.saturating_add(range.min));
        }
        table.text()
    }

    /// A field's key is the ordinal times 8 and the class; then comes the value, of class 4 behind a length.
    fn evolvable(&self, of: &ir::Table) -> String {
        let mut fields: Vec<_> = of.fields.iter().collect();
        fields.sort_by_key(|field| field.ordinal);
        let mut table = Table::new(["ordinal", "key", "class", "size", "field", "type"], 4);
        for TableField { field, ordinal, default } in fields {
            let class = self.program.class(&field.ty);
            let default = default.as_ref().map(|value| format!(" = {}", idl::value(self.program, value)));
            table.row([
                format!("@{ordinal}"),
                format!("{:#06x}", ordinal * 8 + class),
                class.to_string(),
                self.value_range(&field.ty).to_string(),
                field.name.clone(),
                idl::text(self.program, &field.ty) + &default.unwrap_or_default(),
            ]);
        }
        table.text()
    }

    /// The bytes behind the key of a table's field of this type.
    fn value_range(&self, ty: &Type) -> Range {
        let ty = match self.program.peel(ty) {
            Type::Optional(inner) => inner,
            _ => ty,
        };
        let range = self.sizes.of_type(self.program, ty);
        let has_length = matches!(self.program.peel(ty), Type::String { .. } | Type::Bytes { .. });
        if self.program.class(ty) < 4 || has_length { range } else { Range::fixed(4).then(range) }
    }

    /// Before the payload of a variant there are its ordinal, a `u16`, and if the union is open the number of its bytes,
    /// a `u32`.
    fn union(&self, of: &Union) -> String {
        let (start, head) = if of.closed { (2, "!H") } else { (6, "!HI") };
        let variants = of.variants.iter().map(|variant| {
            let (types, table): (Vec<&Type>, String) = match &variant.payload {
                Payload::None => (Vec::new(), String::new()),
                Payload::Type { ty, .. } => (vec![ty], self.table([("value", ty)].into_iter(), start)),
                Payload::Fields(fields) => (fields.iter().map(|field| &field.ty).collect(), self.fields(fields, start)),
            };
            let sizes = types.iter().map(|ty| self.sizes.of_type(self.program, ty));
            let range = sizes.fold(Range::fixed(start), Range::then).in_words();
            let format = python::format(self.program, &types).map(|format| format!(", {head}{}", &format[1..]));
            format!("  @{} {}: {range}{}\n{table}", variant.ordinal, variant.name, format.unwrap_or_default())
        });
        variants.collect()
    }

    fn service(&self, item: &Item, of: &Service) -> String {
        let name = self.program.full_name(item);
        of.methods.iter().map(|method| self.method(&name, method)).collect()
    }

    fn method(&self, service: &str, method: &Method) -> String {
        let oneway = if method.oneway { "oneway " } else { "" };
        let heading = format!("  {oneway}method {service}/{}\n", method.name);
        let numbers =
            format!("    number {:#010x}\n    shape  {:#010x} = {}\n", method.number, method.shape, method.shape_text);
        let has_results = !method.oneway && method.stream_out.is_none();
        let results = if has_results { self.part("results", &method.results) } else { String::new() };
        let incoming = method.stream_in.as_ref().map(|field| self.stream(&format!("stream {}", field.name), &field.ty));
        let outgoing = method.stream_out.as_ref().map(|ty| self.stream("stream of results", ty));
        let streams = incoming.into_iter().chain(outgoing).collect::<String>();
        let throws = method.throws.map(|id| format!("    throws {}\n", idl::text(self.program, &Type::Item(id))));
        heading
            + &numbers
            + &self.part("parameters", &method.params)
            + &results
            + &streams
            + &throws.unwrap_or_default()
    }

    /// A stream of a method, and the size of each of its items.
    fn stream(&self, what: &str, ty: &Type) -> String {
        let range = self.sizes.of_type(self.program, ty).in_words();
        format!("    {what}: {}, {range} each\n", idl::text(self.program, ty))
    }

    /// The parameters or the results of a method.
    fn part(&self, what: &str, fields: &[Field]) -> String {
        let types: Vec<_> = fields.iter().map(|field| &field.ty).collect();
        let range = types.iter().map(|ty| self.sizes.of_type(self.program, ty)).fold(Range::fixed(0), Range::then);
        let format = python::format(self.program, &types).filter(|_| !fields.is_empty());
        let format = format.map(|format| format!(", {format}")).unwrap_or_default();
        format!("    {what}: {}{format}\n", range.in_words()) + &table::indented(&self.fields(fields, 0), 2)
    }
}

fn members(of: &Enum) -> String {
    let mut table = Table::new(["value", "member"], 1);
    for member in &of.members {
        table.row([member.value.to_string(), member.name.clone()]);
    }
    table.text()
}

fn bits(of: &Enum) -> String {
    let mut table = Table::new(["bits", "member"], 1);
    for member in &of.members {
        table.row([format!("{:#x}", member.value), member.name.clone()]);
    }
    table.text()
}
