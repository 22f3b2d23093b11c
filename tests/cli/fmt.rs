//! `rpcgen fmt`.

use std::fs;
use std::process::Stdio;

use anyhow::{Context as _, Result, ensure};

use crate::scene::{Run, Scene, files_below};

const MESSY: &str = "package a;struct A{x:u8, // here\r\ny:u8}";
const TIDY: &str = "package a;\n\nstruct A {\n    x: u8, // here\n    y: u8,\n}\n";

#[test]
fn fmt_writes_what_differs_and_says_so() -> Result<()> {
    let scene = Scene::new()?;
    fs::create_dir_all(scene.path("folder/below"))?;
    fs::write(scene.path("folder/b.rpc"), MESSY)?;
    fs::write(scene.path("folder/below/a.rpc"), [b"\xef\xbb\xbf", TIDY.as_bytes()].concat())?;
    fs::write(scene.path("folder/c.rpc"), TIDY)?;
    fs::write(scene.path("folder/other.txt"), MESSY)?;
    std::os::unix::fs::symlink("folder/b.rpc", scene.path("link.rpc"))?;
    fs::set_permissions(scene.path("folder/b.rpc"), std::os::unix::fs::PermissionsExt::from_mode(0o640))?;

    let check = scene.expect(1, "fmt --check folder")?;
    ensure!(
        check.out.contains("-package a;struct A{x:u8, // here\r\n") && check.out.contains("+    y: u8,\n"),
        "{check:?}"
    );
    ensure!(check.err.starts_with("error: 2 files are not formatted; "), "{check:?}");
    ensure!(fs::read_to_string(scene.path("folder/b.rpc"))? == MESSY, "a check writes nothing");

    let run = scene.expect(0, "fmt link.rpc folder")?;
    ensure!(run.out == "wrote link.rpc\nwrote folder/below/a.rpc\n" && run.err.is_empty(), "{run:?}");
    ensure!(fs::symlink_metadata(scene.path("link.rpc"))?.is_symlink(), "the link is still one");
    let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(scene.path("folder/b.rpc"))?.permissions());
    ensure!(mode & 0o777 == 0o640, "the file has the mode {mode:o}");
    for file in ["b.rpc", "below/a.rpc", "c.rpc"] {
        ensure!(fs::read_to_string(scene.path("folder").join(file))? == TIDY, "{file} is not formatted");
    }
    ensure!(files_below(&scene.path("folder"))?.len() == 4, "nothing is left beside them");
    scene.expect(0, "new shop")?;
    let again = scene.expect(0, "fmt --check folder link.rpc shop")?;
    ensure!(again.out.is_empty() && again.err.is_empty(), "{again:?}");
    Ok(())
}

#[test]
fn fmt_tries_all_files_and_ends_with_the_worst() -> Result<()> {
    let scene = Scene::new()?;
    let broken = "package a;\nstruct A { x u8 }\n";
    fs::write(scene.path("broken.rpc"), broken)?;
    fs::write(scene.path("latin1.rpc"), b"package caf\xe9;\n")?;
    fs::write(scene.path("messy.rpc"), MESSY)?;
    let run = scene.expect(1, "fmt broken.rpc latin1.rpc messy.rpc")?;
    ensure!(run.out == "wrote messy.rpc\n", "{run:?}");
    ensure!(run.err.contains(" --> broken.rpc:2:") && run.err.contains("error[RPC0002]"), "{run:?}");
    ensure!(fs::read_to_string(scene.path("broken.rpc"))? == broken, "it is as it was");
    fs::write(scene.path("messy.rpc"), MESSY)?;
    let run = scene.expect(2, "fmt missing.rpc broken.rpc messy.rpc")?;
    ensure!(run.err.contains("error: cannot read missing.rpc: ") && run.out == "wrote messy.rpc\n", "{run:?}");
    scene.expect(2, "fmt")?;
    ensure!(scene.expect(2, "fmt folder")?.err == "error: there is no .rpc file in folder\n");
    Ok(())
}

#[test]
fn fmt_reads_standard_input_for_editors() -> Result<()> {
    let scene = Scene::new()?;
    let piped = |line: &str, text: &str| -> Result<Run> {
        let mut child =
            scene.command(line).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
        std::io::Write::write_all(&mut child.stdin.take().context("a pipe")?, text.as_bytes())?;
        Run::new(&child.wait_with_output()?)
    };
    for text in [MESSY, TIDY] {
        let run = piped("fmt -", text)?;
        ensure!(run.code == 0 && run.out == TIDY && run.err.is_empty(), "{run:?}");
    }
    let check = piped("fmt --check -", MESSY)?;
    ensure!(check.code == 1 && check.out.starts_with("--- standard input\n"), "{check:?}");
    let bad = piped("fmt -", "package")?;
    ensure!(bad.code == 1 && bad.out.is_empty() && bad.err.contains(" --> standard input:1:"), "{bad:?}");
    Ok(())
}
