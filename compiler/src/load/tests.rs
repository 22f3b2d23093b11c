//! How files are found. What the messages look like is in `tests/ui`.

use std::io;
use std::path::{Path, PathBuf};

use super::{Loaded, MemoryReader, Reader, load};
use crate::diag::{Code, Diagnostics};
use crate::source::SourceMap;

fn paths(texts: &[&str]) -> Vec<PathBuf> {
    texts.iter().map(PathBuf::from).collect()
}

fn loaded(roots: &[&str], include: &[&str], reader: &dyn Reader) -> (Vec<(String, Loaded)>, Vec<Code>) {
    let (mut sources, mut out) = (SourceMap::default(), Diagnostics::default());
    let files = load(&paths(roots), &paths(include), reader, &mut sources, &mut out);
    let named = files.into_iter().map(|one| (sources.file(one.file).path.display().to_string(), one)).collect();
    (named, out.iter().map(|found| found.code).collect())
}

#[test]
fn imported_files_stand_before_their_importers_and_only_once() {
    let reader = MemoryReader::default()
        .with("idl/a.rpc", "package a; import \"b.rpc\"; import \"x/../c.rpc\";")
        .with("idl/b.rpc", "package b; import \"./c.rpc\";")
        .with("idl/c.rpc", "package c;");
    let (files, codes) = loaded(&["idl/a.rpc", "./idl/c.rpc", "idl/a.rpc"], &[], &reader);
    assert!(codes.is_empty(), "{codes:?}");
    let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["idl/c.rpc", "idl/b.rpc", "idl/a.rpc"]);
    assert_eq!(files.iter().map(|(_, one)| one.is_root).collect::<Vec<_>>(), [true, false, true]);
    assert_eq!(files[2].1.imports, [Some(1), Some(0)]);
}

#[test]
fn the_importers_folder_comes_before_the_include_folders() {
    let reader = MemoryReader::default()
        .with("a/main.rpc", "package a; import \"one.rpc\"; import \"two.rpc\"; import \"three.rpc\";")
        .with("a/one.rpc", "package one;")
        .with("i/one.rpc", "package wrong;")
        .with("i/two.rpc", "package two;")
        .with("j/two.rpc", "package wrong;")
        .with("j/three.rpc", "package three;");
    let (files, codes) = loaded(&["a/main.rpc"], &["i", "j/."], &reader);
    assert!(codes.is_empty(), "{codes:?}");
    let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["a/one.rpc", "i/two.rpc", "j/three.rpc", "a/main.rpc"]);
}

#[test]
fn what_cannot_be_had_is_said_once() {
    let reader = MemoryReader::default()
        .with("a.rpc", "package a; import \"bad.rpc\"; import \"none.rpc\"; import \"/x\"; import \"b.rpc\";")
        .with("b.rpc", "package b; import \"bad.rpc\"; import \"big.rpc\";")
        .with("bad.rpc", b"package \xff;")
        .with("big.rpc", vec![b' '; (16 << 20) + 1]);
    let (files, codes) = loaded(&["a.rpc", "missing.rpc"], &[], &reader);
    assert_eq!(codes, [Code::NotUtf8, Code::MissingImport, Code::BadImport, Code::TooLarge, Code::Unreadable]);
    assert_eq!(files[0].1.imports, [None, None]);
    assert_eq!(files[1].1.imports, [None, None, None, Some(0)]);
}

#[test]
fn circles_and_doubled_imports() {
    let reader = MemoryReader::default()
        .with("a.rpc", "package a; import \"b.rpc\"; import \"./b.rpc\"; import \"a.rpc\";")
        .with("b.rpc", "package b; import \"c.rpc\";")
        .with("c.rpc", "package c; import \"a.rpc\";");
    let (files, codes) = loaded(&["a.rpc"], &[], &reader);
    assert_eq!(codes, [Code::ImportCycle, Code::BadImport, Code::ImportCycle]);
    assert_eq!(files.len(), 3);
    assert_eq!(files[0].1.imports, [None]);
}

#[test]
fn a_byte_order_mark_is_ignored() {
    let reader = MemoryReader::default().with("a.rpc", "\u{feff}package a;");
    assert!(loaded(&["a.rpc"], &[], &reader).1.is_empty());
}

/// Each file imports the next.
struct Chain(usize);

impl Reader for Chain {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let number: usize = path.display().to_string().parse().map_err(|_| io::ErrorKind::NotFound)?;
        let import = if number < self.0 { format!("import \"{}\";", number + 1) } else { String::new() };
        Ok(format!("package p{number}; {import}").into_bytes())
    }
}

#[test]
fn a_long_chain_of_imports_takes_no_stack() {
    let (files, codes) = loaded(&["0"], &[], &Chain(20_000));
    assert!(codes.is_empty());
    assert_eq!(files.len(), 20_001);
    assert_eq!(files[0].0, "20000");
}
