//! What files hold.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use blake3::Hasher;

use crate::stubs::Contents;

/// What a file holds.
///
/// # Errors
///
/// When it cannot be read.
pub fn contents(path: &Path) -> io::Result<Contents> {
    contents_at_most(path, u64::MAX)
}

/// What the first bytes of a file are, up to so many.
///
/// # Errors
///
/// When it cannot be read.
pub fn contents_at_most(path: &Path, size: u64) -> io::Result<Contents> {
    read(File::open(path)?.take(size))
}

/// All that can be read.
pub(crate) fn read(from: impl Read) -> io::Result<Contents> {
    let mut hasher = Hasher::new();
    hasher.update_reader(from)?;
    Ok(hashed(&hasher))
}

/// What was hashed.
pub(crate) fn hashed(hasher: &Hasher) -> Contents {
    Contents { size: hasher.count(), digest: hasher.finalize().into() }
}
