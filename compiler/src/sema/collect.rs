//! Every declaration gets a number, every package a scope. Doubled names and packages are found here.

use std::collections::hash_map::Entry;

use foldhash::{HashMap, HashMapExt as _, HashSet, HashSetExt as _};

use crate::{
    ast::{self, Item as Tree, Name},
    diag::{Code, Diagnostic, Diagnostics},
    ir::ItemId,
    load::Loaded,
    source::{FileId, Location, Span},
};

/// Every declaration by number, and by name within its package.
pub(super) struct Names<'a> {
    pub(super) files: &'a [Loaded],
    /// Indexed by [`ItemId`]; files in their order, declarations in theirs.
    pub(super) items: Vec<Item<'a>>,
    /// One a file.
    pub(super) scopes: Vec<Scope<'a>>,
    /// The first file that declares a package of this name.
    pub(super) packages: HashMap<String, usize>,
    /// Packages that several files declare, which was reported: what is not in one of them may be in another.
    pub(super) shared: HashSet<String>,
    /// The first declaration of this name in any package.
    pub(super) anywhere: HashMap<&'a str, ItemId>,
}

/// A declaration.
#[derive(Clone, Copy)]
pub(super) struct Item<'a> {
    /// An index into [`Names::files`].
    pub(super) file: usize,
    pub(super) name: &'a Name,
    pub(super) tree: &'a Tree,
}

/// The names of one file, which is one package.
#[derive(Default)]
pub(super) struct Scope<'a> {
    /// Its full name; `None` where it could not be read.
    pub(super) package: Option<String>,
    items: HashMap<&'a str, ItemId>,
    /// The numbers of its declarations.
    pub(super) ids: std::ops::Range<u32>,
    /// Names that damaged declarations seem to declare.
    lost: HashSet<&'a str>,
    /// A declaration was damaged beyond its name: any name may have been lost.
    lost_any: bool,
    /// An import failed: any package may have been lost.
    lost_import: bool,
    /// The packages that can be named here, by full name.
    full: HashMap<String, usize>,
    /// By the last part of the name, which two packages may share.
    short: HashMap<String, (usize, Option<usize>)>,
    /// The members of the enums and flags declared here, by name.
    members: HashMap<ItemId, HashMap<&'a str, (usize, Span)>>,
}

/// Why a name leads nowhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Miss {
    /// What it leads to was damaged, and that was said already.
    Silent,
    /// The package of this file has no such name.
    NoItem(usize),
    /// No such package is imported.
    NoPackage,
    /// Two imported packages answer to the short name.
    Ambiguous(usize, usize),
}

impl<'a> Names<'a> {
    pub(super) fn collect(files: &'a [Loaded], found: &mut Diagnostics) -> Self {
        let mut names = Self {
            files,
            items: Vec::new(),
            scopes: Vec::with_capacity(files.len()),
            packages: HashMap::new(),
            shared: HashSet::new(),
            anywhere: HashMap::new(),
        };
        for file in 0..files.len() {
            names.add_package(file, found);
            names.add_items(file, found);
        }
        names
    }

    fn add_package(&mut self, file: usize, found: &mut Diagnostics) {
        let loaded = &self.files[file];
        let package = loaded.ast.package.as_ref().map(|package| join(&package.path.parts));
        let lost_import =
            loaded.imports.iter().any(|to| to.is_none_or(|to| self.scopes.get(to).is_none_or(Scope::is_lost)));
        if let (Some(name), Some(tree)) = (&package, &loaded.ast.package) {
            if let Some(first) = self.packages.get(name).and_then(|first| self.package_place(*first)) {
                let place = tree.path.span.within(loaded.file);
                found.push(
                    Diagnostic::new(Code::DoubledPackage, place, format!("package `{name}` is declared by two files"))
                        .other(first, "declared here first")
                        .help("a package is one file: give this one another name"),
                );
                self.shared.insert(name.clone());
            } else {
                self.packages.insert(name.clone(), file);
            }
        }
        self.scopes.push(Scope { package, lost_import, ..Scope::default() });
        self.show_packages(file);
        self.check_import_aliases(file, found);
    }

    fn show_packages(&mut self, file: usize) {
        for (at, alias) in self.visible(file).collect::<Vec<_>>() {
            if let Some(name) = self.scopes[at].package.clone() {
                self.scopes[file].show(at, name, alias, at == file);
            }
        }
    }

    /// An alias names one package. Two packages may share the last part of their names, since nobody chose that here.
    fn check_import_aliases(&self, file: usize, found: &mut Diagnostics) {
        let mut first: HashMap<&str, (bool, Location)> = HashMap::new();
        let own = self.scopes[file].package.as_deref().zip(self.package_place(file));
        first.extend(own.map(|(name, at)| (name, (false, at))));
        let mut seen = HashSet::new();
        for (to, import) in self.imports(file).filter(|(to, _)| seen.insert(*to)) {
            let alias = import.alias.as_ref();
            let at = alias.map_or(import.span, |alias| alias.span).within(self.file_id(file));
            let Some(full) = self.scopes[to].package.as_deref() else { continue };
            let called = alias.map_or_else(|| last_part(full), |alias| &alias.text);
            for (name, by_alias) in [(called, alias.is_some()), (full, false)] {
                match first.get(name) {
                    Some((aliased, before)) if (*aliased || by_alias) && *before != at => {
                        found.push(doubled_package_name(name, at, *before));
                    }
                    Some(_) => {}
                    None => drop(first.insert(name, (by_alias, at))),
                }
            }
        }
    }

    fn add_items(&mut self, file: usize, found: &mut Diagnostics) {
        let start = count(self.items.len());
        let files = self.files;
        for tree in &files[file].ast.items {
            match item_name(tree) {
                Ok(name) => self.add_item(Item { file, name, tree }, found),
                Err(Some(name)) => drop(self.scopes[file].lost.insert(&name.text)),
                Err(None) => self.scopes[file].lost_any = true,
            }
        }
        self.scopes[file].ids = start..count(self.items.len());
    }

    fn add_item(&mut self, item: Item<'a>, found: &mut Diagnostics) {
        let id = ItemId(count(self.items.len()));
        let scope = &mut self.scopes[item.file];
        if let Some(first) = scope.items.get(item.name.text.as_str()) {
            let first = self.items[first.0 as usize].place(self.files);
            found.push(doubled("name", item.name, self.files[item.file].file, first));
        } else {
            scope.items.insert(&item.name.text, id);
            self.anywhere.entry(&item.name.text).or_insert(id);
        }
        if let Tree::Enum(of) | Tree::Flags(of) = item.tree {
            let members =
                distinct("member", of.members.iter().map(|member| &member.name), self.files[item.file].file, found);
            scope.members.insert(id, members);
        }
        self.items.push(item);
    }

    pub(super) fn ids(&self) -> impl Iterator<Item = ItemId> + use<> {
        (0..count(self.items.len())).map(ItemId)
    }

    pub(super) fn item(&self, id: ItemId) -> Item<'a> {
        self.items[id.0 as usize]
    }

    /// A place in the file of a declaration.
    pub(super) fn locate(&self, id: ItemId, span: Span) -> Location {
        span.within(self.file_id(self.item(id).file))
    }

    /// The place of a declaration's name.
    pub(super) fn place(&self, id: ItemId) -> Location {
        self.item(id).place(self.files)
    }

    pub(super) fn file_id(&self, file: usize) -> FileId {
        self.files[file].file
    }

    /// The place of a file's package declaration.
    pub(super) fn package_place(&self, file: usize) -> Option<Location> {
        let loaded = self.files.get(file)?;
        loaded.ast.package.as_ref().map(|package| package.path.span.within(loaded.file))
    }

    /// The full name of a file's package.
    pub(super) fn package_name(&self, file: usize) -> &str {
        self.scopes.get(file).and_then(|scope| scope.package.as_deref()).unwrap_or("?")
    }

    /// The declaration of this name in the package of a file.
    pub(super) fn in_package(&self, file: usize, name: &str) -> Result<ItemId, Miss> {
        let scope = &self.scopes[file];
        match scope.items.get(name) {
            Some(id) => Ok(*id),
            None if scope.lost_any || scope.lost.contains(name) => Err(Miss::Silent),
            None => Err(Miss::NoItem(file)),
        }
    }

    /// The file whose package is called so in another file: by its full name, or by the last part of it.
    pub(super) fn package(&self, file: usize, parts: &[Name]) -> Result<usize, Miss> {
        let scope = &self.scopes[file];
        let wanted = join(parts);
        match (scope.full.get(&wanted), scope.short.get(&wanted)) {
            (Some(at), _) | (None, Some((at, None))) => Ok(*at),
            (None, Some((first, Some(second)))) => Err(Miss::Ambiguous(*first, *second)),
            (None, None) if scope.lost_import => Err(Miss::Silent),
            (None, None) => Err(Miss::NoPackage),
        }
    }

    /// The files whose packages can be named in a file, with their aliases there: what it imports, then itself.
    pub(super) fn visible(&self, file: usize) -> impl Iterator<Item = (usize, Option<&'a str>)> {
        let alias = |import: &'a ast::Import| import.alias.as_ref().map(|alias| alias.text.as_str());
        self.imports(file).map(move |(to, import)| (to, alias(import))).chain([(file, None)])
    }

    /// The files that a file imports.
    fn imports(&self, file: usize) -> impl Iterator<Item = (usize, &'a ast::Import)> {
        let (loaded, known) = (&self.files[file], self.scopes.len());
        let pairs = loaded.imports.iter().zip(&loaded.ast.imports);
        pairs.filter_map(|(to, import)| Some(((*to)?, import))).filter(move |(to, _)| *to < known)
    }

    /// What a package is called in another file, in short: its alias there, or the last part of its name.
    pub(super) fn called(&self, file: usize, at: usize) -> Option<&str> {
        let alias = self.visible(file).find(|(to, _)| *to == at).and_then(|(_, alias)| alias);
        alias.or_else(|| self.scopes[at].package.as_deref().map(last_part))
    }

    /// The member of an enum.
    pub(super) fn member(&self, of: ItemId, name: &str) -> Result<usize, Miss> {
        let item = self.item(of);
        match self.scopes[item.file].members.get(&of).and_then(|members| members.get(name)) {
            Some((index, _)) => Ok(*index),
            None if matches!(item.tree, Tree::Enum(of) | Tree::Flags(of) if of.damaged) => Err(Miss::Silent),
            None => Err(Miss::NoItem(item.file)),
        }
    }
}

impl Item<'_> {
    fn place(&self, files: &[Loaded]) -> Location {
        self.name.span.within(files[self.file].file)
    }

    /// What it is, with its article.
    pub(super) fn kind(&self) -> &'static str {
        match self.tree {
            Tree::Const(_) => "a constant",
            Tree::Alias(_) => "an alias",
            Tree::Enum(_) => "an enum",
            Tree::Flags(_) => "flags",
            Tree::Struct(_) => "a struct",
            Tree::Table(_) => "a table",
            Tree::Union(_) => "a union",
            Tree::Error(_) => "an error",
            Tree::Service(_) => "a service",
            Tree::Broken(_) => "damaged",
        }
    }

    pub(super) fn is_type(&self) -> bool {
        match self.tree {
            Tree::Alias(_)
            | Tree::Enum(_)
            | Tree::Flags(_)
            | Tree::Struct(_)
            | Tree::Table(_)
            | Tree::Union(_)
            | Tree::Error(_) => true,
            Tree::Const(_) | Tree::Service(_) | Tree::Broken(_) => false,
        }
    }
}

impl Scope<'_> {
    /// Lets a package be named here. An alias goes before the short name of another package, and the short name of an
    /// imported one before that of the file's own.
    fn show(&mut self, at: usize, name: String, alias: Option<&str>, own: bool) {
        let short = alias.unwrap_or_else(|| last_part(&name)).to_owned();
        // A package that two files declare was reported as such: what it imports is not hidden by its own name. A file
        // that is imported twice was reported too: it answers to both names.
        if *self.full.entry(name).or_insert(at) == at {
            let second = (!own).then_some(at);
            let note = |known: &mut (usize, Option<usize>)| known.1 = known.1.or(second.filter(|at| *at != known.0));
            self.short.entry(short).and_modify(note).or_insert((at, None));
        }
    }

    /// Whether a name that is given to a file stands for another one here, by its full name; that was reported.
    pub(super) fn is_taken(&self, alias: &str, at: usize) -> bool {
        self.full.get(alias).is_some_and(|full| *full != at)
    }

    fn is_lost(&self) -> bool {
        self.package.is_none()
    }
}

/// The parts of a path with dots between.
pub(super) fn join(parts: &[Name]) -> String {
    parts.iter().map(|part| part.text.as_str()).collect::<Vec<_>>().join(".")
}

/// The part of a package's name that it is called by.
pub(super) fn last_part(full: &str) -> &str {
    full.rsplit('.').next().unwrap_or(full)
}

/// The names by text, with their positions in the list and in the file; a name that stands there already is reported.
pub(super) fn distinct<'a>(
    what: &str,
    names: impl Iterator<Item = &'a Name>,
    file: FileId,
    found: &mut Diagnostics,
) -> HashMap<&'a str, (usize, Span)> {
    let mut first: HashMap<&str, (usize, Span)> = HashMap::with_capacity(names.size_hint().0);
    for (index, name) in names.enumerate() {
        match first.entry(name.text.as_str()) {
            Entry::Occupied(first) => found.push(doubled(what, name, file, first.get().1.within(file))),
            Entry::Vacant(place) => drop(place.insert((index, name.span))),
        }
    }
    first
}

fn doubled_package_name(name: &str, at: Location, first: Location) -> Diagnostic {
    let message = format!("two packages are called `{name}` in this file");
    Diagnostic::new(Code::DoubledName, at, message)
        .other(first, "this is called so already")
        .help("give one of them another name: `import \"file.rpc\" as name;`")
}

fn doubled(what: &str, name: &Name, file: FileId, first: Location) -> Diagnostic {
    let message = format!("the {what} `{}` is defined twice", name.text);
    Diagnostic::new(Code::DoubledName, name.span.within(file), message).other(first, "defined here first")
}

fn item_name(item: &Tree) -> Result<&Name, Option<&Name>> {
    match item {
        Tree::Const(ast::Const { name, .. })
        | Tree::Alias(ast::Alias { name, .. })
        | Tree::Enum(ast::Enum { name, .. })
        | Tree::Flags(ast::Enum { name, .. })
        | Tree::Struct(ast::Struct { name, .. })
        | Tree::Table(ast::Table { name, .. })
        | Tree::Union(ast::Union { name, .. })
        | Tree::Error(ast::Union { name, .. })
        | Tree::Service(ast::Service { name, .. }) => Ok(name),
        Tree::Broken(broken) => Err(broken.name.as_ref()),
    }
}

/// A count of things of which each takes a byte of a file of at most 16 MiB.
fn count(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}
