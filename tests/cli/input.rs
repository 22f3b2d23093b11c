//! The files that a command reads: where they are looked for, and what is wrong in them.

use std::fs;

use anyhow::{Result, ensure};

use crate::scene::{Scene, files_below};

#[test]
fn mistakes_of_an_interface_go_to_standard_error() -> Result<()> {
    let scene = Scene::new()?;
    for line in ["check bad.rpc", "compile bad.rpc --out out", "crate bad.rpc --out out", "layout bad.rpc"] {
        let run = scene.expect(1, line)?;
        ensure!(run.out.is_empty() && run.err.contains(" --> bad.rpc:3:19\n"), "{run:?}");
        ensure!(!run.err.contains('\u{1b}'), "colours are for terminals: {run:?}");
        ensure!(run.err.ends_with("\n\nFor more: rpcgen explain RPC0101\n"), "{run:?}");
    }
    ensure!(!scene.path("out").exists(), "nothing is written");
    let json = scene.expect(1, "check bad.rpc --message-format json")?;
    ensure!(json.err.starts_with("{\"code\":\"RPC") && json.err.lines().count() == 1, "{json:?}");
    let fine = scene.expect(0, "check good.rpc")?;
    ensure!(fine.out.is_empty() && fine.err.is_empty(), "{fine:?}");
    Ok(())
}

#[test]
fn files_that_are_no_interfaces_end_with_one() -> Result<()> {
    let scene = Scene::new()?;
    fs::write(scene.path("empty.rpc"), "")?;
    fs::write(scene.path("latin1.rpc"), b"package caf\xe9;\n")?;
    fs::write(scene.path("large.rpc"), " ".repeat((16 << 20) + 1))?;
    fs::write(
        scene.path("deep.rpc"),
        format!("package deep;\nalias A = {}u8{};\n", "list<".repeat(200), ">".repeat(200)),
    )?;
    for (line, text) in [
        ("check missing.rpc", "cannot read `missing.rpc`"),
        ("check folder", "cannot read `folder`"),
        ("check .", "cannot read `.`"),
        ("check empty.rpc", "error[RPC0009]"),
        ("check latin1.rpc", "error[RPC0002]"),
        ("check large.rpc", "error[RPC0003]"),
        ("check deep.rpc", "error[RPC0006]"),
    ] {
        let run = scene.expect(1, line)?;
        ensure!(run.out.is_empty() && run.err.contains(text), "`rpcgen {line}` said {run:?}");
    }
    Ok(())
}

#[test]
fn imports_are_found_in_the_folders_given() -> Result<()> {
    let scene = Scene::new()?;
    fs::create_dir(scene.path("lib"))?;
    fs::write(scene.path("lib/base.rpc"), "package base;\nstruct Base { x: u8 }\n")?;
    fs::write(scene.path("top.rpc"), "package top;\nimport \"base.rpc\";\nstruct Top { base: base.Base }\n")?;
    let run = scene.expect(1, "check top.rpc")?;
    ensure!(run.err.contains("RPC0103"), "{run:?}");
    scene.expect(0, "compile top.rpc -I lib --out out")?;
    ensure!(files_below(&scene.path("out"))? == ["base.rs", "mod.rs", "top.rs"], "one file a package");
    Ok(())
}

#[test]
fn a_file_with_several_paths_is_read_once() -> Result<()> {
    let scene = Scene::new()?;
    fs::write(scene.path("top.rpc"), "package top;\nimport \"good.rpc\";\nstruct Top { at: demo.good.Point }\n")?;
    std::os::unix::fs::symlink(scene.path("good.rpc"), scene.path("link.rpc"))?;
    let whole = scene.path("good.rpc").display().to_string();
    for others in ["good.rpc", "./good.rpc", "folder/../good.rpc", "link.rpc", &whole] {
        for line in [format!("check good.rpc {others}"), format!("check top.rpc {others}")] {
            let run = scene.expect(0, &line)?;
            ensure!(run.err.is_empty(), "`{line}` said {run:?}");
        }
    }
    fs::write(scene.path("twice.rpc"), "package twice;\nimport \"good.rpc\";\nimport \"link.rpc\";\n")?;
    let run = scene.expect(1, "check twice.rpc")?;
    ensure!(run.err.contains("`link.rpc` is imported twice"), "{run:?}");
    Ok(())
}
