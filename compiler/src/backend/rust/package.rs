//! The file of one package: a header, and its items in the interface's order.

use askama::Template;

use super::items::Maker;
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
    /// What is imported from the runtime: only what the items use.
    imports: Option<&'static str>,
    items: Vec<String>,
}

/// `demo.calculator.rs`
pub(super) fn file_name(package: &Package) -> String {
    format!("{}.rs", package.name)
}

/// The whole file.
///
/// # Errors
///
/// When a template printed something that is not Rust.
pub(super) fn render(maker: &Maker<'_>, options: &Options) -> Result<String, InternalError> {
    let package = maker.scope.here();
    let items = cores::map(&package.items, |id| maker.item(*id)).into_iter().collect::<Result<Vec<_>, _>>()?;
    let text = super::items::print(&View {
        version: env!("CARGO_PKG_VERSION"),
        file: super::shown_path(&maker.sources.file(package.file).path),
        command: options.command.as_deref().map(docs::plain),
        inputs: format!("0x{:016x}", inputs(maker.scope.program, maker.sources, package)),
        imports: imports(&items),
        items,
    });
    Ok(text.trim_end().to_owned() + "\n")
}

/// The names that code, not counting docs, uses; string literals have their quotes escaped and cannot be mistaken.
fn imports(items: &[String]) -> Option<&'static str> {
    let code = || items.iter().flat_map(|item| item.lines()).filter(|line| !line.trim_start().starts_with("///"));
    if code().any(|line| line.contains(".at(\"")) {
        Some("stub::{self, At as _}")
    } else {
        code().any(|line| line.contains("stub::")).then_some("stub")
    }
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
