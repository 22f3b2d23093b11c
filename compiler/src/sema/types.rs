//! Each type's name finds its declaration, and chains of aliases their end.

use super::{
    ByPlace,
    collect::Names,
    graph::{self, Edge},
    report,
    resolve::{Need, Resolver},
    walk,
};
use crate::{
    ast::{Item as Tree, Path, Type, TypeKind},
    diag::{Code, Diagnostic, Diagnostics},
    ir::ItemId,
};

/// The most levels that a value may have, where nothing else is configured (L10 of `docs/wire.md`).
const DEEPEST: usize = 64;

/// A type together with the file in which it is written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Written<'a> {
    pub(super) file: usize,
    pub(super) ty: &'a Type,
}

/// What a type is, aliases followed.
#[derive(Debug, Clone, Copy)]
pub(super) enum Form<'a> {
    /// A type of the language: never `Named`, never `Broken`.
    BuiltIn(Written<'a>),
    /// An enum, flags, a struct, a table, a union or an error.
    Item(ItemId),
}

/// The types of the program: where their names lead, and what is behind the aliases.
pub(super) struct Types<'a> {
    pub(super) names: &'a Names<'a>,
    targets: ByPlace<ItemId>,
    /// What each alias stands for, by [`ItemId`].
    behind: Vec<Option<Form<'a>>>,
    /// Aliases that close a circle.
    circular: Vec<bool>,
}

impl<'a> Types<'a> {
    pub(super) fn resolve(resolver: &mut Resolver<'a, '_>) -> Self {
        let names = resolver.names;
        let mut targets = ByPlace::default();
        for id in names.ids() {
            let item = names.item(id);
            walk::all_types(item.tree, &mut |ty| {
                if let TypeKind::Named(path) = &ty.kind
                    && let Some(target) = resolve_type(resolver, item.file, path)
                {
                    targets.insert(path.span.within(names.file_id(item.file)), target);
                }
            });
        }
        let len = names.items.len();
        let mut types = Self { names, targets, behind: vec![None; len], circular: vec![false; len] };
        types.follow_aliases(resolver.found);
        types
    }

    /// The declaration that a named type leads to; `None` where that is not known.
    pub(super) fn target(&self, file: usize, path: &Path) -> Option<ItemId> {
        self.targets.get(&path.span.within(self.names.file_id(file))).copied()
    }

    /// What a type is, aliases followed; `None` where that is not known.
    pub(super) fn form(&self, written: Written<'a>) -> Option<Form<'a>> {
        match &written.ty.kind {
            TypeKind::Broken => None,
            TypeKind::Named(path) => self.item_form(self.target(written.file, path)?),
            _ => Some(Form::BuiltIn(written)),
        }
    }

    /// What a declared type is, aliases followed; `None` where that is not known.
    pub(super) fn item_form(&self, id: ItemId) -> Option<Form<'a>> {
        match self.names.item(id).tree {
            Tree::Alias(_) => self.behind[id.0 as usize],
            _ => Some(Form::Item(id)),
        }
    }

    /// Whether this alias closes a circle of aliases, so that what it stands for has no end.
    pub(super) fn is_circular(&self, id: ItemId) -> bool {
        self.circular[id.0 as usize]
    }

    /// The enum or the flags that a declaration is, or that an alias stands for.
    pub(super) fn as_enum(&self, id: ItemId) -> Option<ItemId> {
        match self.item_form(id)? {
            Form::Item(id) if matches!(self.names.item(id).tree, Tree::Enum(_) | Tree::Flags(_)) => Some(id),
            _ => None,
        }
    }

    fn follow_aliases(&mut self, found: &mut Diagnostics) {
        let edges: Vec<Vec<Edge>> = self.names.ids().map(|id| self.aliases_inside(id)).collect();
        let walk = graph::walk(&edges);
        for cycle in &walk.cycles {
            if let Some((last, _)) = cycle.hops.last() {
                self.circular[*last] = true;
            }
            found.push(report::cycle(Code::AliasCycle, "alias", "stands for", self.names, cycle));
        }
        let mut levels = vec![0; edges.len()];
        for node in walk.order {
            let item = self.names.items[node];
            levels[node] = self.levels(node, &edges[node], &levels, found);
            if let (Tree::Alias(alias), false) = (item.tree, self.circular[node])
                // That a stream has no other name is reported once, where it is given one.
                && !matches!(alias.ty.kind, TypeKind::Stream(_))
            {
                self.behind[node] = self.form(Written { file: item.file, ty: &alias.ty });
            }
        }
    }

    /// How deep an alias nests lists and the like, with the aliases in it.
    fn levels(&self, node: usize, inside: &[Edge], known: &[usize], found: &mut Diagnostics) -> usize {
        let item = self.names.items[node];
        let Tree::Alias(alias) = item.tree else { return 0 };
        let levels = self.levels_of(item.file, &alias.ty, known);
        // Of a chain, the first that is too deep is told.
        if levels > DEEPEST && inside.iter().all(|edge| known[edge.to] <= DEEPEST) {
            let at = alias.ty.span.within(self.names.file_id(item.file));
            let message = format!("a type of {levels} levels, and no value may have more than {DEEPEST}");
            let finding = Diagnostic::new(Code::DeepAlias, at, message);
            found.push(finding.help("a struct between the levels says what they are"));
        }
        levels
    }

    fn levels_of(&self, file: usize, ty: &Type, known: &[usize]) -> usize {
        match &ty.kind {
            TypeKind::Named(path) => self.target(file, path).map_or(0, |target| known[target.0 as usize]),
            _ => walk::parts(ty).into_iter().map(|part| 1 + self.levels_of(file, part, known)).max().unwrap_or(0),
        }
    }

    /// The aliases that an alias mentions, however deep in its type.
    fn aliases_inside(&self, id: ItemId) -> Vec<Edge> {
        let item = self.names.item(id);
        let mut edges = Vec::new();
        if let Tree::Alias(alias) = item.tree {
            walk::deep(&alias.ty, &mut |ty| {
                if let TypeKind::Named(path) = &ty.kind
                    && let Some(to) = self.target(item.file, path)
                    && matches!(self.names.item(to).tree, Tree::Alias(_))
                {
                    edges.push(Edge { to: to.0 as usize, at: self.names.locate(id, path.span) });
                }
            });
        }
        edges
    }
}

fn resolve_type(resolver: &mut Resolver<'_, '_>, file: usize, path: &Path) -> Option<ItemId> {
    match resolver.find(file, &path.parts) {
        Ok(id) if resolver.names.item(id).is_type() => Some(id),
        Ok(id) => {
            resolver.wrong_kind(file, path, id, Need::Type);
            None
        }
        Err(miss) => {
            resolver.missed(file, path, miss, Need::Type);
            None
        }
    }
}
