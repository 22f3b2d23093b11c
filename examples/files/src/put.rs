//! Sends files.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::Path;

use anyhow::{Context as _, Result};
use files::stubs::{Contents, FilesClient, MAX_CHUNK};
use files::{contents, contents_at_most};
use indicatif::ProgressBar;

use crate::patience::persist;
use crate::progress;

/// Sends a file.
pub(crate) fn put(files: &FilesClient, path: &Path, name: Option<&str>) -> Result<()> {
    let its_own = || path.file_name()?.to_str();
    let name = name.or_else(its_own).context("`--as` has to say what it is called there")?;
    let whole = contents(path).with_context(|| path.display().to_string())?;
    let upload = Upload { files, path, name, whole, bar: progress::bar(name, whole.size)? };
    persist(&upload.bar, || upload.attempt())?;
    progress::finish(&upload.bar, name, &whole)
}

struct Upload<'a> {
    files: &'a FilesClient,
    path: &'a Path,
    name: &'a str,
    whole: Contents,
    bar: ProgressBar,
}

impl Upload<'_> {
    /// Sends what the server does not have yet.
    fn attempt(&self) -> Result<()> {
        let (file, part) = self.files.stat(self.name)?;
        if file == Some(self.whole) {
            return Ok(());
        }
        self.send(self.matching(part)?)
    }

    /// How much of a part is as it should be: all or nothing.
    fn matching(&self, part: Option<Contents>) -> Result<u64> {
        let Some(part) = part else { return Ok(0) };
        let here = contents_at_most(self.path, part.size)?;
        Ok(if here == part { part.size } else { 0 })
    }

    fn send(&self, offset: u64) -> Result<()> {
        let mut file = File::open(self.path)?;
        file.seek(SeekFrom::Start(offset))?;
        self.bar.set_position(offset);
        let mut file = self.bar.wrap_read(file);
        let mut upload = self.files.upload(self.name, offset, &self.whole)?;
        let mut chunk = vec![0; MAX_CHUNK as usize];
        loop {
            match file.read(&mut chunk)? {
                0 => return Ok(upload.finish()?),
                count => upload.send(&chunk[..count])?,
            }
        }
    }
}
