//! Interfaces on the disk, and what lies around a folder there.

#[cfg(feature = "cli")]
pub(crate) mod around;

use std::cell::RefCell;
use std::fs::File;
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

fn read_at_most(path: &Path, max: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(max as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}
