//! How a path finds its declaration, and what is said where it does not.

use foldhash::{HashSet, HashSetExt as _};

use super::{
    collect::{Item, Miss, Names, join, last_part},
    suggest::{Suggestions, foreign},
};
use crate::{
    ast::{Item as Tree, Name, Path},
    diag::{Code, Diagnostic, Diagnostics},
    ir::ItemId,
    scalar::Scalar,
    source::Location,
};

/// Words for types that are no scalars.
const WORDS: [&str; 7] = ["string", "bytes", "list", "array", "map", "timestamp", "duration"];

/// What a name must stand for at some place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Need {
    Type,
    Error,
    Value,
}

/// Resolves paths, remembers which packages were named, and reports what it does not find.
pub(super) struct Resolver<'a, 'f> {
    pub(super) names: &'a Names<'a>,
    pub(super) found: &'f mut Diagnostics,
    suggestions: Suggestions,
    /// File and the file of a package that it names.
    used: HashSet<(usize, usize)>,
}

impl<'a, 'f> Resolver<'a, 'f> {
    pub(super) fn new(names: &'a Names<'a>, found: &'f mut Diagnostics) -> Self {
        Self { names, found, suggestions: Suggestions::new(), used: HashSet::new() }
    }

    /// The declaration that a path leads to from a file.
    pub(super) fn find(&mut self, file: usize, parts: &[Name]) -> Result<ItemId, Miss> {
        let Some((last, qualifier)) = parts.split_last() else { return Err(Miss::Silent) };
        let package = if qualifier.is_empty() { file } else { self.package(file, qualifier)? };
        self.names.in_package(package, &last.text)
    }

    /// The file of the package that is called so in a file.
    pub(super) fn package(&mut self, file: usize, parts: &[Name]) -> Result<usize, Miss> {
        let package = self.names.package(file, parts);
        match package {
            Ok(package) => drop(self.used.insert((file, package))),
            Err(Miss::Ambiguous(first, second)) => self.used.extend([(file, first), (file, second)]),
            Err(_) => {}
        }
        package
    }

    /// Warns of imported packages that nothing named, in files that could be read to the end.
    pub(super) fn report_unused(&mut self, damaged: &HashSet<usize>) {
        for (file, loaded) in self.names.files.iter().enumerate().filter(|(file, _)| !damaged.contains(file)) {
            for (import, to) in loaded.ast.imports.iter().zip(&loaded.imports) {
                let is_taken =
                    |to| import.alias.as_ref().is_some_and(|of| self.names.scopes[file].is_taken(&of.text, to));
                let to = to.filter(|to| !is_taken(*to));
                if let Some(to) = to.filter(|to| !self.used.contains(&(file, *to)) && self.is_sound(*to)) {
                    let message = format!("package `{}` is imported and not used", self.names.package_name(to));
                    let place = import.span.within(loaded.file);
                    self.found.push(Diagnostic::new(Code::UnusedImport, place, message).help("remove the import"));
                }
            }
        }
    }

    /// Whether a package's name is known, and its own: of others nobody can say whether they are used, or what is in them.
    fn is_sound(&self, file: usize) -> bool {
        self.names.scopes[file].package.as_ref().is_some_and(|name| !self.names.shared.contains(name))
    }

    fn has_alias(&self, file: usize, packages: &[usize]) -> bool {
        self.names.visible(file).any(|(at, alias)| alias.is_some() && packages.contains(&at))
    }

    /// Reports a path that leads nowhere.
    pub(super) fn missed(&mut self, file: usize, path: &Path, miss: Miss, need: Need) {
        let finding = match miss {
            Miss::Silent => return,
            Miss::NoItem(package) if !self.is_sound(package) => return,
            Miss::NoItem(_) if need == Need::Error && is_own_type(path) => self.no_error(file, path),
            Miss::NoItem(package) => self.no_item(file, package, path, need),
            Miss::NoPackage => self.no_package(file, path),
            // An alias that stands for two packages was reported.
            Miss::Ambiguous(first, second) if self.has_alias(file, &[first, second]) => return,
            Miss::Ambiguous(first, second) => self.ambiguous(file, path, first, second),
        };
        self.found.push(finding);
    }

    /// Reports a type of the language after `throws`.
    fn no_error(&self, file: usize, path: &Path) -> Diagnostic {
        let message = format!("`{}` is a type, and only an error can be thrown", join(&path.parts));
        Diagnostic::new(Code::NotAnError, self.place(file, path), message)
            .help("declare an error and name it here: `error Failure { … }`")
    }

    fn no_item(&self, file: usize, package: usize, path: &Path, need: Need) -> Diagnostic {
        let name = path.parts.last().map_or("", |part| part.text.as_str());
        let message = if package == file {
            format!("`{name}` is not defined")
        } else {
            format!("package `{}` has no `{name}`", self.names.package_name(package))
        };
        let finding = self.undefined(file, path, message);
        match self.help_for_item(file, package, name, need) {
            Some(help) => finding.help(help),
            None => finding,
        }
    }

    fn help_for_item(&self, file: usize, package: usize, name: &str, need: Need) -> Option<String> {
        if need == Need::Type && name == "void" {
            return Some("a method that gives nothing back is written without `->`".to_owned());
        }
        if need == Need::Type
            && let Some(word) = foreign(name)
        {
            return Some(format!("write `{word}`"));
        }
        if package == file
            && let Some(id) = self.names.anywhere.get(name)
            && fits(&self.names.item(*id), need)
        {
            return Some(self.help_for_other_package(file, *id, name));
        }
        self.nearest(package, name, need).map(|near| format!("did you mean `{near}`?"))
    }

    fn help_for_other_package(&self, file: usize, id: ItemId, name: &str) -> String {
        let at = self.names.item(id).file;
        let package = self.names.package_name(at);
        if self.names.visible(file).any(|(other, _)| other == at) {
            format!("write `{}.{name}`", self.names.called(file, at).unwrap_or(package))
        } else {
            format!("package `{package}` has it, but its file is not imported here")
        }
    }

    fn nearest(&self, package: usize, name: &str, need: Need) -> Option<&str> {
        let scope = &self.names.scopes[package];
        let declared = scope.ids.clone().map(|id| self.names.item(ItemId(id)));
        let declared = declared.filter(|item| fits(item, need)).map(|item| item.name.text.as_str());
        let words = Scalar::ALL.iter().map(|(word, _)| *word).chain(WORDS).filter(|_| need == Need::Type);
        self.suggestions.nearest(name, declared.chain(words))
    }

    fn no_package(&self, file: usize, path: &Path) -> Diagnostic {
        let qualifier = path.parts.split_last().map_or(&path.parts[..], |(_, qualifier)| qualifier);
        let wanted = join(qualifier);
        let finding = self.undefined(file, path, format!("no package `{wanted}` is imported here"));
        if let Some(alias) = self.hidden_by_alias(file, &wanted) {
            return finding.help(format!("it is imported as `{alias}`"));
        }
        let others = self.names.scopes.iter().filter_map(|scope| scope.package.as_deref());
        if let Some(full) = others.into_iter().find(|full| answers_to(full, &wanted)) {
            return finding.help(format!("package `{full}` exists: import its file"));
        }
        match self.nearest_package(file, &wanted) {
            Some(near) => finding.help(format!("did you mean `{near}`?")),
            None => finding.help("a package is named after its file is imported: `import \"file.rpc\";`"),
        }
    }

    /// The alias of an imported package whose short name it replaces.
    fn hidden_by_alias(&self, file: usize, wanted: &str) -> Option<&'a str> {
        let is_wanted = |at: &usize| self.names.scopes[*at].package.as_deref().map(last_part) == Some(wanted);
        self.names.visible(file).find(|(at, _)| is_wanted(at)).and_then(|(_, alias)| alias)
    }

    fn nearest_package(&self, file: usize, wanted: &str) -> Option<&str> {
        let visible = self.names.visible(file);
        let named = visible.filter_map(|(at, alias)| Some((self.names.scopes[at].package.as_deref()?, alias)));
        let known = named.flat_map(|(full, alias)| [full, alias.unwrap_or_else(|| last_part(full))]);
        self.suggestions.nearest(wanted, known)
    }

    fn ambiguous(&self, file: usize, path: &Path, first: usize, second: usize) -> Diagnostic {
        let (first, second) = (self.names.package_name(first), self.names.package_name(second));
        let message = format!("`{}` may be of package `{first}` or `{second}`", join(&path.parts));
        let place = path.span.within(self.names.file_id(file));
        Diagnostic::new(Code::AmbiguousPackage, place, message)
            .help("write the full name of the package, or import one of them `as` another name")
    }

    /// Reports a member that an enum, or flags, do not have.
    pub(super) fn no_member(&mut self, file: usize, name: &Name, of: ItemId) {
        let item = self.names.item(of);
        let (Tree::Enum(tree) | Tree::Flags(tree)) = item.tree else { return };
        let (what, has) = if matches!(item.tree, Tree::Enum(_)) { ("enum", "has") } else { ("flags", "have") };
        let message = format!("{what} `{}` {has} no member `{}`", item.name.text, name.text);
        let place = name.span.within(self.names.file_id(file));
        let finding = Diagnostic::new(Code::UndefinedName, place, message);
        let members = tree.members.iter().map(|member| member.name.text.as_str());
        let near = self.suggestions.nearest(&name.text, members);
        let finding = finding.other(self.names.place(of), format!("the {what}"));
        self.found.push(match near {
            Some(near) => finding.help(format!("did you mean `{near}`?")),
            None => finding,
        });
    }

    /// Reports a declaration of the wrong kind.
    pub(super) fn wrong_kind(&mut self, file: usize, path: &Path, id: ItemId, need: Need) {
        let item = self.names.item(id);
        let (code, needed) = match need {
            Need::Type => (Code::WrongKind, "a type"),
            Need::Value => (Code::WrongKind, "a value"),
            Need::Error => (Code::NotAnError, "an error"),
        };
        let message = format!("`{}` is {}, not {needed}", join(&path.parts), item.kind());
        let finding =
            Diagnostic::new(code, self.place(file, path), message).other(self.names.place(id), "declared here");
        self.found.push(match wrong_kind_help(&item, need) {
            Some(help) => finding.help(help),
            None => finding,
        });
    }

    /// Reports `X.Y` where `X` is no enum and no flags.
    pub(super) fn no_members(&mut self, file: usize, path: &Path, id: ItemId) {
        let item = self.names.item(id);
        let message = format!("`{}` is {}, which has no members", join(&path.parts), item.kind());
        let finding = Diagnostic::new(Code::WrongKind, self.place(file, path), message);
        self.found.push(finding.other(self.names.place(id), "declared here"));
    }

    fn undefined(&self, file: usize, path: &Path, message: String) -> Diagnostic {
        Diagnostic::new(Code::UndefinedName, self.place(file, path), message)
    }

    fn place(&self, file: usize, path: &Path) -> Location {
        path.span.within(self.names.file_id(file))
    }
}

fn wrong_kind_help(item: &Item<'_>, need: Need) -> Option<String> {
    let name = &item.name.text;
    match (item.tree, need) {
        (Tree::Enum(of) | Tree::Flags(of), Need::Value) => {
            of.members.first().map(|member| format!("name a member: `{name}.{}`", member.name.text))
        }
        (_, Need::Error) => Some(format!("declare it as `error {name} {{ … }}`")),
        _ => None,
    }
}

/// Whether this is a word of the language for a type.
fn is_own_type(path: &Path) -> bool {
    let mut words = Scalar::ALL.iter().map(|(word, _)| *word).chain(WORDS);
    matches!(&path.parts[..], [name] if words.any(|word| word == name.text))
}

/// Whether a declaration may be meant at a place.
fn fits(item: &Item<'_>, need: Need) -> bool {
    match need {
        Need::Type => item.is_type(),
        Need::Error => matches!(item.tree, Tree::Error(_)),
        Need::Value => matches!(item.tree, Tree::Const(_)),
    }
}

/// Whether a package may be called so: by its full name or the last part of it.
fn answers_to(full: &str, wanted: &str) -> bool {
    full == wanted || last_part(full) == wanted
}
