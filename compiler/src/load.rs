//! Files of a run, loaded with all that they import.

use crate::{ast, source::FileId};

/// A file that was read and parsed.
#[derive(Debug)]
pub struct Loaded {
    /// Which.
    pub file: FileId,
    /// What stands in it.
    pub ast: ast::File,
    /// One for each import: an index into the loaded files, `None` where loading failed.
    pub imports: Vec<Option<usize>>,
    /// Whether it was asked for, not only imported.
    pub is_root: bool,
}
