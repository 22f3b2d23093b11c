//! Where files come from.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use super::paths::plain;
use crate::syntax::MAX_SIZE;

/// Gives the bytes of files.
pub trait Reader {
    /// All bytes of a file. One that is larger than [`MAX_SIZE`] may be cut off anywhere past it.
    ///
    /// # Errors
    ///
    /// `NotFound` if there is no such file, and the next place is tried; any other error is reported.
    fn read(&self, path: &Path) -> io::Result<Vec<u8>>;

    /// A path that is the same for all paths of one file: however a file is named, it is read once.
    fn identity(&self, path: &Path) -> PathBuf {
        path.to_owned()
    }
}

/// Files in memory, for tests and tools. A path is found however it is spelt: `a/../b.rpc` is `b.rpc`.
///
/// ```
/// use rpcgen::{diag::Diagnostics, load::{MemoryReader, load}, source::SourceMap};
///
/// let reader = MemoryReader::default()
///     .with("a.rpc", "package a; import \"b.rpc\";")
///     .with("b.rpc", "package b;");
/// let (mut sources, mut out) = (SourceMap::default(), Diagnostics::default());
/// let files = load(&["a.rpc".into()], &[], &reader, &mut sources, &mut out);
/// assert_eq!(files.len(), 2);
/// assert_eq!(files[1].imports, [Some(0)]);
/// ```
#[derive(Debug, Default, Clone)]
pub struct MemoryReader {
    files: BTreeMap<PathBuf, Vec<u8>>,
}

impl MemoryReader {
    /// Adds a file, or replaces it.
    #[must_use]
    pub fn with(mut self, path: impl AsRef<Path>, bytes: impl Into<Vec<u8>>) -> Self {
        self.files.insert(plain(path.as_ref()), bytes.into());
        self
    }
}

impl Reader for MemoryReader {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.files.get(&plain(path)).cloned().ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

/// Why bytes are no source text.
pub(super) enum Unfit {
    /// More than 16 MiB.
    TooLarge,
    /// The line, from 1, of the first byte that is not UTF-8.
    NotUtf8 { line: usize },
}

/// The text of a file, without a byte order mark.
pub(super) fn text(bytes: Vec<u8>) -> Result<String, Unfit> {
    if bytes.len() > MAX_SIZE {
        return Err(Unfit::TooLarge);
    }
    let mut text = String::from_utf8(bytes).map_err(|error| {
        let good = error.as_bytes().get(..error.utf8_error().valid_up_to()).unwrap_or_default();
        Unfit::NotUtf8 { line: good.split(|byte| *byte == b'\n').count() }
    })?;
    if text.starts_with('\u{feff}') {
        text.remove(0);
    }
    Ok(text)
}

/// Whether the next place is worth a try.
pub(super) fn is_missing(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}
