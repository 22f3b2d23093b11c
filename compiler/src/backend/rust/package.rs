//! The file of one package: a header, and its items in the interface's order.

use askama::Template;

use super::items::{Maker, Piece};
use super::plan::Condition;
use super::{Options, cores, docs, names};
use crate::backend::InternalError;
use crate::ir::{Package, PackageId, Program};
use crate::source::SourceMap;

#[derive(Template)]
#[template(path = "package.rs.askama")]
struct View {
    version: &'static str,
    file: String,
    command: Option<String>,
    /// The hash of the file and of those it imports.
    inputs: String,
    /// What is imported from the runtime: only what the items use, and only where they do.
    imports: Vec<String>,
    items: Vec<String>,
}

/// `demo.calculator.rs`
///
/// Cargo and the tree of modules have files of their own; no package has a name that ends in `_`.
pub(super) fn file_name(package: &Package) -> String {
    match package.name.as_str() {
        name @ ("mod" | "lib" | "main") => format!("{name}_.rs"),
        name => format!("{name}.rs"),
    }
}

/// The whole file.
///
/// # Errors
///
/// When a template printed something that is not Rust.
pub(super) fn render(maker: &Maker<'_>, options: &Options) -> Result<String, InternalError> {
    let package = maker.scope.here();
    let items = cores::map(&package.items, |id| maker.item(*id)).into_iter().collect::<Result<Vec<_>, _>>()?;
    let items: Vec<Piece> = items.into_iter().flatten().collect();
    let text = super::items::print(&View {
        version: env!("CARGO_PKG_VERSION"),
        file: super::shown_path(&maker.sources.file(package.file).path),
        command: options.command.as_deref().map(docs::plain),
        inputs: format!("0x{:016x}", inputs(maker.scope.program, maker.sources, package)),
        imports: imports(&items),
        items: items.into_iter().map(|piece| piece.text).collect(),
    });
    Ok(text.trim_end().to_owned() + "\n")
}

/// The names that items use, and when.
fn imports(items: &[Piece]) -> Vec<String> {
    let (stub, at) = (used(items, "stub::"), used(items, ".at(\""));
    let import = |what: &str, when: Condition| {
        let attribute = when.attribute().map(|attribute| format!("{attribute}\n")).unwrap_or_default();
        format!("{attribute}use ::rpcgen_runtime::{what};")
    };
    match at {
        Condition::NEVER if stub == Condition::NEVER => Vec::new(),
        Condition::NEVER => vec![import("stub", stub)],
        _ if stub == at => vec![import("stub::{self, At as _}", at)],
        _ => vec![import("stub", stub), import("stub::At as _", at)],
    }
}

/// When code, not counting docs, holds a text; string literals have their quotes escaped and cannot be mistaken.
fn used(items: &[Piece], text: &str) -> Condition {
    let holds =
        |piece: &&Piece| piece.text.lines().any(|line| !line.trim_start().starts_with("///") && line.contains(text));
    items.iter().filter(holds).fold(Condition::NEVER, |all, piece| all.or(piece.condition))
}

/// FNV-1a of the text of a package's file and of all that it imports, each once; line ends do not count.
fn inputs(program: &Program, sources: &SourceMap, package: &Package) -> u64 {
    let mut seen = vec![false; program.packages.len()];
    let mut waiting = package.imports.clone();
    let mut hash = hashed(0xcbf2_9ce4_8422_2325, &sources.file(package.file).text);
    while let Some(PackageId(id)) = waiting.pop() {
        if !std::mem::replace(&mut seen[id as usize], true) {
            let package = program.package(PackageId(id));
            hash = hashed(hash, &sources.file(package.file).text);
            waiting.extend(&package.imports);
        }
    }
    hash
}

fn hashed(hash: u64, text: &str) -> u64 {
    let bytes = text.bytes().filter(|byte| *byte != b'\r');
    bytes.fold(hash, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// The module path of a package, from the root of the tree.
pub(super) fn module_path(package: &Package) -> Vec<String> {
    package.name.split('.').map(names::module_name).collect()
}
