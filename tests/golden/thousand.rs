//! An interface with a thousand of everything: what it becomes is too long to be read or kept, but it is Rust.

use std::fmt::Write as _;

use anyhow::{Result, ensure};
use rpcgen::backend::rust::Options;
use rpcgen::{DiskReader, Input, compile};

/// Of everything.
const MANY: usize = 1000;

/// Compiles it, which parses all that is generated.
pub(crate) fn run() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("thousand.rpc");
    std::fs::write(&path, interface()?)?;
    let input = Input { roots: vec![path], ..Input::default() };
    let compiled = compile(&input, &DiskReader::default(), &Options::default())?;
    let text = compiled.files.get("golden.thousand.rs").map(String::as_str).unwrap_or_default();
    for last in ["Self::Number999 => 999,", "pub field_999: bool,", "1000 => Ok(Self::Variant999", "fn method_199("] {
        ensure!(text.contains(last), "there is no `{last}`");
    }
    Ok(())
}

fn interface() -> Result<String> {
    let mut text = "package golden.thousand;\n".to_owned();
    let types = ["u8", "string<9>", "list<u32>", "timestamp", "f64", "Numbers", "bytes?", "bool"];
    let payloads = ["", ": u64", " { a: string, b: u8 }", " {}", ": list<string>"];
    let mut declare = |head: &str, member: &dyn Fn(usize) -> String| {
        writeln!(text, "{head} {{ {} }}", (0..MANY).map(member).collect::<Vec<_>>().join(", "))
    };
    declare("enum Numbers: u16", &|at| format!("number_{at}"))?;
    declare("closed enum Closed: u16", &|at| format!("number_{at}"))?;
    declare("struct Fixed", &|at| format!("field_{at}: u32"))?;
    declare("struct Varying", &|at| format!("field_{at}: {}", types[at % types.len()]))?;
    declare("table Table", &|at| format!("field_{at} @{}: {}", MANY - at, types[at % types.len()]))?;
    declare("union Union", &|at| format!("variant_{at} @{}{}", at + 1, payloads[at % payloads.len()]))?;
    declare("closed union Frozen", &|at| format!("variant_{at} @{}{}", at + 1, payloads[at % payloads.len()]))?;
    declare("error Failure", &|at| format!("variant_{at} @{}", at + 1))?;
    let deep = |levels| format!("{}u8{}", "list<".repeat(levels), ">".repeat(levels));
    writeln!(text, "table Deep {{ a @1: {}, b @2: {}? }}", deep(30), deep(29))?;
    let methods = (0..200).map(|at| format!("method_{at}(a: u8) -> u8;"));
    writeln!(text, "service Service {{ {} }}", methods.collect::<Vec<_>>().join(" "))?;
    Ok(text)
}
