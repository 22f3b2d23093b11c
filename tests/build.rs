//! Makes stubs of both versions of each pair in `breaking/`, for `exchange.rs`, and of both kinds for `behaviour.rs`.

use std::path::{Path, PathBuf};
use std::{env, fs};

use anyhow::Context as _;

fn main() -> anyhow::Result<()> {
    println!("cargo:rerun-if-changed=breaking");
    let out = PathBuf::from(env::var_os("OUT_DIR").context("Cargo names a folder")?);
    breaking(&out)?;
    rpcgen::Builder::new().tokio(true).out_dir(out.join("behaviour")).compile(["behaviour/suite.rpc"])
}

fn breaking(out: &Path) -> anyhow::Result<()> {
    let mut rules = fs::read_dir("breaking")?.map(|rule| Ok(rule?.path())).collect::<anyhow::Result<Vec<_>>>()?;
    rules.sort();
    for version in ["old", "new"] {
        let files = rules.iter().map(|rule| rule.join(version).with_extension("rpc"));
        rpcgen::Builder::new().out_dir(out.join(version)).compile(files)?;
    }
    Ok(())
}
