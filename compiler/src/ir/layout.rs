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

    /// The packed size of fields, one after the other.
    pub fn fields_size(&self, fields: &[Field]) -> Size {
        fields.iter().map(|field| self.size(&field.ty)).fold(Size::NOTHING, Size::then)
    }
}

/// The size of every item, each worked out once.
pub(super) fn sizes(items: &[Item]) -> Vec<Size> {
    let mut known = vec![None; items.len()];
    for id in (0..).map(ItemId).take(items.len()) {
        item_size(items, id, &mut known);
    }
    known.into_iter().map(|size| size.unwrap_or(Size::NOTHING)).collect()
}

fn item_size(items: &[Item], id: ItemId, known: &mut [Option<Size>]) -> Size {
    if let Some(size) = known[id.0 as usize] {
        return size;
    }
    let mut of_type = |ty: &Type| size_of(ty, &mut |inner| item_size(items, inner, known));
    let size = match &items[id.0 as usize].kind {
        ItemKind::Alias(alias) => of_type(&alias.ty),
        ItemKind::Enum(of) => Size::fixed(of.base.size().into()),
        ItemKind::Struct(of) => of.fields.iter().map(|field| of_type(&field.ty)).fold(Size::NOTHING, Size::then),
        ItemKind::Error(_) => Size::at_least(6),
        ItemKind::Const(_) | ItemKind::Service(_) => Size::NOTHING,
    };
    known[id.0 as usize] = Some(size);
    size
}

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
