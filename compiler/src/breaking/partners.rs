//! Which declaration of the old version is which of the new one: that of the same full name, or for renamed ones that
//! which stands in the same place.

use std::collections::{HashMap, HashSet};
use std::mem::discriminant;

use super::Compare;
use super::types::Difference;
use crate::diag::Code;
use crate::ir::{Item, ItemId, ItemKind, PackageId, Program};

/// Pairs of packages and of declarations; each has one partner at most.
#[derive(Debug, Default)]
pub(super) struct Partners {
    /// By the old package.
    packages: HashMap<PackageId, PackageId>,
    /// By the old item.
    items: HashMap<ItemId, ItemId>,
    /// By the new item.
    back: HashMap<ItemId, ItemId>,
}

/// Packages whose declarations, by share, are found in another are taken for the same.
const SAME_SHARE: usize = 2;

/// The most pairs that a trial looks at. One that comes to no end by then counts as a difference.
const MOST_PAIRS: usize = 10_000;

impl Partners {
    pub(super) fn new(old: &Program, new: &Program) -> Self {
        let mut partners = Self { packages: packages(old, new), ..Self::default() };
        for (of, to) in partners.packages.clone() {
            let by_name: HashMap<_, _> = new.package(to).items.iter().map(|id| (key(new.item(*id)), *id)).collect();
            for id in &old.package(of).items {
                if let Some(partner) = by_name.get(&key(old.item(*id))) {
                    partners.pair(*id, *partner);
                }
            }
        }
        partners
    }

    pub(super) fn pair(&mut self, old: ItemId, new: ItemId) {
        self.items.insert(old, new);
        self.back.insert(new, old);
    }

    /// The new item of an old one.
    pub(super) fn of(&self, old: ItemId) -> Option<ItemId> {
        self.items.get(&old).copied()
    }

    /// The old item of a new one.
    pub(super) fn back(&self, new: ItemId) -> Option<ItemId> {
        self.back.get(&new).copied()
    }

    /// The new package of an old one.
    pub(super) fn package(&self, old: PackageId) -> Option<PackageId> {
        self.packages.get(&old).copied()
    }

    /// Every pair of items.
    pub(super) fn all(&self) -> Vec<(ItemId, ItemId)> {
        let mut all: Vec<_> = self.items.iter().map(|(old, new)| (*old, *new)).collect();
        all.sort_unstable();
        all
    }
}

/// Constants and services have names of their own; all types can take the place of one another.
fn key(item: &Item) -> (u8, &str) {
    let class = match item.kind {
        ItemKind::Const(_) => 0,
        ItemKind::Service(_) => 1,
        _ => 2,
    };
    (class, &item.name)
}

fn packages(old: &Program, new: &Program) -> HashMap<PackageId, PackageId> {
    let named: HashMap<&str, PackageId> = ids(new).map(|id| (new.package(id).name.as_str(), id)).collect();
    let mut found: HashMap<_, _> =
        ids(old).filter_map(|id| Some((id, *named.get(old.package(id).name.as_str())?))).collect();
    let mut free: Vec<_> = ids(new).filter(|id| !found.values().any(|taken| taken == id)).collect();
    for id in ids(old).filter(|id| !named.contains_key(old.package(*id).name.as_str())) {
        if let Some(at) = free.iter().position(|to| is_renamed((old, id), (new, *to))) {
            found.insert(id, free.swap_remove(at));
        }
    }
    found
}

fn ids(program: &Program) -> impl Iterator<Item = PackageId> {
    (0..).map(PackageId).take(program.packages.len())
}

fn is_renamed((old, of): (&Program, PackageId), (new, to): (&Program, PackageId)) -> bool {
    let theirs: HashSet<_> = new.package(to).items.iter().map(|id| key(new.item(*id))).collect();
    let ours = &old.package(of).items;
    let shared = ours.iter().filter(|id| theirs.contains(&key(old.item(**id)))).count();
    shared > 0 && shared * SAME_SHARE >= ours.len()
}

impl Compare<'_> {
    /// How two declared types differ where one took the place of the other. Neither is an alias.
    pub(super) fn declared(&mut self, a: ItemId, b: ItemId) -> Difference {
        if self.partners.of(a) == Some(b) || self.is_renamed(a, b) {
            return Difference::default();
        }
        Difference { wire: !self.are_alike(a, b), rust: true, ..Difference::default() }
    }

    /// Whether the new one is the old one under another name.
    fn is_renamed(&mut self, a: ItemId, b: ItemId) -> bool {
        let (old, new) = (self.old.item(a), self.new.item(b));
        let same_kind = discriminant(&old.kind) == discriminant(&new.kind);
        if let Some(pairs) = &mut self.trial {
            if pairs.insert((a, b)) && pairs.len() <= MOST_PAIRS {
                self.waiting.push((a, b));
            }
            return true;
        }
        if !same_kind || self.partners.of(a).is_some() || self.partners.back(b).is_some() {
            return false;
        }
        self.partners.pair(a, b);
        self.waiting.push((a, b));
        self.renamed(&super::report::titled(self.old, a), (old.location, &old.name), (new.location, &new.name));
        true
    }

    /// Whether a type that took the place of another is the same on the wire and means the same.
    fn are_alike(&mut self, a: ItemId, b: ItemId) -> bool {
        if let Some(known) = self.alike.get(&(a, b)) {
            return *known;
        }
        let mut trial = Compare { trial: Some([(a, b)].into()), waiting: vec![(a, b)], ..Compare::empty(self) };
        trial.partners = std::mem::take(&mut self.partners);
        trial.run();
        let ended = trial.trial.is_some_and(|pairs| pairs.len() <= MOST_PAIRS);
        let alike = ended && trial.found.iter().all(|found| is_harmless(found.diagnostic.code));
        self.partners = trial.partners;
        self.alike.insert((a, b), alike);
        alike
    }

    /// A comparison of the same programs that has found nothing yet and knows no partners.
    fn empty(of: &Self) -> Self {
        Compare {
            old: of.old,
            new: of.new,
            partners: Partners::default(),
            waiting: Vec::new(),
            found: Vec::new(),
            alike: HashMap::new(),
            trial: None,
        }
    }
}

/// Whether two types that differ so can still stand for one another. Other names may be other meanings.
fn is_harmless(code: Code) -> bool {
    super::Level::of(code) != Some(super::Level::Wire) && code != Code::Renamed
}
