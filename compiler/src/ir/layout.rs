//! How many bytes things take when packed.

use super::{Field, Item, ItemId, ItemKind, Program, Type};

/// The size of a packed value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// The least it can take, in bytes.
    pub min: u64,
    /// Whether it always takes just that.
    pub fixed: bool,
}

impl Size {
    const NOTHING: Self = Self::fixed(0);

    const fn fixed(min: u64) -> Self {
        Self { min, fixed: true }
    }

    const fn at_least(min: u64) -> Self {
        Self { min, fixed: false }
    }

    fn then(self, next: Self) -> Self {
        Self { min: self.min.saturating_add(next.min), fixed: self.fixed && next.fixed }
    }
}

impl Program {
    /// The packed size of a type. Bounds do not count: they are constraints, not layout.
    pub fn size(&self, ty: &Type) -> Size {
        size_of(ty, &mut |id| self.item_size(id))
    }

    /// The packed size of a declared type; of a constant or a service, nothing.
    pub fn item_size(&self, id: ItemId) -> Size {
        self.sizes[id.0 as usize]
    }

    /// How a table's field of this type says how many bytes it has (`docs/wire.md`): classes 0 to 3 for numbers of
    /// 1, 2, 4 and 8 bytes, 4 for what has its length before it. Of an optional type, that of the value.
    pub fn class(&self, ty: &Type) -> u16 {
        let size = match self.peel(ty) {
            Type::Optional(inner) => return self.class(inner),
            Type::Scalar(scalar) => scalar.size(),
            Type::Timestamp | Type::Duration => 8,
            Type::Item(id) => match &self.item(*id).kind {
                ItemKind::Enum(of) | ItemKind::Flags(of) => of.base.size(),
                _ => return 4,
            },
            _ => return 4,
        };
        match size {
            1 => 0,
            2 => 1,
            4 => 2,
            _ => 3,
        }
    }

    /// The packed size of fields, one after the other.
    pub fn fields_size(&self, fields: &[Field]) -> Size {
        fields.iter().map(|field| self.size(&field.ty)).fold(Size::NOTHING, Size::then)
    }
}

/// The size of every item, each worked out once. Chains of items may be long, so they wait on a stack of our own.
pub(super) fn sizes(items: &[Item]) -> Vec<Size> {
    let mut known = vec![None; items.len()];
    let mut entered = vec![false; items.len()];
    let mut waiting: Vec<ItemId> = (0..).map(ItemId).take(items.len()).collect();
    while let Some(id) = waiting.pop() {
        let at = id.0 as usize;
        if known[at].is_some() {
            continue;
        }
        let needed = if entered[at] { Vec::new() } else { unknown_inside(&items[at].kind, &known) };
        entered[at] = true;
        if needed.is_empty() {
            known[at] = Some(item_size(&items[at].kind, &known));
        } else {
            waiting.push(id);
            waiting.extend(needed);
        }
    }
    known.into_iter().map(|size| size.unwrap_or(Size::NOTHING)).collect()
}

/// The items held in place whose size is not known yet.
fn unknown_inside(kind: &ItemKind, known: &[Option<Size>]) -> Vec<ItemId> {
    let mut found = Vec::new();
    for ty in held_types(kind) {
        size_of(ty, &mut |id| {
            found.extend(known[id.0 as usize].is_none().then_some(id));
            Size::NOTHING
        });
    }
    found
}

/// The types whose size makes up that of the item.
fn held_types(kind: &ItemKind) -> Vec<&Type> {
    match kind {
        ItemKind::Alias(alias) => vec![&alias.ty],
        ItemKind::Struct(of) => of.fields.iter().map(|field| &field.ty).collect(),
        ItemKind::Const(_)
        | ItemKind::Enum(_)
        | ItemKind::Flags(_)
        | ItemKind::Table(_)
        | ItemKind::Union(_)
        | ItemKind::Error(_)
        | ItemKind::Service(_) => Vec::new(),
    }
}

fn item_size(kind: &ItemKind, known: &[Option<Size>]) -> Size {
    let of_type = |ty: &Type| size_of(ty, &mut |inner| known[inner.0 as usize].unwrap_or(Size::NOTHING));
    match kind {
        ItemKind::Enum(of) | ItemKind::Flags(of) => Size::fixed(of.base.size().into()),
        ItemKind::Table(_) => Size::at_least(4),
        // A closed union has no length before its value.
        ItemKind::Union(of) if of.closed => Size::at_least(2),
        ItemKind::Union(_) | ItemKind::Error(_) => Size::at_least(6),
        _ => held_types(kind).into_iter().map(of_type).fold(Size::NOTHING, Size::then),
    }
}

/// The size of a type. Types within one declaration are nested at most 32 deep, so this may call itself.
fn size_of(ty: &Type, of_item: &mut dyn FnMut(ItemId) -> Size) -> Size {
    match ty {
        Type::Scalar(scalar) => Size::fixed(scalar.size().into()),
        Type::Timestamp | Type::Duration => Size::fixed(8),
        Type::String { .. } | Type::Bytes { .. } | Type::List { .. } | Type::Map { .. } => Size::at_least(4),
        Type::Optional(_) => Size::at_least(1),
        Type::Array { element, len } => {
            let element = size_of(element, of_item);
            Size { min: element.min.saturating_mul((*len).into()), ..element }
        }
        Type::Item(id) => of_item(*id),
    }
}
