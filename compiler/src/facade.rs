//! One call from files to findings, and one from files to stubs.

use std::path::PathBuf;

use crate::backend::Files;
use crate::backend::rust::{self, GenerateError, Options, Presence};
use crate::breaking;
use crate::diag::render::{Colours, render};
use crate::diag::{Diagnostic, Diagnostics};
use crate::format::{self as formatter, InternalError as FormatterError};
use crate::ir::{Package, Program};
use crate::load::{Reader, load};
use crate::sema::{Asked, analyze, check_option_names};
use crate::source::SourceMap;

/// The interfaces of one run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Input {
    /// The files that are asked for.
    pub roots: Vec<PathBuf>,
    /// Folders where imports are looked for, after the folder of the importing file.
    pub include: Vec<PathBuf>,
}

/// What was found out about some interfaces.
#[derive(Debug)]
pub struct Checked {
    /// Every file that was read.
    pub sources: SourceMap,
    /// Everything that was found, in the order in which it was.
    pub diagnostics: Diagnostics,
    /// The program; `None` exactly if there was an error.
    pub program: Option<Program>,
}

impl Checked {
    /// The findings, as people read them.
    pub fn render(&self, colours: Colours) -> String {
        render(&self.diagnostics, &self.sources, colours)
    }
}

/// What an interface was compiled to.
#[derive(Debug)]
pub struct Compiled {
    /// A file for each package and `mod.rs`, the tree of their modules.
    pub files: Files,
    /// What they were made from, and warnings.
    pub checked: Checked,
}

/// There are no stubs.
#[derive(Debug, thiserror::Error)]
pub enum CompileError {
    /// The input has errors; this prints them.
    #[error("{}", .0.render(Colours::Off).trim_end())]
    Invalid(Box<Checked>),
    /// The options do not fit the input, or this compiler is wrong.
    #[error(transparent)]
    Generate(#[from] GenerateError),
}

/// Reads and checks interfaces with all that they import, and generates nothing.
///
/// ```
/// use rpcgen::{Input, check, load::MemoryReader};
///
/// let reader = MemoryReader::default().with("a.rpc", "package a; struct A { x: u33 }");
/// let input = Input { roots: vec!["a.rpc".into()], ..Input::default() };
/// let checked = check(&input, &reader);
/// assert!(checked.program.is_none());
/// assert_eq!(checked.diagnostics.len(), 1);
/// ```
pub fn check(input: &Input, reader: &dyn Reader) -> Checked {
    let (mut sources, mut diagnostics) = (SourceMap::default(), Diagnostics::default());
    let files = load(&input.roots, &input.include, reader, &mut sources, &mut diagnostics);
    let program = analyze(&files, &mut diagnostics);
    Checked { sources, diagnostics, program }
}

/// What the change of an interface breaks.
#[derive(Debug)]
pub struct Compared {
    /// Every file of both versions.
    pub sources: SourceMap,
    /// What the change breaks on every level; or, with `is_valid` false, the errors of the two versions.
    pub diagnostics: Diagnostics,
    /// Whether both versions could be compared.
    pub is_valid: bool,
}

/// Compares two versions of an interface by the rules of [`breaking`]. Warnings about the versions themselves are left out.
///
/// ```
/// use rpcgen::{Input, breaking::Level, compare, load::MemoryReader};
///
/// let (old, new) = ("package a; enum Kind { One = 1 }", "package a; enum Kind { One = 1, Two = 2 }");
/// let reader = MemoryReader::default().with("old.rpc", old).with("new.rpc", new);
/// let input = |root: &str| Input { roots: vec![root.into()], ..Input::default() };
/// let compared = compare(&input("old.rpc"), &input("new.rpc"), &reader);
/// let levels: Vec<_> = compared.diagnostics.iter().filter_map(|found| Level::of(found.code)).collect();
/// assert_eq!(levels, [Level::Order, Level::Source]);
/// ```
pub fn compare(old: &Input, new: &Input, reader: &dyn Reader) -> Compared {
    let (mut sources, mut diagnostics) = (SourceMap::default(), Diagnostics::default());
    let mut read = |input: &Input| {
        let mut found = Diagnostics::default();
        let files = load(&input.roots, &input.include, reader, &mut sources, &mut found);
        let program = analyze(&files, &mut found);
        diagnostics.extend(found.into_iter().filter(Diagnostic::is_error));
        program
    };
    // Both are read, so that one run shows the errors of both.
    let (old, new) = (read(old), read(new));
    let versions = old.zip(new);
    let is_valid = versions.is_some();
    if let Some((old, new)) = versions {
        diagnostics.extend(breaking::compare(&old, &new));
    }
    Compared { sources, diagnostics, is_valid }
}

/// As [`check`], where such stubs are to be made: names that clash in them alone are errors too.
pub(crate) fn check_to_generate(input: &Input, reader: &dyn Reader, options: &Options) -> Checked {
    let mut checked = check(input, reader);
    let asked = Asked { tokio: options.tokio != Presence::Never, views: !options.views.is_empty() };
    if asked.tokio || asked.views {
        let is_made = |package: &Package| !options.externs.contains_key(&package.name);
        let clashes = checked.program.iter().flat_map(|program| check_option_names(program, asked, is_made));
        checked.diagnostics.extend(clashes);
        checked.program.take_if(|_| checked.diagnostics.has_errors());
    }
    checked
}

/// Compiles interfaces to Rust, in memory.
///
/// ```
/// use rpcgen::{Input, compile, load::MemoryReader};
///
/// let reader = MemoryReader::default().with("a.rpc", "package a; struct Point { x: f64, y: f64 }");
/// let input = Input { roots: vec!["a.rpc".into()], ..Input::default() };
/// let compiled = compile(&input, &reader, &Default::default())?;
/// assert!(compiled.files["a.rs"].contains("pub struct Point {"));
/// assert!(compiled.files["mod.rs"].contains("pub mod a {"));
/// # Ok::<(), rpcgen::CompileError>(())
/// ```
///
/// # Errors
///
/// When the input has errors, or the options do not fit it.
pub fn compile(input: &Input, reader: &dyn Reader, options: &Options) -> Result<Compiled, CompileError> {
    let checked = check_to_generate(input, reader, options);
    match &checked.program {
        Some(program) => {
            let files = rust::generate(program, &checked.sources, options)?;
            Ok(Compiled { files, checked })
        }
        None => Err(CompileError::Invalid(Box::new(checked))),
    }
}

/// A text has no canonical layout.
#[derive(Debug, thiserror::Error)]
pub enum FormatError {
    /// It has syntax errors; this prints them.
    #[error("{}", .0.render(Colours::Off).trim_end())]
    Invalid(Box<Checked>),
    /// This formatter is wrong.
    #[error(transparent)]
    Internal(#[from] FormatterError),
}

/// The text of an interface in its canonical layout, as `rpcgen fmt` writes it. Nothing is read but the text.
///
/// ```
/// let text = "package a;struct A{x:u8, // here\r\ny:u8}";
/// let formatted = "package a;\n\nstruct A {\n    x: u8, // here\n    y: u8,\n}\n";
/// assert_eq!(rpcgen::format(text)?, formatted);
/// assert_eq!(rpcgen::format(formatted)?, formatted);
/// # Ok::<(), rpcgen::FormatError>(())
/// ```
///
/// # Errors
///
/// When the text has syntax errors.
pub fn format(text: &str) -> Result<String, FormatError> {
    let (mut sources, mut diagnostics) = (SourceMap::default(), Diagnostics::default());
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let file = sources.add("input.rpc", text.to_owned());
    let formatted = formatter::format(file, text, &mut diagnostics)?;
    formatted.ok_or_else(|| FormatError::Invalid(Box::new(Checked { sources, diagnostics, program: None })))
}
