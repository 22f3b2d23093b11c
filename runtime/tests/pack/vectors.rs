//! Agreement with Python's `struct`: `tests/vectors/*.txt`.
//!
//! A line is a format, the values, and the bytes in hex, parted by `|`. Formats are those of `struct` behind an
//! implied `!`, except that `s` is a string of the interface: `I` for its length, and then as many bytes. A fourth part
//! names a value of the test types that is packed so.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime};

use rpcgen_runtime::pack::{PackLimits, Packer, UNBOUNDED};
use rpcgen_runtime::wire::{Extensions, Kind};
use rpcgen_runtime::{Metadata, TraceContext};

use super::table_types::{Access, Everything, Key, Mode, Profile};
use super::types::{Level, Op, Problem};
use super::unpack;

/// A line of a file of vectors.
struct Vector {
    format: String,
    values: Vec<String>,
    bytes: Vec<u8>,
    /// The value of the test types, if one is named.
    name: Option<String>,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors")
}

fn vectors() -> Vec<Vector> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "txt"));
    files.sort();
    files.iter().flat_map(|file| lines(&fs::read_to_string(file).unwrap())).collect()
}

fn lines(text: &str) -> Vec<Vector> {
    text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).map(line).collect()
}

fn line(line: &str) -> Vector {
    let mut parts = line.split('|').map(str::trim);
    let [format, values, bytes] = [(); 3].map(|()| parts.next().unwrap());
    let name = parts.next().map(str::to_owned);
    assert_eq!(parts.next(), None, "{line}");
    let values = values.split_whitespace().map(str::to_owned).collect();
    Vector { format: format.to_owned(), values, bytes: hex(bytes), name }
}

fn hex(text: &str) -> Vec<u8> {
    text.split_whitespace().map(|byte| u8::from_str_radix(byte, 16).unwrap()).collect()
}

/// The code of each value: `2hs` is `h h s`.
fn codes(format: &str) -> Vec<char> {
    let mut codes = Vec::new();
    let mut count = 0;
    for code in format.chars() {
        match code.to_digit(10) {
            Some(digit) => count = 10 * count + digit as usize,
            None => codes.extend(std::iter::repeat_n(code, std::mem::take(&mut count).max(1))),
        }
    }
    codes
}

/// Packs one value as the interface's type for `code` would be.
fn pack_value(out: &mut Packer<'_>, code: char, value: &str) {
    match code {
        '?' => out.fixed(&value.parse::<bool>().unwrap()),
        'b' => out.fixed(&value.parse::<i8>().unwrap()),
        'B' => out.fixed(&value.parse::<u8>().unwrap()),
        'h' => out.fixed(&value.parse::<i16>().unwrap()),
        'H' => out.fixed(&value.parse::<u16>().unwrap()),
        'i' => out.fixed(&value.parse::<i32>().unwrap()),
        'I' => out.fixed(&value.parse::<u32>().unwrap()),
        'q' => out.fixed(&value.parse::<i64>().unwrap()),
        'Q' => out.fixed(&value.parse::<u64>().unwrap()),
        'f' => out.fixed(&value.parse::<f32>().unwrap()),
        'd' => out.fixed(&value.parse::<f64>().unwrap()),
        's' => out.string(value, UNBOUNDED),
        _ => panic!("no type is packed as `{code}`"),
    }
    .unwrap();
}

fn pack(vector: &Vector) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut out = Packer::new(&mut bytes, &PackLimits::default());
    for (code, value) in codes(&vector.format).into_iter().zip(&vector.values) {
        pack_value(&mut out, code, value);
    }
    bytes
}

/// R48: the table of the page, byte by byte.
#[test]
fn vectors_are_what_is_packed() {
    let vectors = vectors();
    assert!(vectors.len() > 30, "only {} vectors were found", vectors.len());
    for vector in &vectors {
        assert_eq!(codes(&vector.format).len(), vector.values.len(), "{}", vector.format);
        assert_eq!(pack(vector), vector.bytes, "{} {:?}", vector.format, vector.values);
    }
}

const QUARTER: Duration = Duration::from_millis(250);

/// The example of W3C Trace Context.
const TRACE: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

fn said() -> Metadata {
    Metadata::from([("request-id", "4711"), ("token", "grüße"), ("request-id", "8")])
}

/// An extension block, which is read as it was written.
fn block(timeout: Option<Duration>, trace: Option<TraceContext>, metadata: &Metadata) -> Vec<u8> {
    let (mut extensions, mut block) = (Extensions::of(metadata), Vec::new());
    (extensions.timeout, extensions.trace) = (timeout, trace);
    let size = extensions.encode(&mut block).unwrap();
    assert_eq!(usize::from(size), block.len());
    assert_eq!(Extensions::decode(Kind::Call, &block), Ok(extensions));
    block
}

/// The values that vectors name.
fn named(name: &str) -> Vec<u8> {
    let ada = Profile { name: "Ada".to_owned(), email: None, age: 36, tags: vec!["x".to_owned()] };
    let boxed = |everything: &Everything| Some(Box::new(everything.clone()));
    let nothing: Everything = unpack(&[0; 4]).unwrap();
    match name {
        "ada" => super::pack(&ada),
        "ada-with-email" => super::pack(&Profile { email: Some("a@b.c".to_owned()), ..ada }),
        "profile" => super::pack(&Profile::default()),
        "everything-absent" => super::pack(&nothing),
        "everything" => super::pack(&Everything {
            flag: true,
            op: Some(Op::Add),
            level: Some(Level::Low),
            access: Access(0x8000_0001),
            mode: Mode::try_from(3).unwrap(),
            photo: b"abc".to_vec(),
            point: Some([1, 2, 3]),
            key: Some(Key::Id(7)),
            problem: Some(Problem::Overflow { bits: 40 }),
            next: boxed(&nothing),
            weights: vec![0.5, 1.0],
            at: SystemTime::UNIX_EPOCH - Duration::from_nanos(1),
            took: Some(Duration::from_millis(250)),
        }),
        "key-id" => super::pack(&Key::Id(7)),
        "key-name" => super::pack(&Key::Name("seven".to_owned())),
        "key-nothing" => super::pack(&Key::Nothing),
        "problem-gone" => super::pack(&Problem::Gone),
        "problem-overflow" => super::pack(&Problem::Overflow { bits: 40 }),
        "problem-named" => super::pack(&Problem::Named("seven".to_owned())),
        "timeout" => Ok(block(Some(QUARTER), None, &Metadata::new())),
        "trace" => Ok(block(None, TRACE.parse().ok(), &Metadata::new())),
        "metadata" => Ok(block(None, None, &said())),
        "extensions" => Ok(block(Some(QUARTER), TRACE.parse().ok(), &said())),
        "access" => super::pack(&Access(0x8000_0001)),
        "mode" => super::pack(&Mode::try_from(3).unwrap()),
        _ => panic!("no value has the name `{name}`"),
    }
    .unwrap()
}

/// R49, R59: the examples of the page, byte by byte.
#[test]
fn named_values_are_packed_so() {
    let vectors: Vec<Vector> = vectors().into_iter().filter(|vector| vector.name.is_some()).collect();
    assert_eq!(vectors.len(), 17);
    for Vector { name, bytes, .. } in vectors {
        let name = name.unwrap();
        assert_eq!(named(&name), bytes, "{name}");
    }
}

#[test]
fn vectors_are_what_python_packs() {
    match Command::new("python3").arg(folder().join("check.py")).output() {
        Ok(output) => assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr)),
        Err(error) => println!("python3 was not run ({error}): the vectors are compared with our own bytes only"),
    }
}
