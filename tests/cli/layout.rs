//! `rpcgen layout`.

use std::fs;
use std::process::Stdio;

use anyhow::{Result, ensure};

use crate::scene::{Run, Scene};

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
