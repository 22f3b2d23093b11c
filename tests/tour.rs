//! What the README and the guide show is true: their files are taken out word for word, built as projects beside this
//! one, and run; their commands are run too.
//!
//! A block belongs to a file when the line before it ends in the file's name, as in "`src/main.rs`:". In a `console`
//! block, lines with `$ rpcgen` are run in the project's folder and must print what follows them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Output};

use anyhow::{Context as _, Result, ensure};
use libtest_mimic::Arguments;
use rpcgen_tests::{project, trial};

/// Set where this program is to be the `rpcgen` command.
const ROLE: &str = "RPCGEN_TEST_COMMAND";

/// A page, and how its project is run.
struct Tour {
    name: &'static str,
    page: &'static str,
    command: &'static str,
    /// What the line before the expected output ends in.
    output: Option<&'static str>,
}

const TOURS: [Tour; 2] = [
    Tour { name: "readme", page: "README.md", command: "run", output: Some("`cargo run` prints:") },
    Tour { name: "guide", page: "docs/guide.md", command: "test", output: None },
];

fn main() -> ExitCode {
    if std::env::var_os(ROLE).is_some() {
        return rpcgen::cli::run(std::env::args_os());
    }
    // One after the other: they share a folder of built crates.
    let arguments = Arguments { test_threads: Some(1), ..Arguments::from_args() };
    let page = |tour: Tour| trial(tour.name, move || tour.run());
    libtest_mimic::run(&arguments, TOURS.into_iter().map(page).collect()).exit_code()
}

/// A fenced block of a page.
struct Block {
    /// The line before it.
    title: String,
    language: String,
    text: String,
}

impl Block {
    /// The file whose content it is.
    fn file(&self) -> Option<&str> {
        let file = self.title.strip_suffix("`:")?.rsplit('`').next()?;
        Path::new(file).extension().map(|_| file)
    }
}

/// The blocks of a page, in order; of those in a list the indentation is taken away.
fn blocks(page: &str) -> Vec<Block> {
    let (mut blocks, mut title, mut lines) = (Vec::new(), "", page.lines());
    while let Some(line) = lines.next() {
        let indent = line.len() - line.trim_start().len();
        if let Some(language) = line.trim_start().strip_prefix("```") {
            let inner = lines.by_ref().take_while(|line| !line.trim_start().starts_with("```"));
            let text = inner.map(|line| line.get(indent..).unwrap_or_default().to_owned() + "\n").collect();
            blocks.push(Block { title: title.to_owned(), language: language.to_owned(), text });
            title = "";
        } else if !line.trim().is_empty() {
            title = line.trim();
        }
    }
    blocks
}

impl Tour {
    fn run(&self) -> Result<()> {
        let page = fs::read_to_string(project().join(self.page))?;
        let blocks = blocks(&page);
        let folder = self.lay_out(&blocks)?;
        let output = self.cargo(&folder)?;
        ensure!(output.status.success(), "{}", shown(&output));
        if let Some(title) = self.output {
            let expected = blocks.iter().find(|block| block.title == title).context("the page shows no output")?;
            let printed = String::from_utf8_lossy(&output.stdout);
            ensure!(printed == expected.text, "the page shows\n{}but this is printed:\n{printed}", expected.text);
        }
        blocks.iter().filter(|block| block.language == "console").try_for_each(|block| run_commands(block, &folder))
    }

    /// Writes the project, in a folder that holds nothing else.
    fn lay_out(&self, blocks: &[Block]) -> Result<PathBuf> {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("tour").join(self.name);
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        for block in blocks.iter().filter(|block| ["rpc", "rust", "toml"].contains(&block.language.as_str())) {
            let file =
                block.file().with_context(|| format!("the block after \"{}\" belongs to no file", block.title))?;
            let path = folder.join(file);
            fs::create_dir_all(path.parent().unwrap_or(&folder))?;
            fs::write(&path, &block.text)?;
        }
        complete(&folder.join("Cargo.toml"))?;
        fs::copy(project().join("Cargo.lock"), folder.join("Cargo.lock"))?;
        Ok(folder)
    }

    fn cargo(&self, folder: &Path) -> Result<Output> {
        let built = folder.ancestors().nth(3).context("the folder is a deep one")?.join("tour");
        let mut command = Command::new(env!("CARGO"));
        command.args([self.command, "--quiet", "--offline"]).current_dir(folder);
        command.env("CARGO_TARGET_DIR", built).env("RUSTFLAGS", "-D warnings").output().context("cannot run cargo")
    }
}

/// Says where this checkout really is, and that the project is in no workspace, wherever its folder lies.
fn complete(manifest: &Path) -> Result<()> {
    let text = fs::read_to_string(manifest)?;
    ensure!(text.contains("\"../rpcgen/"), "the project does not use this checkout");
    let here = format!("\"{}/", project().canonicalize()?.display());
    Ok(fs::write(manifest, text.replace("\"../rpcgen/", &here) + "\n[workspace]\n")?)
}

fn shown(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Runs the commands of a block that are ours, and compares what they print.
fn run_commands(block: &Block, folder: &Path) -> Result<()> {
    for command in block.text.split("$ ").filter(|command| command.starts_with("rpcgen ")) {
        let (line, expected) = command.split_once('\n').unwrap_or((command, ""));
        let mut run = Command::new(std::env::current_exe()?);
        let output = run.args(line.split_whitespace().skip(1)).current_dir(folder).env(ROLE, "1").output()?;
        ensure!(output.status.success() && shown(&output) == expected, "`{line}` printed:\n{}", shown(&output));
    }
    Ok(())
}
