//! Files that are not whole yet.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Seek as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use blake3::Hasher;
use rustix::fs::OFlags;

use crate::contents::hashed;
use crate::stubs::Contents;

/// To open what is at a path itself, and nothing that a symbolic link there leads to.
pub(crate) const NO_LINK: i32 = OFlags::NOFOLLOW.bits().cast_signed();

/// A file that is not whole yet. Nobody else writes it while it is open, in this process or another: it is locked.
#[derive(Debug)]
pub struct Part {
    path: PathBuf,
    file: File,
    /// Of all bytes before the place where it goes on.
    hasher: Hasher,
}

impl Part {
    /// Opens what is there, or nothing yet; `None` if somebody else writes it.
    ///
    /// # Errors
    ///
    /// When the system refuses it.
    pub fn open(path: &Path) -> io::Result<Option<Self>> {
        loop {
            let file = open(path)?;
            match file.try_lock() {
                // Who had it may have finished between the two steps, and then it is no part any more.
                Ok(()) if !is_at(&file, path)? => {}
                Ok(()) => return Ok(Some(Self { path: path.to_owned(), file, hasher: Hasher::new() })),
                Err(TryLockError::WouldBlock) => return Ok(None),
                Err(TryLockError::Error(error)) => return Err(error),
            }
        }
    }

    /// Bytes that are there.
    ///
    /// # Errors
    ///
    /// When the system refuses to say.
    pub fn size(&self) -> io::Result<u64> {
        Ok(self.file.metadata()?.len())
    }

    /// Goes on behind so many bytes. What stands behind them is dropped.
    ///
    /// # Errors
    ///
    /// When they cannot be read.
    pub fn go_on(&mut self, offset: u64) -> io::Result<()> {
        self.file.set_len(offset)?;
        self.file.rewind()?;
        self.hasher.reset().update_reader(&self.file)?;
        Ok(())
    }

    /// Adds bytes; gives how many there are now.
    ///
    /// # Errors
    ///
    /// When they cannot be written.
    pub fn write(&mut self, chunk: &[u8]) -> io::Result<u64> {
        self.file.write_all(chunk)?;
        Ok(self.hasher.update(chunk).count())
    }

    /// Makes it the file at `path`, on the same disk, in place of an older one; or if it does not hold what it should, removes it
    /// and says `false`.
    ///
    /// # Errors
    ///
    /// When the system refuses it.
    pub fn complete(self, whole: &Contents, path: &Path) -> io::Result<bool> {
        if hashed(&self.hasher) != *whole {
            fs::remove_file(&self.path)?;
            return Ok(false);
        }
        self.file.sync_all()?;
        fs::rename(&self.path, path)?;
        Ok(true)
    }
}

fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create(true).truncate(false).custom_flags(NO_LINK).open(path)
}

fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    let open = file.metadata()?;
    Ok(fs::symlink_metadata(path).is_ok_and(|there| (there.dev(), there.ino()) == (open.dev(), open.ino())))
}
