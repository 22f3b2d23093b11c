//! What is said about files that cannot be had.

use std::io;
use std::path::{Path, PathBuf};

use super::Open;
use super::paths::Flaw;
use super::reader::Unfit;
use crate::diag::{Code, Diagnostic};
use crate::source::Location;

/// At the import, if it is one.
fn found(code: Code, from: Option<Location>, message: String) -> Diagnostic {
    match from {
        Some(at) => Diagnostic::new(code, at, message).label("imported here"),
        None => Diagnostic::placeless(code, message),
    }
}

pub(super) fn unreadable(path: &Path, error: &io::Error, from: Option<Location>) -> Diagnostic {
    found(Code::Unreadable, from, format!("cannot read `{}`: {error}", path.display()))
}

pub(super) fn unfit(path: &Path, flaw: &Unfit, from: Option<Location>) -> Diagnostic {
    let path = path.display();
    match flaw {
        Unfit::TooLarge => found(Code::TooLarge, from, format!("`{path}` is larger than 16 MiB"))
            .help("split it into packages that import one another"),
        Unfit::NotUtf8 { line } => {
            found(Code::NotUtf8, from, format!("`{path}` is not UTF-8: the first wrong byte is in line {line}"))
                .help("save the file as UTF-8")
        }
    }
}

pub(super) fn bad_import((message, help): Flaw, at: Location) -> Diagnostic {
    Diagnostic::new(Code::BadImport, at, message).help(help)
}

pub(super) fn doubled(path: &Path, at: Location, first: Location) -> Diagnostic {
    let message = format!("`{}` is imported twice", path.display());
    Diagnostic::new(Code::BadImport, at, message).other(first, "first imported here").help("leave out one of them")
}

pub(super) fn missing(text: &str, places: &[PathBuf], at: Location) -> Diagnostic {
    let places: Vec<String> = places.iter().map(|place| format!("`{}`", place.display())).collect();
    let help = format!("looked for {}; `-I FOLDER` adds a folder to look in", places.join(", "));
    Diagnostic::new(Code::MissingImport, at, format!("cannot find `{text}`")).help(help)
}

/// The files of a circle, each with the import that leads to the next.
pub(super) fn circle(open: &[Open]) -> Diagnostic {
    let names: Vec<String> = open.iter().chain(open.first()).map(|one| format!("`{}`", one.path.display())).collect();
    let message = format!("files import one another in a circle: {}", names.join(" -> "));
    let mut steps = open.iter().filter_map(step).rev();
    let Some(closing) = steps.next() else { return Diagnostic::placeless(Code::ImportCycle, message) };
    let found = Diagnostic::new(Code::ImportCycle, closing, message).label("this import closes the circle");
    let help = match open {
        [_] => "a file sees its own declarations; leave this import out",
        _ => "move what they share into a file that both import",
    };
    steps.rev().fold(found, |found, step| found.other(step, "by way of this import")).help(help)
}

/// The import that is being looked at.
fn step(open: &Open) -> Option<Location> {
    open.ast.imports.get(open.imports.len()).map(|import| import.span.within(open.file))
}
