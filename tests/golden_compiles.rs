//! Generated code compiles against the runtime, without a warning, whatever an interface holds.
//!
//! Lints are as strict as anywhere in the workspace: `cargo clippy --all-targets` is the test.

#[path = "golden/aliases/mod.rs"]
mod aliases;
#[path = "golden/annotations/mod.rs"]
mod annotations;
#[path = "golden/calculator/mod.rs"]
mod calculator;
#[path = "golden/chat/mod.rs"]
mod chat;
#[path = "golden/constants/mod.rs"]
mod constants;
#[path = "golden/docs/mod.rs"]
mod docs;
#[path = "golden/enums/mod.rs"]
mod enums;
#[path = "golden/errors/mod.rs"]
mod errors;
#[path = "golden/every_keyword/mod.rs"]
mod every_keyword;
#[path = "golden/evolution_new/mod.rs"]
mod evolution_new;
#[path = "golden/evolution_old/mod.rs"]
mod evolution_old;
#[path = "golden/files/mod.rs"]
mod files;
#[path = "golden/flags/mod.rs"]
mod flags;
#[path = "golden/imports/mod.rs"]
mod imports;
#[path = "golden/keyword_types/mod.rs"]
mod keyword_types;
#[path = "golden/keywords/mod.rs"]
mod keywords;
#[path = "golden/kv/mod.rs"]
mod kv;
#[path = "golden/recursion/mod.rs"]
mod recursion;
#[path = "golden/services/mod.rs"]
mod services;
#[path = "golden/shadowing/mod.rs"]
mod shadowing;
#[path = "golden/shapes/mod.rs"]
mod shapes;
#[path = "golden/small/mod.rs"]
mod small;
#[path = "golden/streams/mod.rs"]
mod streams;
#[path = "golden/structs/mod.rs"]
mod structs;
#[path = "golden/tables/mod.rs"]
mod tables;
#[path = "golden/tokio_only/mod.rs"]
mod tokio_only;
#[path = "golden/unions/mod.rs"]
mod unions;
#[path = "golden/views/mod.rs"]
mod views;
#[path = "golden/wide/mod.rs"]
mod wide;
#[path = "golden/windows/mod.rs"]
mod windows;

#[test]
fn every_interface_is_compiled() {
    let folders =
        std::fs::read_dir("golden").expect("the folder is there").flatten().filter(|entry| entry.path().is_dir());
    let here = include_str!("golden_compiles.rs");
    for folder in folders.filter(|folder| folder.file_name() != "lib") {
        let name = folder.file_name().to_string_lossy().into_owned();
        assert!(here.contains(&format!("mod {name};")), "golden/{name} is not compiled here");
    }
}
