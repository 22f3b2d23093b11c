//! `Builder` as a `build.rs` uses it: what it writes, what it tells Cargo, and how a mistake looks there.
//!
//! What it prints is for Cargo, so each test runs this program again, as a `build.rs` of its own.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use anyhow::{Context as _, Result, ensure};

/// Set where this program is to be the `build.rs`: the interfaces to compile, a call each.
const ROLE: &str = "RPCGEN_TEST_INTERFACE";

/// In its role, the `build.rs`; else a test that a file which is not there is a mistake.
#[test]
fn acts_as_a_build_script() -> Result<()> {
    let build = |interface: &str| rpcgen::Builder::new().include("lib").compile([interface]);
    if let Some(interfaces) = std::env::var_os(ROLE) {
        return interfaces.to_string_lossy().split(' ').try_for_each(build);
    }
    let error = build("no such file.rpc").err().context("there is no such file")?;
    ensure!(format!("{error:?}").contains("error[RPC0001]: cannot read `no such file.rpc`"), "{error:?}");
    Ok(())
}

fn build(folder: &Path, interface: &str, out: Option<&Path>) -> Result<Output> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["--exact", "acts_as_a_build_script", "--nocapture"]).current_dir(folder).env(ROLE, interface);
    match out {
        Some(out) => command.env("OUT_DIR", out),
        None => command.env_remove("OUT_DIR"),
    };
    command.output().context("cannot run this program again")
}

fn told(output: &Output) -> Vec<String> {
    let text = String::from_utf8_lossy(&output.stdout);
    // The runner begins a line with the name of the test.
    text.split(['\n', ' ']).filter(|word| word.starts_with("cargo:rerun")).map(str::to_owned).collect()
}

fn scene() -> Result<tempfile::TempDir> {
    let folder = tempfile::tempdir()?;
    fs::create_dir(folder.path().join("lib"))?;
    fs::write(folder.path().join("lib/base.rpc"), "package base;\nstruct Base { x: u8 }\n")?;
    fs::write(folder.path().join("top.rpc"), "package top;\nimport \"base.rpc\";\nstruct Top { base: base.Base }\n")?;
    fs::write(folder.path().join("bad.rpc"), "package bad;\nimport \"missing.rpc\";\nstruct Bad { x: u9 }\n")?;
    Ok(folder)
}

#[test]
fn stubs_go_to_out_dir_and_are_written_once() -> Result<()> {
    let folder = scene()?;
    let out = folder.path().join("out");
    let output = build(folder.path(), "top.rpc", Some(&out))?;
    ensure!(output.status.success(), "{output:?}");
    ensure!(told(&output) == ["cargo:rerun-if-changed=top.rpc", "cargo:rerun-if-changed=lib/base.rpc"], "{output:?}");
    let time = || fs::metadata(out.join("top.rs")).and_then(|file| file.modified()).ok();
    let before = time();
    ensure!(before.is_some() && out.join("mod.rs").exists() && out.join("base.rs").exists(), "a file is missing");
    ensure!(build(folder.path(), "top.rpc", Some(&out))?.status.success() && time() == before, "it was written again");
    Ok(())
}

#[test]
fn each_flavour_of_stubs_is_made_where_it_is_wanted() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let interface = folder.path().join("desk.rpc");
    fs::write(&interface, "package desk;\nservice Desk { call(); }\n")?;
    for (blocking, tokio) in [(true, false), (true, true), (false, true), (false, false)] {
        let out = folder.path().join(format!("{blocking}_{tokio}"));
        let builder = rpcgen::Builder::new().blocking(blocking).tokio(tokio).out_dir(&out);
        builder.compile([&interface])?;
        let text = fs::read_to_string(out.join("desk.rs"))?;
        let made = (text.contains("trait Desk:"), text.contains("trait AsyncDesk:"));
        ensure!(made == (blocking, tokio), "{text}");
        ensure!(text.contains("mod rpc_desk") == (blocking || tokio), "{text}");
    }
    Ok(())
}

#[test]
fn a_mistake_shows_as_findings_and_what_was_looked_for_is_watched() -> Result<()> {
    let folder = scene()?;
    let output = build(folder.path(), "bad.rpc", Some(folder.path()))?;
    ensure!(!output.status.success(), "{output:?}");
    for path in ["bad.rpc", "missing.rpc", "lib/missing.rpc"] {
        ensure!(told(&output).contains(&format!("cargo:rerun-if-changed={path}")), "{path} is not watched: {output:?}");
    }
    let error = String::from_utf8_lossy(&output.stderr);
    ensure!(error.contains("\n --> bad.rpc:3:17\n  |\n3 | struct Bad { x: u9 }\n"), "{error}");
    ensure!(!folder.path().join("bad.rs").exists(), "nothing is written");
    Ok(())
}

#[test]
fn a_second_call_for_the_same_folder_is_refused() -> Result<()> {
    let folder = scene()?;
    let output = build(folder.path(), "lib/base.rpc top.rpc", Some(folder.path()))?;
    ensure!(!output.status.success(), "{output:?}");
    ensure!(!folder.path().join("top.rs").exists(), "nothing is written then");
    let error = String::from_utf8_lossy(&output.stderr);
    ensure!(error.contains("name all interfaces in one call of `compile`"), "{error}");
    Ok(())
}

#[test]
fn without_out_dir_it_says_what_to_do() -> Result<()> {
    let folder = scene()?;
    let output = build(folder.path(), "top.rpc", None)?;
    ensure!(!output.status.success(), "{output:?}");
    ensure!(String::from_utf8_lossy(&output.stderr).contains("Builder::out_dir"), "{output:?}");
    Ok(())
}
