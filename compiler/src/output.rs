//! Generated files and the disk: what differs, and writing it. A file is written whole or not at all.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use similar::TextDiff;

use crate::backend::Files;

/// A file on the disk that is not what it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stale {
    /// Where it is, or should be.
    pub path: PathBuf,
    /// What it holds; `None` if there is no such file.
    pub old: Option<Vec<u8>>,
    /// What it should hold.
    pub new: String,
}

/// The system refused something.
#[derive(Debug, thiserror::Error)]
#[error("cannot {action} {}: {source}", path.display())]
pub struct OutputError {
    /// What was tried, such as `write`.
    pub action: &'static str,
    /// With which file or folder.
    pub path: PathBuf,
    /// What the system said.
    pub source: io::Error,
}

/// Those of the files below `folder` that are missing or differ by as much as a byte.
///
/// # Errors
///
/// When a file is there and cannot be read.
pub fn stale(folder: &Path, files: &Files) -> Result<Vec<Stale>, OutputError> {
    let compared = files.iter().map(|(name, text)| compare(folder.join(name), text));
    compared.filter_map(Result::transpose).collect()
}

fn compare(path: PathBuf, new: &str) -> Result<Option<Stale>, OutputError> {
    let old = match fs::read(&path) {
        Ok(bytes) => Some(bytes),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(source) => return Err(OutputError { action: "read", path, source }),
    };
    let same = old.as_deref() == Some(new.as_bytes());
    Ok((!same).then(|| Stale { path, old, new: new.to_owned() }))
}

/// Brings the files below `folder` up to date; those that are so already are not touched. Gives back what was written.
///
/// # Errors
///
/// When the system refuses to read or write; files before that one in order of their names have been written.
pub fn write(folder: &Path, files: &Files) -> Result<Vec<PathBuf>, OutputError> {
    let stale = stale(folder, files)?;
    stale.into_iter().map(|file| file.write().map(|()| file.path)).collect()
}

impl Stale {
    /// The difference between what is there and what should be, in unified form.
    pub fn diff(&self) -> String {
        let old = String::from_utf8_lossy(self.old.as_deref().unwrap_or_default());
        let name = self.path.display();
        let from = if self.old.is_some() { name.to_string() } else { "/dev/null".to_owned() };
        TextDiff::from_lines(old.as_ref(), self.new.as_str())
            .unified_diff()
            .context_radius(3)
            .header(&from, &name.to_string())
            .to_string()
    }

    /// Writes what should be there, into a file beside it that then takes its place.
    fn write(&self) -> Result<(), OutputError> {
        let failed = |action, path: &Path| {
            let path = path.to_owned();
            move |source| OutputError { action, path, source }
        };
        let folder = self.path.parent().unwrap_or(Path::new(""));
        if !folder.as_os_str().is_empty() {
            fs::create_dir_all(folder).map_err(failed("create the folder", folder))?;
        }
        let beside = self.beside();
        let written = write_new(&beside, self.new.as_bytes()).and_then(|()| fs::rename(&beside, &self.path));
        written.map_err(|source| {
            // What is left of it is of no use; that it may not be there is no second error.
            let _ = fs::remove_file(&beside);
            failed("write", &self.path)(source)
        })
    }

    /// A name that nobody else uses, in the same folder: only there a file can be moved in one step.
    fn beside(&self) -> PathBuf {
        let name = self.path.file_name().unwrap_or_default().to_string_lossy();
        self.path.with_file_name(format!(".{name}.{}.tmp", std::process::id()))
    }
}

fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = fs::File::create(path)?;
    file.write_all(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(text: &str) -> Files {
        [("a/b.rs".to_owned(), text.to_owned()), ("c.rs".to_owned(), "c\n".to_owned())].into()
    }

    #[test]
    fn only_what_differs_is_written() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(write(folder.path(), &files("one\n")).unwrap().len(), 2);
        assert!(write(folder.path(), &files("one\n")).unwrap().is_empty());
        assert_eq!(write(folder.path(), &files("two\n")).unwrap(), [folder.path().join("a/b.rs")]);
        assert_eq!(fs::read_to_string(folder.path().join("a/b.rs")).unwrap(), "two\n");
        assert_eq!(fs::read_dir(folder.path().join("a")).unwrap().count(), 1, "nothing is left beside it");
    }

    #[test]
    fn the_difference_is_shown_line_by_line() {
        let stale = Stale { path: "x.rs".into(), old: Some(b"a\nb\nc\n".to_vec()), new: "a\nB\nc\n".to_owned() };
        assert_eq!(stale.diff(), "--- x.rs\n+++ x.rs\n@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n");
        let missing = Stale { old: None, ..stale };
        assert!(missing.diff().starts_with("--- /dev/null\n+++ x.rs\n@@ -0,0 +1,3 @@\n+a\n"), "{}", missing.diff());
    }

    #[test]
    fn what_cannot_be_written_leaves_the_old_file_whole() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("c.rs/inside")).unwrap();
        let error = write(folder.path(), &files("one\n")).unwrap_err();
        assert_eq!((error.action, error.path), ("read", folder.path().join("c.rs")));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
