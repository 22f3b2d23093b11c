//! Which methods a declared type travels in.

use crate::ir::{ItemId, ItemKind, Method, Program, Type};

/// How many methods are named.
const MOST: usize = 3;

/// For each item some of the methods that it travels in, by service and place; one more than are named.
pub(super) struct Users(Vec<Vec<(ItemId, usize)>>);

impl Users {
    /// Goes from each method to all that it reaches, and not into what has users enough: what is inside has them too.
    pub(super) fn of(program: &Program) -> Self {
        let mut users = vec![Vec::new(); program.items.len()];
        for (service, at, method) in methods(program) {
            let mut waiting = of_method(method);
            while let Some(id) = waiting.pop() {
                let known: &mut Vec<_> = &mut users[id.0 as usize];
                if known.len() <= MOST && known.last() != Some(&(service, at)) {
                    known.push((service, at));
                    waiting.extend(inside(program, id));
                }
            }
        }
        Self(users)
    }

    /// Such as "it travels in `S.a` and `S.b`"; `None` if it does not.
    pub(super) fn in_words(&self, program: &Program, id: ItemId) -> Option<String> {
        let users = &self.0[id.0 as usize];
        let name = |(service, at): &(ItemId, usize)| {
            let item = program.item(*service);
            let ItemKind::Service(of) = &item.kind else { return String::new() };
            format!("`{}.{}`", item.name, of.methods[*at].name)
        };
        let names: Vec<String> = users.iter().take(MOST).map(name).collect();
        let more = if users.len() > MOST { " and other methods" } else { "" };
        (!names.is_empty()).then(|| format!("it travels in {}{more}", names.join(", ")))
    }
}

/// Every method: its service, its place there, and itself.
pub(super) fn methods(program: &Program) -> impl Iterator<Item = (ItemId, usize, &Method)> {
    let services = (0..).map(ItemId).zip(&program.items).filter_map(|(id, item)| match &item.kind {
        ItemKind::Service(of) => Some((id, of)),
        _ => None,
    });
    services.flat_map(|(id, of)| of.methods.iter().enumerate().map(move |(at, method)| (id, at, method)))
}

/// The items that a method names.
pub(super) fn of_method(method: &Method) -> Vec<ItemId> {
    method.types().flat_map(named).chain(method.throws).collect()
}

/// The items that an item names.
pub(super) fn inside(program: &Program, id: ItemId) -> Vec<ItemId> {
    let types: Vec<&Type> = match &program.item(id).kind {
        ItemKind::Alias(of) => vec![&of.ty],
        ItemKind::Struct(of) => of.fields.iter().map(|field| &field.ty).collect(),
        ItemKind::Table(of) => of.fields.iter().map(|field| &field.field.ty).collect(),
        ItemKind::Union(of) | ItemKind::Error(of) => {
            of.variants.iter().flat_map(|variant| variant.payload.types()).map(|(ty, _)| ty).collect()
        }
        ItemKind::Enum(_) | ItemKind::Flags(_) | ItemKind::Const(_) | ItemKind::Service(_) => Vec::new(),
    };
    types.into_iter().flat_map(named).collect()
}

/// The items that a type names. Types nest 32 deep at most, so this may call itself.
fn named(ty: &Type) -> Vec<ItemId> {
    match ty {
        Type::Item(id) => vec![*id],
        Type::List { element: inner, .. } | Type::Array { element: inner, .. } | Type::Optional(inner) => named(inner),
        Type::Map { key, value, .. } => [named(key), named(value)].concat(),
        Type::Scalar(_) | Type::Timestamp | Type::Duration | Type::String { .. } | Type::Bytes { .. } => Vec::new(),
    }
}
