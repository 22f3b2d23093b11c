//! Options, checked against the program: what is made, under which conditions, and what is elsewhere.

mod in_place;

use in_place::InPlace;

use super::derives::Extra;
use super::options::{Derive, Options, OptionsError, Presence};
use crate::ir::{Item, ItemId, ItemKind, Method, Package, PackageId, Program};
use crate::near::nearest;
use crate::rust_names::{is_absolute, is_path};

/// When a piece of generated code is there: a bit for each set of the crate's features with which it is.
///
/// A feature only ever adds code, so the smallest of these sets say it all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Condition(u8);

/// The features, each with the bits of the sets that hold it: the number of a set is the sum of 1, 2 and 4 for those in it.
const FEATURES: [(&str, Condition); 3] =
    [("client", Condition::CLIENT), ("server", Condition::SERVER), ("tokio", Condition::TOKIO)];

impl Condition {
    pub(super) const NEVER: Self = Self(0);
    pub(super) const ALWAYS: Self = Self(u8::MAX);
    pub(super) const CLIENT: Self = Self(0b1010_1010);
    pub(super) const SERVER: Self = Self(0b1100_1100);
    pub(super) const TOKIO: Self = Self(0b1111_0000);

    fn of(presence: Presence, feature: Self) -> Self {
        match presence {
            Presence::Always => Self::ALWAYS,
            Presence::Feature => feature,
            Presence::Never => Self::NEVER,
        }
    }

    /// When one of two is there.
    pub(super) fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// When both of two are there.
    pub(super) fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// The attribute; nothing for what is always or never there.
    pub(super) fn attribute(self) -> Option<String> {
        let is_with = |set: u8| self.0 >> set & 1 == 1;
        let is_smallest = |set: &u8| is_with(*set) && !(0..*set).any(|other| other & set == other && is_with(other));
        let sets: Vec<_> = (0..8).filter(is_smallest).map(features).collect();
        match sets.as_slice() {
            [] => None,
            [only] if only.is_empty() => None,
            [only] => Some(format!("#[cfg({only})]")),
            many => Some(format!("#[cfg(any({}))]", many.join(", "))),
        }
    }
}

/// That a set of features is there.
fn features(set: u8) -> String {
    let held = FEATURES.iter().filter(|(_, sets)| sets.0 >> set & 1 == 1);
    let held: Vec<_> = held.map(|(feature, _)| format!("feature = \"{feature}\"")).collect();
    if held.len() > 1 { format!("all({})", held.join(", ")) } else { held.concat() }
}

/// What is made of a program.
pub(super) struct Plan {
    /// When there are stubs of each side.
    pub(super) client: Condition,
    pub(super) server: Condition,
    /// When there are stubs of each flavour.
    pub(super) blocking: Condition,
    pub(super) tokio: Condition,
    /// What else is derived for each item.
    derives: Vec<Extra>,
    in_place: InPlace,
    /// The path of each package whose code is elsewhere.
    externs: Vec<Option<String>>,
}

impl Plan {
    /// Checks what is asked for.
    ///
    /// # Errors
    ///
    /// When it does not fit the program, or is not Rust.
    pub(super) fn new(program: &Program, options: &Options) -> Result<Self, OptionsError> {
        let mut plan = Self {
            client: Condition::of(options.client, Condition::CLIENT),
            server: Condition::of(options.server, Condition::SERVER),
            blocking: if options.blocking { Condition::ALWAYS } else { Condition::NEVER },
            tokio: Condition::of(options.tokio, Condition::TOKIO),
            in_place: InPlace::new(program, &options.views)?,
            derives: vec![Extra::default(); program.items.len()],
            externs: vec![None; program.packages.len()],
        };
        options.externs.iter().try_for_each(|(name, path)| plan.put_elsewhere(program, name, path))?;
        plan.check_imports(program)?;
        plan.derive_annotated(program);
        options.derives.iter().try_for_each(|derive| plan.derive(program, derive))?;
        Ok(plan)
    }

    /// Where the code of a package is, if it is not made here.
    pub(super) fn elsewhere(&self, id: PackageId) -> Option<&str> {
        self.externs.get(id.0 as usize)?.as_deref()
    }

    /// The packages that code is made for.
    pub(super) fn made<'a>(&self, program: &'a Program) -> impl Iterator<Item = (PackageId, &'a Package)> {
        let packages = (0..).map(PackageId).zip(&program.packages);
        packages.filter(|(id, _)| self.elsewhere(*id).is_none())
    }

    /// What is derived for an item beyond what is derived anyway.
    pub(super) fn derives(&self, id: ItemId) -> &Extra {
        &self.derives[id.0 as usize]
    }

    /// Whether structs have views.
    pub(super) fn has_views(&self) -> bool {
        self.in_place.is_asked_for()
    }

    /// Whether the arguments and results of a method are read in place.
    pub(super) fn is_in_place(&self, method: &Method) -> bool {
        self.in_place.holds(method)
    }

    fn put_elsewhere(&mut self, program: &Program, name: &str, path: &str) -> Result<(), OptionsError> {
        let names = || program.packages.iter().map(|package| package.name.as_str());
        let (name, path) = (name.to_owned(), path.to_owned());
        let Some(at) = names().position(|known| known == name) else {
            return Err(OptionsError::NoSuchPackage { nearest: nearest(&name, names()).map(str::to_owned), name });
        };
        if program.packages[at].is_root {
            return Err(OptionsError::AskedFor { name, path });
        }
        if !is_path(&path) || !is_absolute(&path) {
            return Err(OptionsError::BadExternPath { name, path });
        }
        self.externs[at] = Some(path);
        Ok(())
    }

    /// What is elsewhere cannot know code that is made here.
    fn check_imports(&self, program: &Program) -> Result<(), OptionsError> {
        let elsewhere = program.packages.iter().zip(&self.externs).filter(|(_, path)| path.is_some());
        for (package, _) in elsewhere {
            if let Some(id) = package.imports.iter().find(|id| self.elsewhere(**id).is_none()) {
                let import = program.package(*id).name.clone();
                return Err(OptionsError::ImportIsHere { name: package.name.clone(), import });
            }
        }
        Ok(())
    }

    /// What the interface itself asks for.
    fn derive_annotated(&mut self, program: &Program) {
        for (item, extra) in program.items.iter().zip(&mut self.derives) {
            item.derives.iter().for_each(|path| extra.add(path));
        }
    }

    fn derive(&mut self, program: &Program, derive: &Derive) -> Result<(), OptionsError> {
        let path = derive.path.trim();
        if !is_path(path) {
            return Err(OptionsError::BadDerive { path: derive.path.clone() });
        }
        if let Some(name) = &derive.item {
            let at = self.derivable(program, name, path)?;
            self.derives[at].add(path);
        } else {
            let is_plain = |item: &Item| match &item.kind {
                ItemKind::Struct(_) | ItemKind::Table(_) | ItemKind::Enum(_) | ItemKind::Flags(_) => true,
                ItemKind::Union(of) => of.closed,
                ItemKind::Error(_) | ItemKind::Const(_) | ItemKind::Alias(_) | ItemKind::Service(_) => false,
            };
            let extras = program.items.iter().zip(&mut self.derives);
            extras.filter(|(item, _)| is_plain(item)).for_each(|(_, extra)| extra.add(path));
        }
        Ok(())
    }

    /// The index of the item of this name, if something can be derived for it here.
    fn derivable(&self, program: &Program, name: &str, path: &str) -> Result<usize, OptionsError> {
        let name = name.to_owned();
        let full_name = |item| program.full_name(item);
        let is_type =
            |item: &&Item| !matches!(item.kind, ItemKind::Const(_) | ItemKind::Alias(_) | ItemKind::Service(_));
        let Some((at, item)) = program.items.iter().enumerate().find(|(_, item)| full_name(item) == name) else {
            let nearest = nearest(&name, program.items.iter().filter(is_type).map(full_name));
            return Err(OptionsError::NoSuchType { name, path: path.to_owned(), nearest });
        };
        match self.elsewhere(item.package) {
            _ if !is_type(&item) => Err(OptionsError::NotDerivable { name }),
            Some(path) => Err(OptionsError::DerivedElsewhere { name, path: path.to_owned() }),
            None => Ok(at),
        }
    }
}

#[cfg(test)]
mod tests;
