//! The Rust backend: one file a package, and a tree of modules that includes them.
//!
//! `items` makes views of the IR and prints them with the templates; `types`, `pack` and `unpack` say how a type is
//! written, packed and unpacked; `derives` and `memory` know facts about types; `docs`, `literals`, `message` and `names`
//! turn an interface's text into Rust; `format` parses and lays out what was printed.

mod boxing;
mod derives;
mod docs;
mod format;
mod items;
mod lints;
mod literals;
mod memory;
mod message;
mod modules;
mod names;
mod pack;
mod package;
mod scope;
pub mod stub_crate;
mod types;
mod unpack;
mod zero;

use std::path::Path;

use derives::Derives;
use items::Maker;
use memory::Memory;
use scope::Scope;

use super::{Files, InternalError};
use crate::ir::{PackageId, Program};
use crate::source::SourceMap;

/// What the generated files say about themselves.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The command that makes them again, where one is known.
    pub command: Option<String>,
}

/// Generates a file for each package of the program, imported ones included, and `mod.rs`, the tree of their modules.
///
/// The same program gives the same bytes, wherever and whenever it is compiled.
///
/// # Errors
///
/// Only when this compiler is wrong: what it made of an item is not Rust.
pub fn generate(program: &Program, sources: &SourceMap, options: &Options) -> Result<Files, InternalError> {
    let (derives, memory) = (Derives::new(program), Memory::new(program));
    let mut files = Files::new();
    for id in (0..).map(PackageId).take(program.packages.len()) {
        let scope = Scope::new(program, &derives, id);
        let maker = Maker { scope: &scope, memory: &memory, sources };
        files.insert(package::file_name(scope.here()), package::render(&maker, options)?);
    }
    files.insert("mod.rs".to_owned(), modules::render(program)?);
    Ok(files)
}

/// A path as it is shown in generated files: the same on every system.
fn shown_path(path: &Path) -> String {
    docs::plain(&path.to_string_lossy()).replace('\\', "/")
}
