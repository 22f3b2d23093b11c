//! Fetches files.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use files::stubs::{Contents, FileError, FilesClient};
use files::{Part, is_name};
use indicatif::ProgressBar;

use crate::patience::persist;
use crate::progress;

/// Fetches a file.
pub(crate) fn get(files: &FilesClient, name: &str, to: Option<&Path>) -> Result<()> {
    ensure!(is_name(name), FileError::BadName);
    let to = to.unwrap_or(Path::new(name));
    let whole = files.stat(name)?.0.ok_or_else(|| FileError::NoSuchFile { name: name.to_owned() })?;
    let bar = progress::bar(name, whole.size)?;
    let mut part = Part::open(&beside(to))?.context("somebody else fetches a file to the same place")?;
    persist(&bar, || fetch(files, name, &whole, &mut part, &bar))?;
    ensure!(part.complete(&whole, to)?, "the file has changed meanwhile: what came was thrown away");
    progress::finish(&bar, name, &whole)
}

/// Fetches what is not here yet.
fn fetch(files: &FilesClient, name: &str, whole: &Contents, part: &mut Part, bar: &ProgressBar) -> Result<()> {
    let here = part.size()?;
    // More than the whole is of another file.
    let offset = if here <= whole.size { here } else { 0 };
    part.go_on(offset)?;
    bar.set_position(offset);
    for chunk in files.download(name, offset)? {
        bar.set_position(part.write(&chunk?)?);
    }
    Ok(())
}

/// Where the part of a file is that comes to a place.
fn beside(to: &Path) -> PathBuf {
    let mut path = to.as_os_str().to_owned();
    path.push(".part");
    path.into()
}
