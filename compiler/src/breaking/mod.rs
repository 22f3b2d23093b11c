//! What a change of an interface breaks, and for whom: two programs compared by the rules of `docs/breaking.md`.
//!
//! `partners` says which declaration of the old version is which of the new one; `packages`, `services`, `enums`,
//! `tables`, `unions`, `fields` and `types` compare what they are named after; `numbered` matches what has numbers; `users` knows
//! which methods a type travels in. Each pair of declarations is compared once, from a list: users choose how
//! long chains of declarations are, so no walk over them calls itself.

mod enums;
mod fields;
mod numbered;
mod packages;
mod partners;
mod report;
mod reserved;
mod services;
mod shapes;
mod tables;
mod traits;
mod types;
mod unions;
mod users;

use std::collections::{HashMap, HashSet};

use crate::diag::{Code, Diagnostics};
use crate::ir::{ItemId, ItemKind, Program};
use partners::Partners;
use report::Found;

/// Who is hurt by a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Programs of the two versions cannot talk, or misread one another.
    Wire,
    /// They can if they are rolled out in the right order.
    Order,
    /// Code that uses the stubs stops compiling, or means something else.
    Source,
}

impl Level {
    /// All of them, the worst first.
    pub const ALL: [Self; 3] = [Self::Wire, Self::Order, Self::Source];

    /// The level of a finding; `None` if it is not about a change.
    pub fn of(code: Code) -> Option<Self> {
        match code.name().get(3..5)? {
            "08" => Some(Self::Wire),
            "09" => Some(Self::Order),
            "10" => Some(Self::Source),
            _ => None,
        }
    }
}

/// What the change from `old` to `new` breaks, on every level.
///
/// Places are those of the two programs, so both must have been loaded into one map of sources. A finding is underlined
/// in the new version, wherever there is something left of it, and shows the place in the old one.
pub fn compare(old: &Program, new: &Program) -> Diagnostics {
    let mut compare = Compare::new(old, new);
    compare.packages();
    compare.run();
    compare.gone();
    compare.shapes();
    compare.traits();
    report::publish(compare.found, old)
}

/// A comparison under way.
struct Compare<'p> {
    old: &'p Program,
    new: &'p Program,
    partners: Partners,
    /// Pairs that are still to be compared.
    waiting: Vec<(ItemId, ItemId)>,
    found: Vec<Found>,
    /// What was found out about types that took the place of one another.
    alike: HashMap<(ItemId, ItemId), bool>,
    /// The pairs of a trial, which only asks whether two types that differ by name mean the same.
    trial: Option<HashSet<(ItemId, ItemId)>>,
}

impl<'p> Compare<'p> {
    fn new(old: &'p Program, new: &'p Program) -> Self {
        Self {
            old,
            new,
            partners: Partners::new(old, new),
            waiting: Vec::new(),
            found: Vec::new(),
            alike: HashMap::new(),
            trial: None,
        }
    }

    /// Compares pairs until none is left.
    fn run(&mut self) {
        while let Some((old, new)) = self.waiting.pop() {
            self.pair(old, new);
        }
    }

    fn pair(&mut self, a: ItemId, b: ItemId) {
        let (old, new) = (self.old.item(a), self.new.item(b));
        match (&old.kind, &new.kind) {
            (ItemKind::Service(of), ItemKind::Service(to)) => self.services(a, b, of, to),
            (ItemKind::Const(of), ItemKind::Const(to)) => self.constants((a, of), (b, to)),
            (ItemKind::Alias(_), _) | (_, ItemKind::Alias(_)) => self.aliases(a, b),
            (ItemKind::Struct(of), ItemKind::Struct(to)) => self.structs(a, b, of, to),
            (ItemKind::Table(of), ItemKind::Table(to)) => self.tables(a, b, of, to),
            (ItemKind::Enum(of) | ItemKind::Flags(of), ItemKind::Enum(to) | ItemKind::Flags(to)) => {
                self.enums(a, b, of, to);
            }
            (ItemKind::Union(of) | ItemKind::Error(of), ItemKind::Union(to) | ItemKind::Error(to)) => {
                self.unions(a, b, of, to);
            }
            _ => self.other_kind(a, b, Code::KindChanged),
        }
        self.deprecation(
            &report::titled(self.new, b),
            (old.location, &old.deprecated),
            (new.location, &new.deprecated),
        );
    }
}
