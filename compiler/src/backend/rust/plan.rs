//! Options, checked against the program: what is made, under which conditions, and what is elsewhere.

use super::derives::Extra;
use super::options::{Derive, Options, OptionsError, Presence};
use crate::ir::{Item, ItemId, ItemKind, Package, PackageId, Program};
use crate::near::nearest;
use crate::rust_names::{is_absolute, is_path};

/// When a piece of generated code is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Condition {
    Never,
    /// With the feature `client`.
    Client,
    /// With the feature `server`.
    Server,
    /// With either feature.
    Either,
    Always,
}

impl Condition {
    /// When one of two is there.
    pub(super) fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Never, other) | (other, Self::Never) => other,
            (Self::Always, _) | (_, Self::Always) => Self::Always,
            _ if self == other => self,
            _ => Self::Either,
        }
    }

    /// The attribute; nothing for what is always there.
    pub(super) fn attribute(self) -> Option<&'static str> {
        match self {
            Self::Client => Some("#[cfg(feature = \"client\")]"),
            Self::Server => Some("#[cfg(feature = \"server\")]"),
            Self::Either => Some("#[cfg(any(feature = \"client\", feature = \"server\"))]"),
            Self::Never | Self::Always => None,
        }
    }
}

/// What is made of a program.
pub(super) struct Plan {
    /// When there are client stubs.
    pub(super) client: Condition,
    /// When there are server stubs.
    pub(super) server: Condition,
    /// What else is derived for each item.
    derives: Vec<Extra>,
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
        let condition = |presence, feature| match presence {
            Presence::Always => Condition::Always,
            Presence::Feature => feature,
            Presence::Never => Condition::Never,
        };
        let mut plan = Self {
            client: condition(options.client, Condition::Client),
            server: condition(options.server, Condition::Server),
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
