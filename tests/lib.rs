//! Helpers that the runners in this folder share.

pub mod big;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use libtest_mimic::{Arguments, Failed, Trial};

/// The folder of the tests.
pub fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The folder of the whole project.
pub fn project() -> PathBuf {
    folder().parent().map(Path::to_owned).unwrap_or_default()
}

/// One test for each file of `folder` that ends in `.input`: `run` gives what must stand in the file beside it that ends
/// in `.output`. Ends the process.
///
/// # Panics
///
/// When the folder cannot be read or has no such file.
pub fn run_files(
    folder: &'static str,
    input: &'static str,
    output: &'static str,
    run: impl Fn(&Path, &str) -> Result<String> + Copy + Send + 'static,
) {
    let files = files(&crate::folder().join(folder), input).expect("the folder of the tests can be read");
    assert!(!files.is_empty(), "no test in {folder}");
    let trials = files.into_iter().map(|path| {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        trial(name, move || run_file(&path, output, run))
    });
    libtest_mimic::run(&Arguments::from_args(), trials.collect()).exit();
}

/// A test whose failure shows how it came about.
pub fn trial(name: impl Into<String>, run: impl FnOnce() -> Result<()> + Send + 'static) -> Trial {
    Trial::test(name, || run().map_err(|error| Failed::from(format!("{error:#}"))))
}

fn run_file(path: &Path, output: &str, run: impl Fn(&Path, &str) -> Result<String>) -> Result<()> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    expect(&path.with_extension(output), &run(path, &text)?)
}

/// The files of a folder that end so, in order.
///
/// # Errors
///
/// When the folder cannot be read.
pub fn files(folder: &Path, ending: &str) -> Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    paths.retain(|path| path.extension().is_some_and(|extension| extension == ending));
    paths.sort();
    Ok(paths)
}

/// Compares with the expected file beside a case; `BLESS=1` writes it instead. No text and no file are the same.
///
/// # Errors
///
/// Shows the difference, or says why a file cannot be read or written.
pub fn expect(path: &Path, actual: &str) -> Result<()> {
    if std::env::var_os("BLESS").is_some_and(|bless| bless == "1") {
        return bless(path, actual);
    }
    let expected = if path.exists() {
        std::fs::read_to_string(path).with_context(|| path.display().to_string())?
    } else {
        String::new()
    };
    if expected != actual {
        let diff = similar::TextDiff::from_lines(expected.as_str(), actual);
        bail!("{} differs (BLESS=1 renews it):\n{}", path.display(), diff.unified_diff().header("expected", "actual"));
    }
    Ok(())
}

fn bless(path: &Path, actual: &str) -> Result<()> {
    match actual.is_empty() {
        true if path.exists() => std::fs::remove_file(path)?,
        true => {}
        false => std::fs::write(path, actual)?,
    }
    Ok(())
}

/// Bytes in hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut digits, byte| {
        write!(digits, "{byte:02x}").expect("a string takes all");
        digits
    })
}

/// Bytes from hexadecimal.
///
/// # Errors
///
/// When the text is something else.
pub fn unhex(digits: &str) -> Result<Vec<u8>> {
    let pairs = (0..digits.len()).step_by(2).map(|at| digits.get(at..at + 2).context("half a byte"));
    pairs.map(|pair| Ok(u8::from_str_radix(pair?, 16)?)).collect()
}
