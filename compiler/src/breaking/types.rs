//! How two types differ that stand in the same place.

use super::Compare;
use super::report::Place;
use crate::backend::idl;
use crate::diag::Code;
use crate::ir::{Alias, Const, Item, ItemId, ItemKind, Scalar, Type, Value};

/// All the ways in which two types differ.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "it is a set")]
pub(super) struct Difference {
    /// The bytes are others, or mean something else.
    pub(super) wire: bool,
    /// A bound is higher.
    pub(super) wider: bool,
    /// A bound is lower.
    pub(super) narrower: bool,
    /// The bytes are the same, the type in Rust is another.
    pub(super) rust: bool,
}

impl Difference {
    const WIRE: Self = Self { wire: true, wider: false, narrower: false, rust: false };

    fn bound(old: u32, new: u32) -> Self {
        Self { wider: new > old, narrower: new < old, ..Self::default() }
    }

    fn and(self, other: Self) -> Self {
        Self {
            wire: self.wire || other.wire,
            wider: self.wider || other.wider,
            narrower: self.narrower || other.narrower,
            rust: self.rust || other.rust,
        }
    }
}

/// Pairs of types that stand in the same place.
type Pairs<'p> = Vec<(&'p Type, &'p Type)>;

impl<'p> Compare<'p> {
    /// How two types differ. Aliases may nest types in any depth, so what is inside waits on a stack of our own.
    pub(super) fn types(&mut self, old: &'p Type, new: &'p Type) -> Difference {
        let (mut difference, mut inside) = (Difference::default(), vec![(old, new)]);
        while let Some((old, new)) = inside.pop() {
            difference = difference.and(self.outermost(old, new, &mut inside));
        }
        difference
    }

    fn outermost(&mut self, old: &'p Type, new: &'p Type, inside: &mut Pairs<'p>) -> Difference {
        if let (Type::Item(of), Type::Item(to)) = (old, new)
            && self.partners.of(*of) == Some(*to)
        {
            // Also aliases: what changed in one is said there, once.
            return Difference::default();
        }
        match (self.old.peel(old), self.new.peel(new)) {
            (Type::Item(of), Type::Item(to)) => self.declared(*of, *to),
            (Type::Item(of), Type::Scalar(to)) => number(self.old.item(*of), *to),
            (Type::Scalar(of), Type::Item(to)) => number(self.new.item(*to), *of),
            (old, new) => built_in(old, new, inside),
        }
    }

    /// Compares the types of a place, and says what it finds.
    pub(super) fn place(&mut self, place: &Place, old: &'p Type, new: &'p Type) {
        let difference = self.types(old, new);
        let (was, is) = (idl::text(self.old, old), idl::text(self.new, new));
        if difference.wire {
            self.retyped(Code::TypeChanged, place, &was, &is);
            return;
        }
        if difference.rust {
            self.retyped(Code::RustTypeChanged, place, &was, &is);
        }
        if difference.wider || difference.narrower {
            self.bound(place, difference, (&was, &is));
        }
    }

    pub(super) fn aliases(&mut self, a: ItemId, b: ItemId) {
        let (old, new) = (self.old.item(a), self.new.item(b));
        let place = Place::new(format!("`{}`", new.name), old.location, new.location).of(a);
        if let (ItemKind::Alias(Alias { ty: of }), ItemKind::Alias(Alias { ty: to })) = (&old.kind, &new.kind) {
            self.place(&place, of, to);
        } else {
            self.alias_or_type(a, b);
        }
    }

    /// A type became an alias, or an alias a type.
    fn alias_or_type(&mut self, a: ItemId, b: ItemId) {
        let (old, new) = (Type::Item(a), Type::Item(b));
        let same = match (self.old.peel(&old), self.new.peel(&new)) {
            (Type::Item(of), Type::Item(to)) => !self.declared(*of, *to).wire,
            (Type::Item(of), Type::Scalar(to)) => !number(self.old.item(*of), *to).wire,
            (Type::Scalar(of), Type::Item(to)) => !number(self.new.item(*to), *of).wire,
            _ => false,
        };
        self.other_kind(a, b, if same { Code::RustTypeChanged } else { Code::KindChanged });
    }

    pub(super) fn constants(&mut self, (a, old): (ItemId, &'p Const), (b, new): (ItemId, &'p Const)) {
        let other_type = self.types(&old.ty, &new.ty);
        if !self.same_value(&old.value, &new.value) || other_type.wire || other_type.rust {
            let (of, to) = (self.old.item(a), self.new.item(b));
            let place = Place::new(format!("constant `{}`", to.name), of.location, to.location);
            self.changed(Code::ConstChanged, &place, format!("{} has another value or type", place.what));
        }
    }
}

impl Compare<'_> {
    /// Whether two constants are equal; of members, the numbers count.
    pub(super) fn same_value(&self, old: &Value, new: &Value) -> bool {
        match (old, new) {
            (Value::Member(of, member), Value::Member(to, other)) => {
                self.old.member_number(*of, *member) == self.new.member_number(*to, *other)
            }
            _ => old == new,
        }
    }
}

/// An open enum is its integer, and so are open flags.
fn number(item: &Item, scalar: Scalar) -> Difference {
    match &item.kind {
        ItemKind::Enum(of) | ItemKind::Flags(of) if !of.closed && of.base == scalar => {
            Difference { rust: true, ..Difference::default() }
        }
        _ => Difference::WIRE,
    }
}

fn built_in<'p>(old: &'p Type, new: &'p Type, inside: &mut Pairs<'p>) -> Difference {
    match (old, new) {
        (Type::String { max: of }, Type::String { max: to }) | (Type::Bytes { max: of }, Type::Bytes { max: to }) => {
            Difference::bound(*of, *to)
        }
        (Type::List { element: a, max: of }, Type::List { element: b, max: to }) => {
            inside.push((a, b));
            Difference::bound(*of, *to)
        }
        (Type::Map { key: a, value: c, max: of }, Type::Map { key: b, value: d, max: to }) => {
            inside.extend([(&**a, &**b), (&**c, &**d)]);
            Difference::bound(*of, *to)
        }
        (Type::Array { element: a, len: of }, Type::Array { element: b, len: to }) if of == to => {
            inside.push((a, b));
            Difference::default()
        }
        (Type::Optional(a), Type::Optional(b)) => {
            inside.push((a, b));
            Difference::default()
        }
        _ if old == new && !matches!(old, Type::Item(_)) => Difference::default(),
        _ => Difference::WIRE,
    }
}
