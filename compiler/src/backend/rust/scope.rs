//! How things are named inside the module of one package.

use std::collections::BTreeSet;

use super::derives::Derives;
use super::names;
use super::plan::Plan;
use super::views::Views;
use crate::ir::{ItemId, ItemKind, Package, PackageId, Program};

/// The module of one package, with everything in sight from there.
pub(super) struct Scope<'a> {
    pub(super) program: &'a Program,
    pub(super) derives: &'a Derives,
    pub(super) views: &'a Views,
    pub(super) prelude: Prelude,
    plan: &'a Plan,
    package: PackageId,
    /// Names of types and traits that the package declares.
    declared: BTreeSet<String>,
}

/// Names of the standard prelude: short, unless an item of the package takes one away.
#[derive(Debug, Clone)]
pub(super) struct Prelude {
    pub(super) boxed: String,
    pub(super) default: String,
    pub(super) from: String,
    pub(super) option: String,
    pub(super) ord: String,
    pub(super) partial_ord: String,
    pub(super) result: String,
    pub(super) send: String,
    pub(super) string: String,
    pub(super) sync: String,
    pub(super) try_from: String,
    pub(super) vec: String,
}

impl Prelude {
    fn new(taken: &BTreeSet<String>) -> Self {
        let name = |module: &str, name: &str| {
            if taken.contains(name) { format!("::{module}::{name}") } else { name.to_owned() }
        };
        Self {
            boxed: name("std::boxed", "Box"),
            default: name("core::default", "Default"),
            from: name("core::convert", "From"),
            option: name("core::option", "Option"),
            ord: name("core::cmp", "Ord"),
            partial_ord: name("core::cmp", "PartialOrd"),
            result: name("core::result", "Result"),
            send: name("core::marker", "Send"),
            string: name("std::string", "String"),
            sync: name("core::marker", "Sync"),
            try_from: name("core::convert", "TryFrom"),
            vec: name("std::vec", "Vec"),
        }
    }
}

impl<'a> Scope<'a> {
    pub(super) fn new(
        program: &'a Program,
        (derives, views): (&'a Derives, &'a Views),
        plan: &'a Plan,
        package: PackageId,
    ) -> Self {
        let items = program.package(package).items.iter().map(|id| program.item(*id));
        let types = items.filter(|item| !matches!(item.kind, ItemKind::Const(_)));
        let declared = types.map(|item| names::type_name(&item.name)).collect();
        Self { program, derives, views, prelude: Prelude::new(&declared), plan, package, declared }
    }

    /// The type parameter for a server's service: one that hides no item.
    pub(super) fn service_parameter(&self) -> &'static str {
        if self.declared.contains("S") { "RpcS" } else { "S" }
    }

    /// The type of an item, by a path that holds in the tree of modules, or from the crate where its code is.
    pub(super) fn type_path(&self, id: ItemId) -> String {
        let item = self.program.item(id);
        self.path(item.package, names::type_name(&item.name))
    }

    /// The view of a struct, by such a path.
    pub(super) fn view_path(&self, id: ItemId) -> String {
        let item = self.program.item(id);
        self.path(item.package, names::view_name(&item.name))
    }

    fn path(&self, package: PackageId, name: String) -> String {
        if package == self.package {
            return name;
        }
        if let Some(path) = self.plan.elsewhere(package) {
            return format!("{path}::{name}");
        }
        let up = self.here().name.split('.').map(|_| "super".to_owned());
        let down = self.program.package(package).name.split('.').map(names::module_name);
        up.chain(down).chain([name]).collect::<Vec<_>>().join("::")
    }

    /// The package of the module.
    pub(super) fn here(&self) -> &'a Package {
        self.program.package(self.package)
    }
}
