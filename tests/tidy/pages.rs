//! The pages say what the code is: the README's map and version, the guide's tables of options.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use rpcgen_tests::project;

use super::{CRATES, Crate, ROOTS};

/// Options that the guide explains, and where they are declared.
const OPTIONS: [(&str, &str); 3] = [
    ("Limits", "runtime/src/proto/limits.rs"),
    ("ServerOptions", "runtime/src/net/server/options.rs"),
    ("ChannelOptions", "runtime/src/net/calls/options.rs"),
];

/// Folders of the project that are no part of the map.
const UNMAPPED: [&str; 1] = ["target"];

/// The tables of the README's code map: the folder of each and the first column of its rows, in order.
fn map() -> Result<Vec<(String, Vec<String>)>> {
    let readme = fs::read_to_string(project().join("README.md"))?;
    let (_, map) = readme.split_once("\n## Code map\n").context("the README has no code map")?;
    let map = map.split("\n## ").next().unwrap_or(map);
    let mut tables: Vec<(String, Vec<String>)> = vec![(String::new(), Vec::new())];
    for line in map.lines() {
        if let Some(folder) = line.strip_prefix("### `").and_then(|rest| rest.strip_suffix('`')) {
            tables.push((folder.to_owned(), Vec::new()));
        } else if let Some((name, _)) = line.strip_prefix("| `").and_then(|rest| rest.split_once('`'))
            && let Some((_, names)) = tables.last_mut()
        {
            names.push(name.to_owned());
        }
    }
    Ok(tables)
}

/// The folders in a folder, or with `rooms` the modules of a crate.
fn entries(folder: &Path, rooms: bool) -> Result<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if rooms || path.is_dir() {
            names.insert(path.file_stem().unwrap_or_default().to_string_lossy().into_owned());
        }
    }
    let is_unmapped =
        |name: &str| name.starts_with('.') || UNMAPPED.contains(&name) || (rooms && ROOTS.contains(&name));
    names.retain(|name| !is_unmapped(name));
    Ok(names)
}

#[test]
fn the_map_in_the_readme_is_whole() -> Result<()> {
    for (folder, named) in map()? {
        let there = entries(&project().join(&folder), !folder.is_empty())?;
        let named: BTreeSet<String> = named.into_iter().map(|name| name.trim_end_matches('/').to_owned()).collect();
        let missing: Vec<_> = there.difference(&named).collect();
        let gone: Vec<_> = named.difference(&there).collect();
        ensure!(
            missing.is_empty() && gone.is_empty(),
            "`{folder}/` has {missing:?}, which the map lacks; the map has {gone:?}"
        );
    }
    Ok(())
}

#[test]
fn the_map_has_the_rooms_in_the_order_of_the_arrows() -> Result<()> {
    let map = map()?;
    ensure!(map.len() == 1 + CRATES.len(), "the map has {} tables", map.len());
    for Crate { folder, rooms } in &CRATES {
        let (_, named) = map.iter().find(|(of, _)| of == folder).with_context(|| format!("no map of {folder}"))?;
        let rooms: Vec<_> = rooms.iter().map(|(room, _)| *room).collect();
        ensure!(named == &rooms, "{folder}: the map has {named:?}, the arrows go {rooms:?}");
    }
    Ok(())
}

#[test]
fn the_readme_names_the_least_version_of_rust() -> Result<()> {
    let manifest = fs::read_to_string(project().join("Cargo.toml"))?;
    let (_, rest) = manifest.split_once("\nrust-version = \"").context("no rust-version")?;
    let version = rest.split('"').next().unwrap_or(rest);
    let readme = fs::read_to_string(project().join("README.md"))?;
    ensure!(readme.contains(&format!("Rust {version} or newer")), "the README does not say {version}");
    Ok(())
}

#[test]
fn the_guide_has_every_option() -> Result<()> {
    let guide = fs::read_to_string(project().join("docs/guide.md"))?;
    for (options, file) in OPTIONS {
        let text = fs::read_to_string(project().join(file))?;
        let (_, rest) = text.split_once(&format!("pub struct {options} {{\n")).context(options)?;
        let (_, table) = guide.split_once(&format!("\n| `{options}::` |")).context(options)?;
        let table = table.split("\n\n").next().unwrap_or(table);
        let fields = rest.lines().take_while(|line| *line != "}").filter_map(|line| line.trim().strip_prefix("pub "));
        for name in fields.filter_map(|field| field.split(':').next()).filter(|name| *name != "limits") {
            ensure!(table.contains(&format!("\n| `{name}` |")), "the guide lacks `{options}::{name}`");
        }
    }
    Ok(())
}

/// The files of a folder and those below it.
fn files_below(folder: &Path) -> Result<Vec<PathBuf>> {
    let (mut files, mut folders) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    Ok(files)
}

#[test]
fn the_tests_that_show_reliability_are_there() -> Result<()> {
    let page = fs::read_to_string(project().join("docs/reliability.md"))?;
    let files = [files_below(&project().join("runtime"))?, files_below(&project().join("tests"))?].concat();
    let sources = files.iter().filter(|file| file.extension().is_some_and(|extension| extension == "rs"));
    let code = sources.map(fs::read_to_string).collect::<Result<String, _>>()?;
    let words = page.split('`').skip(1).step_by(2);
    let tests: BTreeSet<_> = words.filter(|word| word.matches('_').count() > 2 && !word.contains(' ')).collect();
    ensure!(tests.len() > 20, "the page names only {tests:?}");
    for test in tests {
        ensure!(code.contains(&format!("fn {test}()")), "docs/reliability.md names the test `{test}`: there is none");
    }
    Ok(())
}
