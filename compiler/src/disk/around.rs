//! What lies around a folder: another workspace, the sources of rpcgen.

use std::fs;
use std::path::{Path, PathBuf, absolute};

/// Whether a folder above this one is a Cargo workspace. The folder need not be there yet.
pub(crate) fn is_in_workspace(folder: &Path) -> bool {
    let is_table = |line: &str| line.trim_start().starts_with("[workspace");
    let holds = |folder: &Path| manifest(folder).is_some_and(|text| text.lines().any(is_table));
    absolute(folder).is_ok_and(|folder| folder.ancestors().skip(1).any(holds))
}

/// The folder, absolute, if the sources of rpcgen are in it.
pub(crate) fn checkout(folder: &Path) -> Option<PathBuf> {
    let is_crate = |part: &str, name: &str| {
        let line = format!("name = \"{name}\"");
        manifest(&folder.join(part)).is_some_and(|text| text.lines().any(|other| other == line))
    };
    let holds = is_crate("compiler", "rpcgen") && is_crate("runtime", "rpcgen-runtime");
    if holds { folder.canonicalize().ok() } else { None }
}

/// The sources in whose folder this program was built, and still is.
pub(crate) fn own_checkout() -> Option<PathBuf> {
    let program = std::env::current_exe().ok()?.canonicalize().ok()?;
    program.ancestors().find_map(checkout)
}

fn manifest(folder: &Path) -> Option<String> {
    fs::read_to_string(folder.join("Cargo.toml")).ok()
}
