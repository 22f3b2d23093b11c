//! How files are laid out. A case is `format/NAME.rpc`, and `format/NAME.out` what becomes of it.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use rpcgen_tests::{files, project, run_files};

fn main() {
    run_files("format", "rpc", "out", run);
}

fn run(path: &Path, text: &str) -> Result<String> {
    let formatted = rpcgen::format(text)?;
    ensure!(rpcgen::format(&formatted)? == formatted, "it is not stable:\n{formatted}");
    // The first case has what is no case. `mutations.rs` formats the interfaces of all other tests.
    if path.file_stem().is_some_and(|name| name == "everything") {
        pages_and_interfaces_are_formatted()?;
    }
    Ok(formatted)
}

/// What people read first is in the layout that they are told to use.
fn pages_and_interfaces_are_formatted() -> Result<()> {
    for path in files(&project().join("idl"), "rpc")? {
        is_formatted(&path, &fs::read_to_string(&path)?)?;
    }
    for page in ["README.md", "docs/guide.md", "docs/language.md"].map(|page| project().join(page)) {
        let text = fs::read_to_string(&page)?;
        for block in text.split("```rpc\n").skip(1).filter_map(|rest| rest.split("```").next()) {
            if block.starts_with("//!") || block.starts_with("package") {
                is_formatted(&page, block)?;
            }
        }
    }
    Ok(())
}

fn is_formatted(path: &Path, text: &str) -> Result<()> {
    let formatted = rpcgen::format(text).with_context(|| path.display().to_string())?;
    ensure!(formatted == text, "{} is not formatted; this is:\n{formatted}", path.display());
    Ok(())
}
