//! Helpers that the runners in this folder share.

use std::path::Path;
use std::{env, fs};

use anyhow::{Context as _, Result, bail};

/// Compares with the expected file beside a case; `BLESS=1` writes it instead. No text and no file are the same.
///
/// # Errors
///
/// Shows the difference, or says why a file cannot be read or written.
pub fn expect(path: &Path, actual: &str) -> Result<()> {
    if env::var_os("BLESS").is_some_and(|bless| bless == "1") {
        return bless(path, actual);
    }
    let expected = if path.exists() {
        fs::read_to_string(path).with_context(|| path.display().to_string())?
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
        true if path.exists() => fs::remove_file(path)?,
        true => {}
        false => fs::write(path, actual)?,
    }
    Ok(())
}
