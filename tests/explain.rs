//! The pages of `rpcgen explain`, one a code: the wrong example of a page raises its code, and only that, the right one nothing. Retired
//! codes have no examples.
//!
//! A page is `compiler/explain/RPC….md`, and its examples are its fenced blocks. Behind the language, these words may follow:
//!
//! | word | meaning |
//! |---|---|
//! | `wrong`, `right` | which example the block belongs to; without one of them, to both |
//! | `NAME.rpc` | the file that the block is; without a name, `main.rpc` |
//! | `old` | the block is the old version, and the examples are new ones: what a change breaks is looked at instead, on the level of the code |
//! | `bytes` | the block is the file's bytes in hexadecimal; what stands behind a `#` is a comment |
//! | `padded` | spaces follow, up to one byte more than a file may have |
//! | `repeated` | the last line stands 101 times |
//!
//! What is compiled is `main.rpc`. A block of `sh` is a command instead, whose last word is what is compiled.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Error, Result, bail, ensure};
use libtest_mimic::Arguments;
use rpcgen::breaking::Level;
use rpcgen::diag::render::Colours;
use rpcgen::diag::{Code, Diagnostic, Diagnostics};
use rpcgen::load::{MemoryReader, Reader};
use rpcgen::syntax::MAX_SIZE;
use rpcgen::{Checked, Compared, Input, check, compare};
use rpcgen_tests::{trial, unhex};

/// Words that say what a block is, beside names of files.
const WORDS: [&str; 6] = ["old", "wrong", "right", "bytes", "padded", "repeated"];

/// The file of the old version.
const OLD: &str = "old.rpc";

fn main() {
    let trials = Code::ALL.iter().map(|code| trial(code.name(), move || run(*code)));
    libtest_mimic::run(&Arguments::from_args(), trials.collect()).exit()
}

fn run(code: Code) -> Result<()> {
    let title = format!("# {}: {}\n\n", code.name(), code.summary());
    ensure!(code.page().starts_with(&title), "the page does not begin with {title}");
    let blocks = blocks(code.page())?;
    if code.is_retired() {
        ensure!(blocks.is_empty(), "nothing raises a retired code");
        return Ok(());
    }
    let look = if Level::of(code).is_some() { changed } else { check };
    let checked = |side| Ok::<_, Error>(on_level(checked(&blocks, side, look)?, code));
    let wrong = checked("wrong")?;
    ensure!(raises(&wrong, code), "the wrong example raises something else:\n{}", wrong.render(Colours::Off));
    let right = checked("right")?;
    ensure!(right.diagnostics.is_empty(), "the right example is wrong:\n{}", right.render(Colours::Off));
    Ok(())
}

/// Whether this was found and nothing else. A count of findings stands beside those that are shown.
fn raises(checked: &Checked, code: Code) -> bool {
    let mut codes = checked.diagnostics.iter().map(|found| found.code);
    let mut others = codes.clone().filter(|found| *found != code);
    codes.any(|found| found == code) && (code == Code::TooMany || others.next().is_none())
}

/// Without what a change breaks on other levels than that of the code.
fn on_level(checked: Checked, code: Code) -> Checked {
    let level = Level::of(code);
    let counts = |found: &Diagnostic| Level::of(found.code).is_none_or(|of| Some(of) == level);
    let mut diagnostics = Diagnostics::default();
    diagnostics.extend(checked.diagnostics.into_iter().filter(counts));
    Checked { diagnostics, ..checked }
}

/// A fenced block: what stands behind the fence, and the lines in it.
struct Block<'a> {
    language: &'a str,
    words: Vec<&'a str>,
    text: &'a str,
}

fn blocks(page: &str) -> Result<Vec<Block<'_>>> {
    let parts: Vec<&str> = page.split("\n```").collect();
    ensure!(parts.len() % 2 == 1, "a block is not closed");
    parts.iter().skip(1).step_by(2).map(|part| block(part)).collect()
}

fn block(part: &str) -> Result<Block<'_>> {
    let (info, text) = part.split_once('\n').context("an empty block")?;
    let mut words = info.split(' ');
    let language = words.next().unwrap_or_default();
    ensure!(["rpc", "sh", "text"].contains(&language), "a block of {language}");
    let words: Vec<&str> = words.collect();
    match words.iter().find(|word| !(WORDS.contains(word) || is_file(word))) {
        Some(word) => bail!("unknown word {word}"),
        None => Ok(Block { language, words, text }),
    }
}

fn is_file(word: &str) -> bool {
    Path::new(word).extension().is_some_and(|extension| extension == "rpc")
}

/// What some files are found to be.
type Look = fn(&Input, &dyn Reader) -> Checked;

/// What is said about the change from `old.rpc`.
fn changed(input: &Input, reader: &dyn Reader) -> Checked {
    let old = Input { roots: vec![PathBuf::from(OLD)], ..Input::default() };
    let Compared { sources, diagnostics, .. } = compare(&old, input, reader);
    Checked { sources, diagnostics, program: None }
}

fn checked(blocks: &[Block<'_>], side: &str, look: Look) -> Result<Checked> {
    ensure!(blocks.iter().any(|block| block.has(side)), "there is no {side} example");
    let (mut root, mut reader) = ("main.rpc", MemoryReader::default());
    for block in blocks.iter().filter(|block| block.belongs_to(side)) {
        match block.language {
            "sh" => root = block.text.split_whitespace().last().context("an empty command")?,
            _ => reader = reader.with(block.file(), block.bytes()?),
        }
    }
    Ok(look(&Input { roots: vec![PathBuf::from(root)], ..Input::default() }, &reader))
}

impl Block<'_> {
    fn has(&self, word: &str) -> bool {
        self.words.contains(&word)
    }

    fn belongs_to(&self, side: &str) -> bool {
        self.has(side) || !(self.has("wrong") || self.has("right"))
    }

    fn file(&self) -> &str {
        let default = if self.has("old") { OLD } else { "main.rpc" };
        self.words.iter().find(|word| is_file(word)).unwrap_or(&default)
    }

    /// The bytes of the file.
    fn bytes(&self) -> Result<Vec<u8>> {
        let text = self.text.to_owned() + "\n";
        if self.has("bytes") {
            let digits = text.lines().filter_map(|line| line.split('#').next());
            return unhex(&digits.collect::<String>().replace(' ', ""));
        }
        let more = match self.text.lines().last() {
            _ if self.has("padded") => " ".repeat((MAX_SIZE + 1).saturating_sub(text.len())),
            Some(line) if self.has("repeated") => format!("{line}\n").repeat(100),
            _ => String::new(),
        };
        Ok((text + &more).into_bytes())
    }
}
