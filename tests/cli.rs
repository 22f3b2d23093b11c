//! The `rpcgen` command as people and programs run it: exit codes, streams, and what happens on the disk.

#[path = "cli/breaking.rs"]
mod breaking;
#[path = "cli/fmt.rs"]
mod fmt;
#[path = "cli/shell.rs"]
mod shell;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use anyhow::{Context as _, Result, ensure};
use rpcgen::diag::Code;
use tempfile::TempDir;

const GOOD: &str = "//! Docs.\npackage demo.good;\n\n/// A point.\nstruct Point { x: f64, y: f64 }\n\nservice Calls { call(a: u8) -> u8; }\n";
const BAD: &str = "package demo.bad;\n\nstruct Point { x: f65 }\n";

/// A folder of its own, and the command in it.
struct Scene {
    folder: TempDir,
}

impl Scene {
    fn new() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        fs::write(folder.path().join("good.rpc"), GOOD)?;
        fs::write(folder.path().join("bad.rpc"), BAD)?;
        fs::create_dir(folder.path().join("folder"))?;
        Ok(Self { folder })
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, line: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rpcgen"));
        command.args(line.split_whitespace()).current_dir(self.folder.path());
        command
    }

    fn run(&self, line: &str) -> Result<Run> {
        Run::new(&self.command(line).output()?)
    }

    /// Runs a command that must end with this code.
    fn expect(&self, code: i32, line: &str) -> Result<Run> {
        let run = self.run(line)?;
        ensure!(run.code == code, "`rpcgen {line}` ended with {run:?}");
        Ok(run)
    }
}

#[derive(Debug)]
struct Run {
    code: i32,
    out: String,
    err: String,
}

impl Run {
    fn new(output: &Output) -> Result<Self> {
        Ok(Self {
            code: output.status.code().context("killed")?,
            out: String::from_utf8(output.stdout.clone())?,
            err: String::from_utf8(output.stderr.clone())?,
        })
    }
}

/// Every file below a folder, hidden ones too.
fn files_below(folder: &Path) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let inner = if path.is_dir() { files_below(&path)? } else { Vec::new() };
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        found.extend(if path.is_dir() {
            inner.into_iter().map(|file| format!("{name}/{file}")).collect()
        } else {
            vec![name]
        });
    }
    found.sort();
    Ok(found)
}

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
fn asynchronous_stubs_are_made_where_they_are_asked_for() -> Result<()> {
    let scene = Scene::new()?;
    let made = |stubs: &str| {
        scene.expect(0, &format!("compile good.rpc --out out {stubs}"))?;
        let text = fs::read_to_string(scene.path("out/demo.good.rs"))?;
        let command = text.lines().nth(1).unwrap_or_default().to_owned();
        Ok::<_, anyhow::Error>((text.contains("struct CallsClient"), text.contains("struct AsyncCallsClient"), command))
    };
    let command = "// Made again by: rpcgen compile good.rpc --out out";
    ensure!(made("")? == (true, false, command.to_owned()));
    ensure!(made("--stubs blocking")? == (true, false, command.to_owned()));
    ensure!(made("--stubs tokio")? == (false, true, format!("{command} --stubs tokio")));
    ensure!(made("--stubs blocking,tokio")? == (true, true, format!("{command} --stubs blocking,tokio")));
    Ok(())
}

#[test]
fn names_of_asynchronous_stubs_are_taken_only_where_there_are_such() -> Result<()> {
    let scene = Scene::new()?;
    let text = "package taken;\nstruct AsyncDeskClient { a: u8 }\n\
                service Desk { call_with_metadata(); call(); oneway tell(); tell_with_metadata(); }\n";
    fs::write(scene.path("taken.rpc"), text)?;
    for line in ["check taken.rpc", "compile taken.rpc --out stubs", "crate taken.rpc --out one --no-tokio"] {
        ensure!(scene.expect(0, line)?.err.is_empty(), "{line}");
    }
    for line in ["compile taken.rpc --out stubs --stubs tokio", "crate taken.rpc --out two"] {
        let err = scene.expect(1, line)?.err;
        for (name, other, made) in
            [("Desk", "AsyncDeskClient", "AsyncDeskClient"), ("call", "call_with_metadata", "call_with_metadata")]
        {
            let message = format!("error[RPC0602]: `{name}` and `{other}` both make `{made}` in Rust");
            ensure!(err.contains(&message) && err.contains("or make no asynchronous stubs"), "{line}: {err}");
        }
        ensure!(err.matches("error[").count() == 2, "{line}: {err}");
    }
    ensure!(!scene.path("two").exists(), "nothing is written");
    Ok(())
}

#[test]
fn methods_read_in_place_where_they_are_asked_to() -> Result<()> {
    let scene = Scene::new()?;
    let text = "package shop;\nstruct Order { note: string }\n\
                service Desk { place(order: Order); find() -> Order; }\n\
                service Attic { store(orders: list<Order>); }\n";
    fs::write(scene.path("shop.rpc"), text)?;
    let traces = ["order: OrderView<'_>", "fn find_in_place<", "orders: stub::ListView<'_, OrderView<'_>>"];
    for (views, expected) in [
        ("", [false, false, false]),
        (" --views shop.Desk.place", [true, false, false]),
        (" --views shop.Desk", [true, true, false]),
        (" --views shop.Desk.find --views shop.Attic", [false, true, true]),
        (" --views shop", [true, true, true]),
    ] {
        scene.expect(0, &format!("compile shop.rpc --out out{views}"))?;
        scene.expect(0, &format!("crate shop.rpc --out shop-stubs{views}"))?;
        let made = fs::read_to_string(scene.path("out/shop.rs"))?;
        ensure!(traces.map(|trace| made.contains(trace)) == expected, "{views}: {made}");
        ensure!(made.contains(&format!("rpcgen compile shop.rpc --out out{views}\n")), "{made}");
        let in_crate = fs::read_to_string(scene.path("shop-stubs/src/shop.rs"))?;
        ensure!(in_crate.contains("struct OrderView<'a>") != views.is_empty(), "{in_crate}");
    }
    let err = scene.expect(2, "compile shop.rpc --out out --views shop.Desk.fond")?.err;
    ensure!(
        err.contains("no method, service or package `shop.Desk.fond`") && err.contains("is `shop.Desk.find` meant?"),
        "{err}"
    );
    Ok(())
}

#[test]
fn names_of_views_are_taken_only_where_there_are_such() -> Result<()> {
    let scene = Scene::new()?;
    let text = "package taken;\nstruct Order { note: string } struct OrderView { a: u8 }\n\
                service Desk { find_in_place() -> Order; find() -> Order; }\n";
    fs::write(scene.path("taken.rpc"), text)?;
    scene.expect(0, "compile taken.rpc --out out")?;
    let err = scene.expect(1, "compile taken.rpc --out out --views taken.Desk")?.err;
    for message in
        ["`Order` and `OrderView` both make `OrderView`", "`find` and `find_in_place` both make `find_in_place`"]
    {
        ensure!(err.contains(&format!("error[RPC0602]: {message} in Rust")), "{err}");
    }
    ensure!(err.contains("or have nothing read in place") && err.matches("error[").count() == 2, "{err}");
    Ok(())
}

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
fn wrong_use_ends_with_two() -> Result<()> {
    let scene = Scene::new()?;
    for (line, text) in [
        ("", "Usage: rpcgen <COMMAND>"),
        ("compile", "required arguments were not provided"),
        ("compile good.rpc", "--out <DIR>"),
        ("compile good.rpc --out out --colour", "unexpected argument"),
        ("compile good.rpc --out out --stubs threads", "possible values: blocking, tokio"),
        ("compile good.rpc --out out --stubs", "a value is required"),
        ("layout good.rpc Piont", "is `Point` meant?"),
        ("layout good.rpc MAX", "there is no type or service `MAX`"),
        ("explain", "required arguments were not provided"),
        ("explain RPC0110", "RPC0101 is the nearest"),
        ("explain E0308", "there is no such code"),
        ("completions csh", "possible values: bash"),
        ("crate good.rpc --out out --name 1x", "a letter first"),
        ("crate good.rpc --out out --version 1.2", "three numbers"),
        ("new", "required arguments were not provided"),
        ("new 1x", "a name begins with a letter"),
        ("new Shop", "a name is in lower case: `shop`"),
        ("new type", "`type` is a keyword of Rust"),
        ("new test", "`test` is Rust's crate for tests"),
        ("new shop --path folder", "`folder` is no checkout of rpcgen"),
        ("new shop --out .", "there is something in it"),
        ("new shop --out good.rpc", "cannot read good.rpc"),
    ] {
        let run = scene.expect(2, line)?;
        ensure!(run.out.is_empty() && run.err.contains(text), "`rpcgen {line}` said {run:?}");
    }
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
fn a_layout_is_printed_whole_or_for_one_type() -> Result<()> {
    let scene = Scene::new()?;
    let point = "struct demo.good.Point: 16 bytes\n  Python: struct.pack('!dd', …)\n    offset  size  field  type\n         0     8  x      f64\n         8     8  y      f64\n";
    for line in ["layout good.rpc Point", "layout good.rpc demo.good.Point"] {
        let run = scene.expect(0, line)?;
        ensure!(run.out == point, "{run:?}");
    }
    let all = scene.expect(0, "layout good.rpc")?;
    ensure!(all.out.starts_with(point) && all.out.contains("method demo.good.Calls/call\n    number 0x"), "{all:?}");
    Ok(())
}

#[test]
fn a_reader_that_has_had_enough_is_no_mistake() -> Result<()> {
    let scene = Scene::new()?;
    let structs: Vec<_> = (0..2_000).map(|at| format!("struct Type{at} {{ a: u8, b: string }}\n")).collect();
    fs::write(scene.path("large.rpc"), format!("package large;\n{}", structs.concat()))?;
    let mut child = scene.command("layout large.rpc").stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    drop(child.stdout.take());
    let run = Run::new(&child.wait_with_output()?)?;
    ensure!(run.code == 0 && run.err.is_empty(), "{run:?}");
    Ok(())
}

#[test]
fn a_code_is_explained_however_it_is_written() -> Result<()> {
    let scene = Scene::new()?;
    for name in ["RPC0101", "rpc0101", "101"] {
        let run = scene.expect(0, &format!("explain {name}"))?;
        ensure!(run.out == Code::UndefinedName.page() && run.err.is_empty(), "{run:?}");
    }
    let list = scene.expect(0, "explain --list")?.out;
    ensure!(list.lines().count() == Code::ALL.len(), "one line a code: {list}");
    for (line, code) in list.lines().zip(Code::ALL) {
        ensure!(line.starts_with(code.name()) && line.ends_with(code.summary()), "{line}");
    }
    Ok(())
}

#[test]
fn each_run_names_its_codes_once_and_they_can_be_explained() -> Result<()> {
    let scene = Scene::new()?;
    fs::write(scene.path("worse.rpc"), "package worse;\nstruct A { x: u8, x: u8, y: B, z: C }\n")?;
    let run = scene.expect(1, "check worse.rpc")?;
    let hints: Vec<&str> = run.err.lines().filter(|line| line.contains("explain")).collect();
    ensure!(hints == ["For more: rpcgen explain RPC0101 RPC0102"], "{run:?}");
    let pages = scene.expect(0, "explain RPC0101 RPC0102")?.out;
    ensure!(pages == format!("{}\n{}", Code::UndefinedName.page(), Code::DoubledName.page()), "{pages}");
    Ok(())
}
