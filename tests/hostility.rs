//! What must hold for any bytes that a peer sends (see `fuzz/runtime`) holds for what is in the corpora of the fuzz
//! targets, for what fuzzing once found, and for random bytes.

#[path = "../fuzz/runtime/mod.rs"]
mod targets;

use std::collections::BTreeSet;
use std::fs;
use std::sync::{Mutex, PoisonError};

use proptest::prelude::*;
use rpcgen_tests::project;

/// The memory that unpacking takes is that of the whole process: one test runs at a time.
static TURN: Mutex<()> = Mutex::new(());

#[global_allocator]
static MEMORY: peak_alloc::PeakAlloc = peak_alloc::PeakAlloc;

fn run(target: fn(&[u8]), bytes: &[u8]) {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    target(bytes);
}

/// Runs all files of a target in a folder of `fuzz/runtime`; how many there are.
fn run_all(target: fn(&[u8]), folder: &str, name: &str) -> usize {
    let path = project().join("fuzz/runtime").join(folder).join(name);
    let files: Vec<_> = fs::read_dir(&path).into_iter().flatten().flatten().collect();
    for file in &files {
        let bytes = fs::read(file.path()).expect("a file");
        eprintln!("{}", file.path().display());
        run(target, &bytes);
    }
    files.len()
}

macro_rules! targets {
    ($($name:ident)*) => {
        $(
            mod $name {
                use super::*;

                #[test]
                fn the_corpus() {
                    assert!(run_all(targets::$name::$name, "corpus", stringify!($name)) > 0);
                }

                #[test]
                fn what_fuzzing_once_found() {
                    run_all(targets::$name::$name, "regressions", stringify!($name));
                }

                proptest! {
                    #[test]
                    fn random_bytes(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
                        run(targets::$name::$name, &bytes);
                    }
                }
            }
        )*
    };
}

targets! { frames unpack server client }

/// The names of the types of an interface that can be unpacked.
fn types(interface: &str) -> BTreeSet<String> {
    let folder = project().join("tests/golden").join(interface);
    let own = format!("{interface}.rs");
    let stubs = fs::read_dir(folder).expect("the stubs").flatten();
    let stubs = stubs.filter(|file| file.file_name().to_string_lossy().ends_with(&own));
    let text: String = stubs.map(|file| fs::read_to_string(file.path()).expect("text")).collect();
    let made = ["impl stub::Fixed for ", "impl<'a> stub::Unpack<'a> for "];
    let found = made.iter().flat_map(|made| text.split(*made).skip(1));
    found.filter_map(|rest| Some(format!("{interface}::{}", rest.split_once(" {")?.0))).collect()
}

#[test]
fn every_type_is_tried() {
    let interfaces =
        ["aliases", "enums", "errors", "flags", "recursion", "shapes", "structs", "tables", "unions", "views"];
    let all: BTreeSet<String> = interfaces.iter().flat_map(|interface| types(interface)).collect();
    let tried: BTreeSet<String> = targets::types::TYPES.iter().map(|tried| tried.name.to_owned()).collect();
    assert_eq!(tried, all);
}
