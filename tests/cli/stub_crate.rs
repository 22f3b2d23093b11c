//! `rpcgen crate`.

use std::fs;

use anyhow::{Result, ensure};

use crate::scene::{Scene, files_below};

#[test]
fn a_stub_crate_has_the_feature_tokio_unless_it_is_left_out() -> Result<()> {
    let scene = Scene::new()?;
    for (line, has_tokio) in [("", true), (" --no-tokio", false)] {
        scene.expect(0, &format!("crate good.rpc --out good-stubs{line}"))?;
        for (file, text) in
            [("Cargo.toml", "\ntokio = "), ("README.md", "AsyncCallsClient"), ("src/demo.good.rs", "tokio")]
        {
            let made = fs::read_to_string(scene.path("good-stubs").join(file))?;
            ensure!(made.contains(text) == has_tokio, "{file}: {made}");
        }
    }
    Ok(())
}

#[test]
fn a_crate_has_what_publishing_needs() -> Result<()> {
    let scene = Scene::new()?;
    let line = "crate good.rpc --out stubs --version 1.2.3-rc.1 --license MIT --runtime-path ../runtime";
    scene.expect(0, line)?;
    ensure!(
        files_below(&scene.path("stubs"))? == ["Cargo.toml", "README.md", "src/demo.good.rs", "src/lib.rs"],
        "its files"
    );
    let manifest = fs::read_to_string(scene.path("stubs/Cargo.toml"))?;
    for text in [
        "name = \"good-stubs\"\n",
        "version = \"1.2.3-rc.1\"\n",
        "description = \"Docs.\"\n",
        "license = \"MIT\"\n",
        "path = \"../runtime\"",
    ] {
        ensure!(manifest.contains(text), "no {text} in {manifest}");
    }
    ensure!(fs::read_to_string(scene.path("stubs/README.md"))?.contains("\n- `call`\n"), "the README lists methods");
    scene.expect(0, &format!("{line} --check"))?;
    fs::write(scene.path("stubs/README.md"), "")?;
    scene.expect(1, &format!("{line} --check"))?;
    Ok(())
}

#[test]
fn a_version_that_cargo_does_not_take_is_refused_before_anything_is_written() -> Result<()> {
    let scene = Scene::new()?;
    for (option, form) in [
        ("--version 1", "a version is three numbers"),
        ("--version 1.2", "a version is three numbers"),
        ("--version 1.0.0.0", "a version is three numbers"),
        ("--version 01.0.0", "a version is three numbers"),
        ("--version banana", "a version is three numbers"),
        ("--version 1.0.0-", "a version is three numbers"),
        ("--version 1.0.0-a..b", "a version is three numbers"),
        ("--version 1.0.0-01", "a version is three numbers"),
        ("--version 1.0.0+", "a version is three numbers"),
        ("--version 1.0.0+a+b", "a version is three numbers"),
        ("--dependency money-stubs=banana", "a version, as in 1.2, or a folder"),
        ("--dependency money-stubs=1.2.3.4", "a version, as in 1.2, or a folder"),
    ] {
        let run = scene.expect(2, &format!("crate good.rpc --out stubs {option}"))?;
        ensure!(run.out.is_empty() && run.err.contains(form) && !scene.path("stubs").exists(), "`{option}`: {run:?}");
    }
    Ok(())
}
