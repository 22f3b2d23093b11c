//! What is shown of a transfer.

use std::io::{self, Write as _};

use files::stubs::Contents;
use indicatif::{ProgressBar, ProgressStyle};

/// A bar on standard error, if that is a terminal; else nothing is shown.
pub(crate) fn bar(name: &str, size: u64) -> anyhow::Result<ProgressBar> {
    let style = ProgressStyle::with_template("{msg} {bar:32} {bytes} of {total_bytes}, {bytes_per_sec}, {eta} left")?;
    Ok(ProgressBar::new(size).with_style(style).with_message(name.escape_debug().to_string()))
}

/// Says at the end what is at the other side now.
pub(crate) fn finish(bar: &ProgressBar, name: &str, Contents { size, digest }: &Contents) -> anyhow::Result<()> {
    bar.finish_and_clear();
    let digest = blake3::Hash::from_bytes(*digest);
    Ok(writeln!(io::stdout(), "{}  {size} bytes, BLAKE3 {digest}", name.escape_debug())?)
}
