//! Agreement with Python's `struct`: `tests/vectors/*.txt`.
//!
//! A line is a format, the values, and the bytes in hex, parted by `|`. Formats are those of `struct` behind an
//! implied `!`, except that `s` is a string of the interface: `I` for its length, and then as many bytes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use rpcgen_runtime::pack::{PackLimits, Packer, UNBOUNDED};

/// A line of a file of vectors.
struct Vector {
    format: String,
    values: Vec<String>,
    bytes: Vec<u8>,
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
    let [format, values, bytes] = line.split('|').map(str::trim).collect::<Vec<_>>().try_into().unwrap();
    let values = values.split_whitespace().map(str::to_owned).collect();
    Vector { format: format.to_owned(), values, bytes: hex(bytes) }
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

#[test]
fn vectors_are_what_is_packed() {
    let vectors = vectors();
    assert!(vectors.len() > 30, "only {} vectors were found", vectors.len());
    for vector in &vectors {
        assert_eq!(codes(&vector.format).len(), vector.values.len(), "{}", vector.format);
        assert_eq!(pack(vector), vector.bytes, "{} {:?}", vector.format, vector.values);
    }
}

#[test]
fn vectors_are_what_python_packs() {
    match Command::new("python3").arg(folder().join("check.py")).output() {
        Ok(output) => assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr)),
        Err(error) => println!("python3 was not run ({error}): the vectors are compared with our own bytes only"),
    }
}
