//! One call from files to findings, and one from files to stubs.

use std::path::PathBuf;

use crate::backend::Files;
use crate::backend::rust::{self, GenerateError, Options};
use crate::diag::render::{Colours, render};
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::ir::{ItemKind, Program};
use crate::load::{Reader, load};
use crate::sema::analyze;
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

/// As [`check`], where stubs are to be made: what they will lack is found too.
pub(crate) fn check_to_generate(input: &Input, reader: &dyn Reader) -> Checked {
    let mut checked = check(input, reader);
    checked.diagnostics.extend(checked.program.iter().flat_map(left_out));
    checked
}

/// The methods that get no stubs.
fn left_out(program: &Program) -> impl Iterator<Item = Diagnostic> {
    let services = program.items.iter().filter_map(|item| match &item.kind {
        ItemKind::Service(service) => Some(service),
        _ => None,
    });
    services.flat_map(|service| &service.methods).filter(|method| method.has_stream()).map(|method| {
        let message = format!("there are no stubs for streams yet: `{}` is left out", method.name);
        let finding = Diagnostic::new(Code::NoStreamStubs, method.location, message);
        finding.help("a server answers calls of it with Unimplemented")
    })
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
    let checked = check_to_generate(input, reader);
    match &checked.program {
        Some(program) => {
            let files = rust::generate(program, &checked.sources, options)?;
            Ok(Compiled { files, checked })
        }
        None => Err(CompileError::Invalid(Box::new(checked))),
    }
}
