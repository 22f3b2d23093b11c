//! Generated code is what it was: each interface of `golden/` and of `idl/`, and a folder with what it becomes: stubs, and
//! the layout that `rpcgen layout` prints.
//!
//! A new case is a new `.rpc` file. `BLESS=1` renews what is expected.

#[path = "golden/thousand.rs"]
mod thousand;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use libtest_mimic::{Arguments, Trial};
use rpcgen::backend::rust::{Options, Presence};
use rpcgen::backend::{Files, layout};
use rpcgen::{Compiled, DiskReader, Input, compile};
use rpcgen_tests::{expect, files, folder, trial};

fn main() -> Result<()> {
    // Paths stand in generated code: they are relative, and the same on every machine.
    std::env::set_current_dir(folder())?;
    let interfaces = [files(Path::new("golden"), "rpc")?, files(Path::new("../idl"), "rpc")?].concat();
    ensure!(interfaces.len() > 2, "there are no interfaces to compile");
    let large = trial("a_thousand_of_everything", thousand::run);
    let trials = interfaces.into_iter().map(case).chain([large]).collect();
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

fn case(path: PathBuf) -> Trial {
    let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    trial(name.clone(), move || run(&path, &Path::new("golden").join(name)))
}

/// Interfaces that have asynchronous stubs beside the blocking ones.
const WITH_TOKIO: [&str; 8] =
    ["annotations", "chat", "every_keyword", "keywords", "services", "shadowing", "streams", VIEWS];

/// The one whose methods read in place.
const VIEWS: &str = "views";

/// The one that has them alone.
const TOKIO_ONLY: &str = "tokio_only";

fn options(interface: &Path) -> Options {
    let name = interface.file_stem().unwrap_or_default().to_string_lossy();
    let (blocking, stubs) = match &*name {
        TOKIO_ONLY => (false, " --stubs tokio"),
        name if WITH_TOKIO.contains(&name) => (true, " --stubs blocking,tokio"),
        _ => (true, ""),
    };
    let views: Vec<_> = (name == VIEWS).then(|| format!("golden.{VIEWS}")).into_iter().collect();
    let more: String = views.iter().flat_map(|package| [" --views ", package]).collect();
    let command = format!("rpcgen compile {}{stubs}{more}", interface.display());
    Options { command: Some(command), blocking, tokio: Presence::when(!stubs.is_empty()), views, ..Options::default() }
}

fn run(interface: &Path, expected: &Path) -> Result<()> {
    let input = Input { roots: vec![interface.to_owned()], ..Input::default() };
    let options = options(interface);
    let Compiled { files: compiled, checked } = compile(&input, &DiskReader::default(), &options)?;
    ensure!(compiled == compile(&input, &DiskReader::default(), &options)?.files, "two runs give different files");
    fs::create_dir_all(expected)?;
    expect_no_others(expected, &compiled)?;
    let program = checked.program.as_ref().context("there is a program, or it would not compile")?;
    expect(&expected.join("layout.txt"), &layout::describe(program, None)?)?;
    compiled.iter().try_for_each(|(name, text)| expect(&expected.join(name), text))
}

/// The folder holds no file that is not generated any more.
fn expect_no_others(folder: &Path, compiled: &Files) -> Result<()> {
    for path in files(folder, "rs")? {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let bless = std::env::var_os("BLESS").is_some_and(|bless| bless == "1");
        if bless && !compiled.contains_key(&name) {
            fs::remove_file(&path).with_context(|| format!("cannot remove {}", path.display()))?;
        } else {
            ensure!(compiled.contains_key(&name), "{} is not generated any more (BLESS=1 removes it)", path.display());
        }
    }
    Ok(())
}
