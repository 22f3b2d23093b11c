//! Paths, worked on by their text alone.

use std::path::{Component, Path, PathBuf};

/// The same path without `.`, and without `..` after a folder's name.
pub(super) fn plain(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match (part, out.components().next_back()) {
            (Component::CurDir, _) | (Component::ParentDir, Some(Component::RootDir)) => {}
            (Component::ParentDir, Some(Component::Normal(_))) => {
                out.pop();
            }
            _ => out.push(part),
        }
    }
    if out.as_os_str().is_empty() && path.components().next().is_some() { PathBuf::from(".") } else { out }
}

/// Where an import is looked for: beside the importing file, then in each folder of `include`.
pub(super) fn candidates(importer: &Path, include: &[PathBuf], import: &Path) -> Vec<PathBuf> {
    let beside = importer.parent().unwrap_or(Path::new(""));
    let mut all = Vec::new();
    for folder in std::iter::once(beside).chain(include.iter().map(PathBuf::as_path)) {
        let path = plain(&folder.join(import));
        if !all.contains(&path) {
            all.push(path);
        }
    }
    all
}

/// What is wrong with the text of an import, and what to do about it.
pub(super) type Flaw = (&'static str, &'static str);

/// Whether the text of an import means the same file on every machine.
pub(super) fn check(text: &str) -> Result<(), Flaw> {
    let has_drive = text.as_bytes().get(1) == Some(&b':');
    if text.is_empty() {
        Err(("the path of this import is empty", "name a file, such as `import \"geometry.rpc\";`"))
    } else if text.contains(char::is_control) {
        Err(("the path of this import has a control character in it", "leave it out"))
    } else if text.contains('\\') {
        Err(("the path of this import has a backslash in it", "write `/` between folders, on Windows too"))
    } else if text.starts_with('/') || has_drive {
        Err((
            "the path of this import is absolute",
            "write it relative to this file, or to a folder that is given to the compiler with `-I`",
        ))
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_paths() {
        let cases = [
            ("a/./b", "a/b"),
            ("./a", "a"),
            (".", "."),
            ("a/..", "."),
            ("a/../b", "b"),
            ("../a", "../a"),
            ("../../a", "../../a"),
            ("/../a", "/a"),
            ("a/b/../../c", "c"),
        ];
        for (path, expected) in cases {
            assert_eq!(plain(Path::new(path)), Path::new(expected), "{path}");
        }
    }

    #[test]
    fn imports_that_mean_different_files_on_different_machines() {
        assert!(check("a/b.rpc").is_ok() && check("../b.rpc").is_ok());
        for text in ["", "/a", "C:a", "a\\b", "a\0"] {
            assert!(check(text).is_err(), "{text}");
        }
    }
}
