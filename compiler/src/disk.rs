//! Interfaces on the disk, and what lies around a folder there.

#[cfg(feature = "cli")]
pub(crate) mod around;

use std::cell::RefCell;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use crate::load::Reader;
use crate::syntax::MAX_SIZE;

/// Reads files of the disk, and remembers which.
#[derive(Debug, Default)]
pub struct DiskReader {
    read: RefCell<Vec<PathBuf>>,
    failed: RefCell<Vec<PathBuf>>,
}

impl DiskReader {
    /// Every file that was read, in order.
    pub fn read_files(&self) -> Vec<PathBuf> {
        self.read.borrow().clone()
    }

    /// Every path that was tried in vain, in order.
    pub fn failed_files(&self) -> Vec<PathBuf> {
        self.failed.borrow().clone()
    }
}

impl Reader for DiskReader {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let result = read_at_most(path, MAX_SIZE + 1);
        let list = if result.is_ok() { &self.read } else { &self.failed };
        list.borrow_mut().push(path.to_owned());
        result
    }

    fn identity(&self, path: &Path) -> PathBuf {
        // What is not there has but the name that it was asked for by.
        path.canonicalize().unwrap_or_else(|_| path.to_owned())
    }
}

/// The interfaces that a path means: a file is itself, a folder all files in it and below whose names end in `.rpc`, in order.
/// Links to folders are not followed, so this ends.
///
/// # Errors
///
/// When the path cannot be read.
pub fn interfaces(path: &Path) -> io::Result<Vec<PathBuf>> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let (mut found, mut waiting) = (Vec::new(), vec![path.to_owned()]);
    while let Some(folder) = waiting.pop() {
        for entry in fs::read_dir(&folder)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                waiting.push(entry.path());
            } else if is_interface(&entry.path()) {
                found.push(entry.path());
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Whether it is a file called so, or a link to one; reading a pipe would never end. What is not there is told when it is read.
fn is_interface(path: &Path) -> bool {
    let is_file = || fs::metadata(path).map_or(true, |metadata| metadata.is_file());
    path.extension().is_some_and(|extension| extension == "rpc") && is_file()
}

fn read_at_most(path: &Path, max: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(max as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}
