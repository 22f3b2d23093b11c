//! `rpcgen compile`: what it writes, and what it leaves as it is.

use std::fs;

use anyhow::{Result, ensure};

use crate::scene::{Scene, files_below};

#[test]
fn what_is_compiled_is_named_and_a_second_run_writes_nothing() -> Result<()> {
    let scene = Scene::new()?;
    let first = scene.expect(0, "compile good.rpc --out out")?;
    ensure!(first.out == "wrote out/demo.good.rs\nwrote out/mod.rs\n" && first.err.is_empty(), "{first:?}");
    let times = || {
        ["out/demo.good.rs", "out/mod.rs"]
            .map(|file| fs::metadata(scene.path(file)).and_then(|file| file.modified()).ok())
    };
    let before = times();
    let second = scene.expect(0, "compile good.rpc --out out")?;
    ensure!(second.out.is_empty() && second.err.is_empty() && times() == before, "{second:?}");
    ensure!(files_below(&scene.path("out"))? == ["demo.good.rs", "mod.rs"], "nothing else is there");
    Ok(())
}

#[test]
fn the_header_has_a_command_that_makes_the_file_again() -> Result<()> {
    let scene = Scene::new()?;
    fs::rename(scene.path("good.rpc"), scene.path("it's.rpc"))?;
    scene.expect(0, "compile it's.rpc -I lib --out out")?;
    let text = fs::read_to_string(scene.path("out/demo.good.rs"))?;
    ensure!(text.contains("// Made again by: rpcgen compile 'it'\\''s.rpc' -I lib --out out\n"), "{text}");
    Ok(())
}

#[test]
fn a_header_says_what_was_made_and_options_that_do_not_fit_end_with_two() -> Result<()> {
    let scene = Scene::new()?;
    fs::write(scene.path("top.rpc"), "package top;\nimport \"good.rpc\";\nstruct Top { at: demo.good.Point }\n")?;
    let options = "--only types --derive top.Top=a::B --derive C --extern-package demo.good=::good";
    scene.expect(0, &format!("compile top.rpc --out out {options}"))?;
    let text = fs::read_to_string(scene.path("out/top.rs"))?;
    ensure!(text.contains(&format!("rpcgen compile top.rpc --out out {options}\n")), "{text}");
    ensure!(text.contains("pub at: ::good::Point,") && text.contains("Default, a::B, C)]"), "{text}");
    for (line, error) in [
        ("compile top.rpc --out out --extern-package top=::x", "leave out one of the two"),
        ("compile top.rpc --out out --extern-package good=::x", "package `good` is not imported"),
        ("compile top.rpc --out out --extern-package demo.good", "two parts with `=` between them"),
        ("compile top.rpc --out out --derive top.Tpo=X", "is `top.Top` meant?"),
        ("compile top.rpc --out out --only stubs", "possible values: client, server, types"),
        ("crate top.rpc --out out --extern-package demo.good=::good", "add `--dependency good=VERSION`"),
        ("crate top.rpc --out out --extern-package demo.good=crate::good", "no path that begins with a crate"),
        ("crate top.rpc --out out --dependency 1=2", "a letter first"),
    ] {
        let run = scene.expect(2, line)?;
        ensure!(run.err.contains(error), "`rpcgen {line}` said {run:?}");
    }
    Ok(())
}

#[test]
fn a_check_finds_one_changed_byte_and_writes_nothing() -> Result<()> {
    let scene = Scene::new()?;
    let missing = scene.expect(1, "compile good.rpc --out out --check")?;
    ensure!(missing.err == "error: 2 files are stale; the same command without --check renews them\n", "{missing:?}");
    ensure!(!scene.path("out").exists(), "a check writes nothing");
    scene.expect(0, "compile good.rpc --out out")?;
    let fresh = scene.expect(0, "compile good.rpc --out out --check")?;
    ensure!(fresh.out.is_empty() && fresh.err.is_empty(), "{fresh:?}");

    let path = scene.path("out/mod.rs");
    let changed = fs::read_to_string(&path)?.replace("Docs.", "Docs!");
    fs::write(&path, &changed)?;
    let stale = scene.expect(1, "compile good.rpc --out out --check")?;
    ensure!(stale.out.contains("-    /// Docs!\n+    /// Docs.\n"), "{stale:?}");
    ensure!(stale.err.contains("1 file is stale"), "{stale:?}");
    ensure!(fs::read_to_string(&path)? == changed, "a check writes nothing");
    Ok(())
}

#[test]
fn a_place_that_cannot_be_written_keeps_what_it_has() -> Result<()> {
    let scene = Scene::new()?;
    fs::write(scene.path("file"), "mine")?;
    let run = scene.expect(2, "compile good.rpc --out file")?;
    ensure!(run.err.starts_with("error: cannot ") && run.err.contains("file"), "{run:?}");
    ensure!(fs::read_to_string(scene.path("file"))? == "mine", "the file is untouched");

    fs::create_dir_all(scene.path("out/mod.rs"))?;
    let run = scene.expect(2, "compile good.rpc --out out")?;
    ensure!(run.err.starts_with("error: cannot read out/mod.rs"), "{run:?}");
    ensure!(files_below(&scene.path("out"))?.is_empty(), "nothing is half written");
    Ok(())
}

#[test]
fn files_of_an_earlier_run_are_named() -> Result<()> {
    let scene = Scene::new()?;
    fs::write(scene.path("other.rpc"), "package other;\nstruct Other { x: u8 }\n")?;
    scene.expect(0, "compile good.rpc --out out")?;
    fs::write(scene.path("out/mine.rs"), "// Not generated.\n")?;
    let run = scene.expect(0, "compile other.rpc --out out")?;
    ensure!(run.err.starts_with("note: out/demo.good.rs is of another run") && run.err.lines().count() == 1, "{run:?}");
    let both = scene.expect(0, "compile other.rpc good.rpc --out out")?;
    ensure!(both.err.is_empty(), "{both:?}");
    Ok(())
}
