//! `rpcgen explain`, and where it is pointed to.

use std::fs;

use anyhow::{Result, ensure};
use rpcgen::diag::Code;

use crate::scene::Scene;

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
