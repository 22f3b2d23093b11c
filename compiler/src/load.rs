//! Reads files and what they import. Touches no disk itself: a [`Reader`] does.

mod paths;
mod reader;
mod report;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

pub use reader::{MemoryReader, Reader};

use crate::ast;
use crate::diag::Diagnostics;
use crate::source::{FileId, Location, SourceMap};
use crate::syntax;

/// A file that was read and parsed.
#[derive(Debug)]
pub struct Loaded {
    /// Its text.
    pub file: FileId,
    /// Its tree; parts may be broken.
    pub ast: ast::File,
    /// For each import of the tree, the file in the list that [`load`] returns, always one before this; `None` when it
    /// could not be had (a diagnostic was given).
    pub imports: Vec<Option<usize>>,
    /// Whether it was asked for, rather than imported only.
    pub is_root: bool,
}

/// Reads the roots and what they import, each file once; imported files stand before those that import them.
///
/// An import is looked for beside the importing file, then in each folder of `include`. Paths are made plain by their text
/// alone: `a/../b.rpc` is `b.rpc`. A file with several paths, by a link or by an absolute path, keeps the first. What is missing, unreadable or imported in a circle goes to
/// `out`, and so do syntax errors; the rest is loaded all the same.
pub fn load(
    roots: &[PathBuf],
    include: &[PathBuf],
    reader: &dyn Reader,
    sources: &mut SourceMap,
    out: &mut Diagnostics,
) -> Vec<Loaded> {
    let roots: Vec<PathBuf> = roots.iter().map(|root| paths::plain(root)).collect();
    let is_root = roots.iter().map(|root| reader.identity(root)).collect();
    let mut loader =
        Loader { include, reader, sources, out, is_root, known: BTreeMap::new(), open: Vec::new(), done: Vec::new() };
    for root in roots {
        loader.root(root);
        loader.drain();
    }
    loader.done
}

/// Takes bytes that were read into the sources, without a byte order mark; `None` if they are no text that may be parsed, which
/// goes to `out`. Imports are not looked at.
pub fn text(path: &Path, bytes: Vec<u8>, sources: &mut SourceMap, out: &mut Diagnostics) -> Option<FileId> {
    match reader::text(bytes) {
        Ok(text) => Some(sources.add(path, text)),
        Err(flaw) => {
            out.push(report::unfit(path, &flaw, None));
            None
        }
    }
}

/// How far a path has come.
#[derive(Clone, Copy)]
enum State {
    /// Being loaded: its place in the stack.
    Open(usize),
    /// Loaded: its place in the result.
    Done(usize),
    /// It cannot be had, and that was said.
    Failed,
}

/// A file whose imports are being loaded. The stack of them stands for recursion, which a chain of imports could exhaust.
struct Open {
    path: PathBuf,
    /// What all its paths have in common.
    identity: PathBuf,
    file: FileId,
    ast: ast::File,
    imports: Vec<Option<usize>>,
    /// What the imports so far resolved to, and where, to find doubled ones.
    seen: BTreeMap<PathBuf, Location>,
}

/// What an import means.
enum Target {
    /// A file that was met before.
    Known(PathBuf, State),
    /// A file with these bytes.
    New(PathBuf, Vec<u8>),
    /// No file (a diagnostic was given).
    Nothing,
}

struct Loader<'a> {
    include: &'a [PathBuf],
    reader: &'a dyn Reader,
    sources: &'a mut SourceMap,
    out: &'a mut Diagnostics,
    /// By what all paths of a file have in common, as all below.
    is_root: BTreeSet<PathBuf>,
    known: BTreeMap<PathBuf, State>,
    open: Vec<Open>,
    done: Vec<Loaded>,
}

impl Loader<'_> {
    fn root(&mut self, path: PathBuf) {
        let identity = self.reader.identity(&path);
        if self.known.contains_key(&identity) {
            return;
        }
        match self.reader.read(&path) {
            Ok(bytes) => self.begin(path, bytes, None),
            Err(error) => {
                self.out.push(report::unreadable(&path, &error, None));
                self.known.insert(identity, State::Failed);
            }
        }
    }

    /// Parses a file and puts it on the stack.
    fn begin(&mut self, path: PathBuf, bytes: Vec<u8>, from: Option<Location>) {
        let identity = self.reader.identity(&path);
        match reader::text(bytes) {
            Ok(text) => {
                let file = self.sources.add(&path, text);
                let ast = syntax::parse(file, &self.sources.file(file).text, self.out);
                self.known.insert(identity.clone(), State::Open(self.open.len()));
                self.open.push(Open { path, identity, file, ast, imports: Vec::new(), seen: BTreeMap::new() });
            }
            Err(flaw) => {
                self.out.push(report::unfit(&path, &flaw, from));
                self.known.insert(identity, State::Failed);
            }
        }
    }

    /// Loads imports until the stack is empty.
    fn drain(&mut self) {
        while let Some(top) = self.open.last() {
            match top.ast.imports.get(top.imports.len()) {
                Some(import) => {
                    let (text, at) = (import.file.clone(), import.span.within(top.file));
                    self.import(&text, at);
                }
                None => self.finish(),
            }
        }
    }

    /// Moves the top of the stack to the result.
    fn finish(&mut self) {
        let Some(Open { identity, file, ast, imports, .. }) = self.open.pop() else { return };
        let is_root = self.is_root.contains(&identity);
        self.known.insert(identity, State::Done(self.done.len()));
        self.done.push(Loaded { file, ast, imports, is_root });
    }

    /// Takes one step with the next import of the top: notes what it is, or puts a new file on the stack, to come back later.
    fn import(&mut self, text: &str, at: Location) {
        match self.find(text, at) {
            Target::Nothing | Target::Known(_, State::Failed) => self.note(None),
            Target::New(path, bytes) => self.begin(path, bytes, Some(at)),
            Target::Known(path, State::Done(index)) => self.note_once(&path, index, at),
            Target::Known(_, State::Open(index)) => {
                self.out.push(report::circle(self.open.get(index..).unwrap_or_default()));
                self.note(None);
            }
        }
    }

    fn note(&mut self, import: Option<usize>) {
        if let Some(top) = self.open.last_mut() {
            top.imports.push(import);
        }
    }

    fn note_once(&mut self, path: &Path, index: usize, at: Location) {
        let identity = self.reader.identity(path);
        let Some(top) = self.open.last_mut() else { return };
        match top.seen.get(&identity) {
            Some(first) => self.out.push(report::doubled(path, at, *first)),
            None => {
                top.seen.insert(identity, at);
            }
        }
        self.note(Some(index));
    }

    /// What an import means: the first of its candidates that is there.
    fn find(&mut self, text: &str, at: Location) -> Target {
        if let Err(flaw) = paths::check(text) {
            self.out.push(report::bad_import(flaw, at));
            return Target::Nothing;
        }
        let importer = self.open.last().map(|top| top.path.clone()).unwrap_or_default();
        let places = paths::candidates(&importer, self.include, Path::new(text));
        for path in &places {
            let identity = self.reader.identity(path);
            if let Some(state) = self.known.get(&identity) {
                return Target::Known(path.clone(), *state);
            }
            match self.reader.read(path) {
                Ok(bytes) => return Target::New(path.clone(), bytes),
                Err(error) if reader::is_missing(&error) => {}
                Err(error) => {
                    self.out.push(report::unreadable(path, &error, Some(at)));
                    self.known.insert(identity, State::Failed);
                    return Target::Nothing;
                }
            }
        }
        self.out.push(report::missing(text, &places, at));
        Target::Nothing
    }
}

#[cfg(test)]
mod tests;
