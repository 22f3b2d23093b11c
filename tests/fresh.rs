//! What is generated and checked in is what the compiler generates now.

use std::process::Command;

use anyhow::{Result, ensure};

#[test]
fn the_stub_crate_of_the_examples_is_fresh() -> Result<()> {
    let mut rpcgen = Command::new(env!("CARGO_BIN_EXE_rpcgen"));
    rpcgen.args(["crate", "idl/calculator.rpc", "--out", "examples/calculator-stubs"]);
    rpcgen.args(["--runtime-path", "../../runtime", "--check"]).current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    let output = rpcgen.output()?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    Ok(())
}
