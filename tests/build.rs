//! Makes stubs of both versions of each pair in `breaking/`, for `exchange.rs`.

use std::path::PathBuf;
use std::{env, fs};

use anyhow::Context as _;

fn main() -> anyhow::Result<()> {
    println!("cargo:rerun-if-changed=breaking");
    let out = PathBuf::from(env::var_os("OUT_DIR").context("Cargo names a folder")?);
    let mut rules = fs::read_dir("breaking")?.map(|rule| Ok(rule?.path())).collect::<anyhow::Result<Vec<_>>>()?;
    rules.sort();
    for version in ["old", "new"] {
        let files = rules.iter().map(|rule| rule.join(version).with_extension("rpc"));
        rpcgen::Builder::new().out_dir(out.join(version)).compile(files)?;
    }
    Ok(())
}
