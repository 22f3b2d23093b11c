//! The folder of a server.

use std::fs::{self, DirEntry, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use rpcgen_runtime::Fault;

use crate::name::is_name;
use crate::part::{NO_LINK, Part};
use crate::stubs::{Entry, FileError};

/// Where parts are, apart from the files: a file's name does not begin so.
const PARTS: &str = ".part";

/// Files below a folder, by names that lead nowhere else. A symbolic link is no file.
#[derive(Debug)]
pub struct Folder {
    root: PathBuf,
}

impl Folder {
    /// The files of a folder, which is made if need be.
    ///
    /// # Errors
    ///
    /// When the system refuses it.
    pub fn open(root: impl Into<PathBuf>) -> io::Result<Self> {
        let root = root.into();
        fs::create_dir_all(root.join(PARTS))?;
        Ok(Self { root })
    }

    /// The complete files. What is anything else is passed over.
    pub(crate) fn entries(&self) -> io::Result<impl Iterator<Item = Entry> + use<>> {
        Ok(fs::read_dir(&self.root)?.filter_map(|entry| describe(&entry.ok()?)))
    }

    /// Where a file is, and where its part.
    pub(crate) fn paths(&self, name: &str) -> Result<(PathBuf, PathBuf), FileError> {
        if !is_name(name) {
            return Err(FileError::BadName);
        }
        Ok((self.root.join(name), self.root.join(PARTS).join(name)))
    }

    /// Opens a file to read it.
    pub(crate) fn read(&self, name: &str) -> Result<File, Fault<FileError>> {
        let file = open(&self.paths(name)?.0)?;
        file.ok_or_else(|| FileError::NoSuchFile { name: name.to_owned() }.into())
    }

    /// Opens the part of a file to write it.
    pub(crate) fn write(&self, name: &str) -> Result<Part, Fault<FileError>> {
        let part = Part::open(&self.paths(name)?.1)?;
        part.ok_or_else(|| FileError::Busy { name: name.to_owned() }.into())
    }
}

/// Opens what is a file, to read it.
pub(crate) fn open(path: &Path) -> io::Result<Option<File>> {
    if !fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_file()) {
        return Ok(None);
    }
    // It may have become a link since.
    OpenOptions::new().read(true).custom_flags(NO_LINK).open(path).map(Some)
}

fn describe(entry: &DirEntry) -> Option<Entry> {
    let (name, metadata) = (entry.file_name().into_string().ok()?, entry.metadata().ok()?);
    let is_file = metadata.is_file() && is_name(&name);
    is_file.then_some(Entry { name, size: metadata.len(), modified: metadata.modified().ok()? })
}
