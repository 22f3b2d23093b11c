//! How the command is used wrongly.

use anyhow::{Result, ensure};

use crate::scene::Scene;

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
