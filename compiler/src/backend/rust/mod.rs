//! The Rust backend: one file a package, and a tree of modules that includes them.
//!
//! `items` makes views of the IR and prints them with the templates; `types`, `pack`, `unpack` and `views`
//! say how a type is written, packed, unpacked and read in place; `derives` and `memory` know facts about types; `docs`, `literals`, `message` and `names`
//! turn an interface's text into Rust; `format` parses and lays out what was printed.

mod boxing;
mod cores;
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
mod options;
mod pack;
mod package;
mod plan;
pub mod project;
mod scope;
pub mod stub_crate;
mod types;
mod unpack;
mod views;
mod zero;

use std::path::Path;

use derives::Derives;
use items::Maker;
use memory::Memory;
pub use options::{Derive, Options, OptionsError, Presence};
use plan::Plan;
use scope::Scope;
use views::Views;

use super::{Files, InternalError};
use crate::ir::{Item, ItemId, Program};
use crate::source::SourceMap;

/// There are no stubs, though the interface is right.
#[derive(Debug, thiserror::Error)]
pub enum GenerateError {
    /// What is asked for does not fit the interface, or is not Rust.
    #[error(transparent)]
    Options(#[from] OptionsError),
    /// This compiler is wrong.
    #[error(transparent)]
    Internal(#[from] InternalError),
}

/// Generates a file for each package of the program, imported ones included unless their code is elsewhere, and
/// `mod.rs`, the tree of their modules.
///
/// The same program gives the same bytes, wherever and whenever it is compiled.
///
/// # Errors
///
/// When the options do not fit the program, or are not Rust. Else only when this compiler is wrong: what it made of an
/// item is not Rust.
pub fn generate(program: &Program, sources: &SourceMap, options: &Options) -> Result<Files, GenerateError> {
    let plan = Plan::new(program, options)?;
    let mut files = packages(program, sources, options, &plan)?;
    files.insert("mod.rs".to_owned(), modules::render(program, &plan)?);
    Ok(files)
}

/// The traits that the type of each item has, by [`ItemId`]: those that are worked out, then those that the interface asks for.
pub(crate) fn derived(program: &Program) -> Vec<Vec<String>> {
    let derives = Derives::new(program);
    let all = |(id, item): (ItemId, &Item)| {
        let list = derives.of_item(id).list(&[]);
        list.split(", ").map(str::to_owned).chain(item.derives.iter().cloned()).collect()
    };
    (0..).map(ItemId).zip(&program.items).map(all).collect()
}

/// A file for each package that code is made for.
fn packages(program: &Program, sources: &SourceMap, options: &Options, plan: &Plan) -> Result<Files, InternalError> {
    let (derives, views, memory) = (Derives::new(program), Views::new(program), Memory::new(program));
    let file = |(id, package)| {
        let scope = Scope::new(program, (&derives, &views), plan, id);
        let maker = Maker { scope: &scope, memory: &memory, sources, plan };
        Ok((package::file_name(package), package::render(&maker, options)?))
    };
    plan.made(program).map(file).collect()
}

/// A path as it is shown in generated files: the same on every system.
fn shown_path(path: &Path) -> String {
    docs::plain(&path.to_string_lossy()).replace('\\', "/")
}
