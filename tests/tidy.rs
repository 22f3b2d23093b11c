//! What a reader of the code may rely on: the arrows between rooms point one way, files stay short, library code neither
//! panics nor is unsafe, and the pages agree with all that.

#[path = "tidy/pages.rs"]
mod pages;
#[path = "tidy/rules.rs"]
mod rules;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use rpcgen_tests::project;

/// The sources of a crate, and for each of its rooms, in the order of the data, what it may name.
struct Crate {
    folder: &'static str,
    rooms: &'static [(&'static str, &'static [&'static str])],
}

const CRATES: [Crate; 2] = [
    Crate {
        folder: "compiler/src",
        rooms: &[
            ("source", &[]),
            ("scalar", &[]),
            ("diag", &["source"]),
            ("ast", &["source", "scalar"]),
            ("syntax", &["source", "scalar", "diag", "ast"]),
            ("format", &["source", "diag", "ast", "syntax"]),
            ("load", &["source", "diag", "ast", "syntax"]),
            ("ir", &["source", "scalar"]),
            ("rust_names", &[]),
            ("near", &[]),
            ("sema", &["source", "scalar", "diag", "ast", "load", "ir", "rust_names", "near"]),
            ("backend", &["source", "scalar", "ir", "rust_names", "near"]),
            ("breaking", &["source", "diag", "ir", "backend"]),
            ("output", &["backend"]),
            ("disk", &["syntax", "load"]),
            ("facade", &["source", "diag", "format", "load", "ir", "sema", "backend", "breaking"]),
            ("builder", &["diag", "backend", "output", "disk", "facade"]),
            // The names of types and functions are what the root gives out of `disk` and `facade`.
            (
                "cli",
                &[
                    "source",
                    "diag",
                    "syntax",
                    "format",
                    "load",
                    "ir",
                    "backend",
                    "breaking",
                    "output",
                    "Input",
                    "Checked",
                    "Compared",
                    "DiskReader",
                    "check",
                    "compare",
                    "interfaces",
                    "disk",
                    "check_to_generate",
                ],
            ),
        ],
    },
    Crate {
        folder: "runtime/src",
        rooms: &[
            ("buffers", &[]),
            ("pack", &["buffers"]),
            ("wire", &[]),
            ("proto", &["buffers", "pack", "wire"]),
            ("status", &["wire"]),
            ("failure", &["pack", "wire", "status"]),
            ("context", &["wire"]),
            ("stream", &["buffers", "pack", "wire", "proto", "status", "failure"]),
            ("service", &["pack", "wire", "proto", "status", "context", "stream"]),
            ("net", &["buffers", "pack", "wire", "proto", "status", "failure", "context", "stream", "service"]),
            ("stub", &["pack", "wire", "status", "failure", "context", "stream", "service", "net"]),
        ],
    },
];

/// The roots of a crate, which put the rooms together.
const ROOTS: [&str; 2] = ["lib", "main"];

/// Words that only these rooms may use, and why.
const ONLY_IN: [(&str, &[&str], &str); 12] = [
    ("pest::", &["syntax"], "the grammar is nobody else's business"),
    ("pest_derive::", &["syntax"], "the grammar is nobody else's business"),
    ("annotate_snippets::", &["diag"], "how findings look is decided in one place"),
    ("askama::", &["backend"], "templates print generated code only"),
    ("syn::", &["backend"], "templates print generated code only"),
    ("clap::", &["cli"], "a build.rs does without it"),
    ("std::fs", &["output", "disk"], "all else works on what it is given"),
    ("std::net", &["net"], "the rooms below are driven, and have no socket"),
    ("std::os", &["net", "output"], "the rooms below are driven, and have no socket; a file keeps its owner"),
    (
        "std::thread",
        &["net", "stream", "buffers", "backend"],
        "others are driven; one thread frees memory, and generating uses all cores",
    ),
    ("rustix::", &["net"], "the rooms below are driven, and have no socket"),
    ("Instant::now", &["net", "service", "context", "stream"], "below, time is an argument"),
];

/// The longest file, in lines.
const LONGEST: usize = 400;

/// What library code does not do outside its tests.
const PANICS: [&str; 10] = [
    ".unwrap()",
    ".unwrap_err()",
    ".expect(",
    ".expect_err(",
    "panic!(",
    "todo!(",
    "unimplemented!(",
    "unreachable!(",
    "assert!(",
    "assert_eq!(",
];

/// Where it does all the same, and why.
const MAY_PANIC: [(&str, &str, &str); 3] = [
    (
        "compiler/src/syntax/cursor.rs",
        "unreachable!(",
        "the grammar puts the part there; a parser that did not would be wrong",
    ),
    ("runtime/src/pack/table.rs", "panic!(", "in a constant of generated code, so while it is compiled"),
    ("runtime/src/stub.rs", "assert!(", "in a const fn that generated code calls while it is compiled"),
];

/// A file of a room, without its tests and comments.
struct Source {
    /// From the project's folder.
    path: String,
    room: String,
    /// How many modules it is below the root of the crate.
    depth: usize,
    lines: usize,
    code: String,
}

impl Source {
    fn read(folder: &str, path: &Path) -> Result<Self> {
        let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
        let inner = path.strip_prefix(project().join(folder))?.with_extension("");
        let mut modules: Vec<String> = inner.iter().map(|part| part.to_string_lossy().into_owned()).collect();
        let room = modules.first().context("a file has a name")?.clone();
        modules.retain(|module| module != "mod");
        let path = path.strip_prefix(project())?.display().to_string();
        Ok(Self { path, room, depth: modules.len(), lines: text.lines().count(), code: code(&text) })
    }
}

/// A text without comment lines and without the tests at its end.
fn code(text: &str) -> String {
    let tests = text.find("\n#[cfg(test)]\nmod ").unwrap_or(text.len());
    let lines = text[..tests].lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.map(|line| line.to_owned() + "\n").collect()
}

/// Every file of a crate but those that are tests.
fn sources(folder: &str) -> Result<Vec<Source>> {
    let mut paths = below(&project().join(folder))?;
    paths.retain(|path| path.extension().is_some_and(|kind| kind == "rs") && !is_test(path));
    ensure!(!paths.is_empty(), "no sources in {folder}");
    paths.iter().map(|path| Source::read(folder, path)).collect()
}

/// Whether a file is `tests.rs`, or in the folder of one.
fn is_test(path: &Path) -> bool {
    path.file_stem().is_some_and(|name| name == "tests")
        || path.parent().is_some_and(|folder| folder.ends_with("tests"))
}

fn below(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        if path.is_dir() { found.extend(below(&path)?) } else { found.push(path) }
    }
    found.sort();
    Ok(found)
}

fn all_sources() -> Result<Vec<Source>> {
    Ok(CRATES.iter().map(|of| sources(of.folder)).collect::<Result<Vec<_>>>()?.into_iter().flatten().collect())
}

/// Fails with all the problems at once.
fn none(problems: &[String]) -> Result<()> {
    ensure!(problems.is_empty(), "\n{}", problems.join("\n"));
    Ok(())
}

/// Whether a character can be part of a name.
fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

/// Where a word stands that is not the end of a longer one: what follows it.
fn after<'a>(code: &'a str, word: &'a str) -> impl Iterator<Item = &'a str> {
    let is_whole = move |at: usize| !(code[..at].ends_with(is_word) && word.starts_with(is_word));
    code.match_indices(word).filter(move |(at, _)| is_whole(*at)).map(|(at, word)| &code[at + word.len()..])
}

/// The first name of each path of a `use`, or of the one path that stands here.
fn heads(rest: &str) -> Vec<&str> {
    let Some(group) = rest.strip_prefix('{') else { return rest.split(|letter| !is_word(letter)).take(1).collect() };
    let (mut depth, mut from, mut heads) = (1, 0, Vec::new());
    for (at, letter) in group.char_indices() {
        depth = match letter {
            '{' => depth + 1,
            '}' => depth - 1,
            _ => depth,
        };
        if (letter == ',' && depth == 1) || depth == 0 {
            heads.push(group[from..at].trim());
            from = at + 1;
        }
        if depth == 0 {
            break;
        }
    }
    heads
        .into_iter()
        .filter_map(|path| path.split(|letter| !is_word(letter)).next())
        .filter(|head| !head.is_empty())
        .collect()
}

/// The rooms that a file names, by `crate::` and by as many `super::` as lead to the root.
fn named(source: &Source) -> BTreeSet<&str> {
    let supers = "super::".repeat(source.depth);
    let by_root = after(&source.code, "crate::").chain(after(&source.code, "crate ::"));
    let mut found: BTreeSet<&str> = by_root.flat_map(heads).collect();
    for (at, _) in source.code.match_indices(&supers) {
        found.extend(heads(&source.code[at + supers.len()..]));
    }
    found.remove(source.room.as_str());
    found
}

#[test]
fn arrows_between_rooms_point_one_way() -> Result<()> {
    let mut problems = Vec::new();
    for Crate { folder, rooms } in &CRATES {
        for source in sources(folder)?.iter().filter(|source| !ROOTS.contains(&source.room.as_str())) {
            let room = rooms.iter().find(|(room, _)| *room == source.room);
            let (_, may) = room.with_context(|| format!("{} is in no room of tests/tidy.rs", source.path))?;
            let wrong = named(source).into_iter().filter(|name| !may.contains(name));
            problems.extend(
                wrong.map(|name| format!("{} names `{name}`, which `{}` may not see", source.path, source.room)),
            );
        }
    }
    none(&problems)
}

#[test]
fn words_are_used_only_where_they_belong() -> Result<()> {
    let mut problems = Vec::new();
    for source in all_sources()?.iter().filter(|source| !ROOTS.contains(&source.room.as_str())) {
        for (word, rooms, why) in ONLY_IN {
            if !rooms.contains(&source.room.as_str()) && after(&source.code, word).next().is_some() {
                problems.push(format!("{} uses `{word}`, which belongs in {rooms:?}: {why}", source.path));
            }
        }
    }
    none(&problems)
}

#[test]
fn files_are_short() -> Result<()> {
    let sources = all_sources()?;
    let long = sources.iter().filter(|source| source.lines > LONGEST);
    none(
        &long
            .map(|source| format!("{} has {} lines; {LONGEST} are the most", source.path, source.lines))
            .collect::<Vec<_>>(),
    )
}

#[test]
fn library_code_does_not_panic() -> Result<()> {
    let mut problems = Vec::new();
    for source in all_sources()? {
        for word in PANICS.iter().filter(|word| after(&source.code, word).next().is_some()) {
            if !MAY_PANIC.iter().any(|(path, what, _)| (*path, what) == (&source.path, word)) {
                problems.push(format!("{} has `{word}`", source.path));
            }
        }
    }
    none(&problems)
}

#[test]
fn what_may_panic_still_does() -> Result<()> {
    let sources = all_sources()?;
    let gone = MAY_PANIC.iter().filter(|(path, word, _)| {
        !sources.iter().any(|source| source.path == *path && after(&source.code, word).next().is_some())
    });
    none(&gone.map(|(path, word, _)| format!("{path} has no `{word}`: take it off MAY_PANIC")).collect::<Vec<_>>())
}

#[test]
fn nothing_is_unsafe() -> Result<()> {
    let manifest = fs::read_to_string(project().join("Cargo.toml"))?;
    ensure!(manifest.contains("\nunsafe_code = \"forbid\"\n"), "the workspace does not forbid it");
    for member in ["compiler", "runtime", "tests", "examples/kv", "examples/quickstart"] {
        let manifest = fs::read_to_string(project().join(member).join("Cargo.toml"))?;
        ensure!(manifest.contains("\n[lints]\nworkspace = true\n"), "{member} does not take the workspace's lints");
    }
    // Generated code has no lints of the workspace.
    let stubs = sources("examples/calculator-stubs/src")?;
    let unsafe_ones = stubs.iter().filter(|source| after(&source.code, "unsafe ").next().is_some());
    none(&unsafe_ones.map(|source| format!("{} is unsafe", source.path)).collect::<Vec<_>>())
}

#[test]
fn each_room_sees_only_rooms_above_it() -> Result<()> {
    for Crate { folder, rooms } in &CRATES {
        for (at, (room, may)) in rooms.iter().enumerate() {
            for name in *may {
                let seen = rooms.iter().position(|(other, _)| other == name);
                ensure!(
                    seen.is_none_or(|seen| seen < at),
                    "{folder}: `{room}` may see `{name}`, which is not above it"
                );
            }
        }
    }
    Ok(())
}

#[test]
fn names_are_found_however_they_are_written() {
    assert_eq!(heads("{ast, diag::{Code, Label}, ir}; use x"), ["ast", "diag", "ir"]);
    assert_eq!(heads("{\n    self,\n    source::Span,\n}"), ["self", "source"]);
    assert_eq!(heads("ast::Expr) {"), ["ast"]);
    let source = |room: &str, depth, text: &str| Source {
        path: String::new(),
        room: room.to_owned(),
        depth,
        lines: 0,
        code: code(text),
    };
    let text = "use super::one;\nuse super::super::two::Three;\n// use crate::four;\nlet x = crate::five::six();\n";
    assert_eq!(named(&source("room", 2, text)), BTreeSet::from(["two", "five"]));
    assert_eq!(named(&source("one", 1, "use super::one;\nuse super::two;\n")), BTreeSet::from(["two"]));
    assert_eq!(code("a\n\n#[cfg(test)]\nmod tests {\n    b\n}\n"), "a\n");
}
