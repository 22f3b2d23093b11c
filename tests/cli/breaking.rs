//! `rpcgen breaking`.

use std::fs;

use anyhow::{Result, ensure};

use crate::scene::{GOOD, Scene};

#[test]
fn breaking_fails_on_the_chosen_level_and_worse() -> Result<()> {
    let scene = Scene::new()?;
    let versions = [
        ("old", "A = 1"),
        ("more", "A = 1, B = 2"),
        ("other", "A = 2, B = 1"),
        ("deprecated", "@deprecated(\"x\") A = 1"),
    ];
    for (folder, members) in versions {
        fs::create_dir_all(scene.path(folder).join("in"))?;
        let text = format!("package demo;\n\nenum Kind {{ {members} }}\n");
        fs::write(scene.path(folder).join("in/kind.rpc"), text)?;
    }
    for (level, code) in [("wire", 0), ("order", 1), ("source", 1)] {
        let run = scene.expect(code, &format!("breaking old more --level {level}"))?;
        ensure!(run.out.is_empty() && run.err.contains("Breaking: "), "{run:?}");
    }
    let run = scene.expect(0, "breaking old more")?;
    let summary =
        "Breaking: nothing; not shown: 1 by order of roll-out (--level order), 1 in source code (--level source)\n";
    ensure!(run.err == summary, "{run:?}");
    ensure!(scene.expect(0, "breaking old old --level source")?.err == "Breaking: nothing\n");
    let run = scene.expect(1, "breaking old/in/kind.rpc other/in/kind.rpc")?;
    ensure!(run.err.contains("::: old/in/kind.rpc:3:13") && run.err.contains("rpcgen explain RPC0811"), "{run:?}");
    let run = scene.expect(0, "breaking old deprecated --level source")?;
    ensure!(run.err.contains("warning[RPC1009]"), "{run:?}");
    Ok(())
}

#[test]
fn breaking_speaks_json_and_tells_errors_of_the_versions() -> Result<()> {
    let scene = Scene::new()?;
    fs::write(scene.path("other.rpc"), GOOD.replace("x: f64", "x: f32"))?;
    let run = scene.expect(1, "breaking good.rpc other.rpc --message-format json")?;
    ensure!(run.err.starts_with("{\"code\":\"RPC0805\",") && run.err.lines().count() == 1, "{run:?}");
    let run = scene.expect(1, "breaking good.rpc bad.rpc")?;
    ensure!(run.err.contains("f65") && !run.err.contains("Breaking"), "{run:?}");
    scene.expect(1, "breaking good.rpc missing.rpc")?;
    scene.expect(2, "breaking good.rpc folder")?;
    scene.expect(2, "breaking good.rpc")?;
    Ok(())
}
