//! What several rooms ask of a program.

use super::{Enum, Field, Item, ItemId, ItemKind, Method, Payload, Program, Type, Value, Variant};

impl Program {
    /// The type behind any chain of aliases.
    pub fn peel<'a>(&'a self, mut ty: &'a Type) -> &'a Type {
        while let Type::Item(id) = ty
            && let ItemKind::Alias(alias) = &self.item(*id).kind
        {
            ty = &alias.ty;
        }
        ty
    }

    /// `demo.calculator.Calculator`: how an item is called in any package.
    pub fn full_name(&self, item: &Item) -> String {
        format!("{}.{}", self.package(item.package).name, item.name)
    }

    /// The number of a member of an enum or flags, by its index.
    pub fn member_number(&self, id: ItemId, member: usize) -> Option<i128> {
        match &self.item(id).kind {
            ItemKind::Enum(Enum { members, .. }) | ItemKind::Flags(Enum { members, .. }) => {
                members.get(member).map(|member| member.value)
            }
            _ => None,
        }
    }

    /// Whether a value is what an absent field of its type reads as where there is no default. The negative zero is not.
    pub fn is_zero(&self, value: &Value) -> bool {
        match value {
            Value::Int(number) => *number == 0,
            Value::Float(number) => number.to_bits() == 0,
            Value::Bool(truth) => !truth,
            Value::String(text) => text.is_empty(),
            Value::Duration(nanoseconds) => *nanoseconds == 0,
            Value::Empty => true,
            Value::Member(id, member) => self.member_number(*id, *member) == Some(0),
        }
    }
}

impl Item {
    /// Whether it or a part of it is deprecated.
    pub fn has_deprecated(&self) -> bool {
        let in_fields = |fields: &[Field]| fields.iter().any(|field| field.deprecated.is_some());
        let in_variant = |variant: &Variant| {
            variant.deprecated.is_some() || matches!(&variant.payload, Payload::Fields(fields) if in_fields(fields))
        };
        self.deprecated.is_some()
            || match &self.kind {
                ItemKind::Const(_) | ItemKind::Alias(_) => false,
                ItemKind::Enum(of) | ItemKind::Flags(of) => of.members.iter().any(|member| member.deprecated.is_some()),
                ItemKind::Struct(of) => in_fields(&of.fields),
                ItemKind::Table(of) => of.fields.iter().any(|field| field.field.deprecated.is_some()),
                ItemKind::Union(of) | ItemKind::Error(of) => of.variants.iter().any(in_variant),
                ItemKind::Service(of) => of.methods.iter().any(|method| method.deprecated.is_some()),
            }
    }
}

impl Payload {
    /// The types that it is made of, and whether each is recursive as in [`Field`].
    pub fn types(&self) -> Vec<(&Type, bool)> {
        match self {
            Self::None => Vec::new(),
            Self::Type { ty, recursive } => vec![(ty, *recursive)],
            Self::Fields(fields) => fields.iter().map(|field| (&field.ty, field.recursive)).collect(),
        }
    }
}

impl Method {
    /// Whether items go one way or the other while the call lasts.
    pub fn has_stream(&self) -> bool {
        self.stream_in.is_some() || self.stream_out.is_some()
    }

    /// The types of what goes there and back, without what it throws.
    pub fn types(&self) -> impl Iterator<Item = &Type> {
        let fields = self.params.iter().chain(&self.stream_in).chain(&self.results);
        fields.map(|field| &field.ty).chain(&self.stream_out)
    }
}
