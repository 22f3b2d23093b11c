//! From text to tree. The only room that names pest.
//!
//! Parsing never fails: it gives a tree, in which what could not be read is marked, and diagnostics. It takes linear time.
//!
//! ```text
//! text -> guard (scan, docs, unclosed) -> parser (grammar.pest) -> lower (cursor, recover, expected) -> ast
//! ```

mod advice;
mod cursor;
mod docs;
mod expected;
mod guard;
mod lower;
mod parser;
mod recover;
mod reporter;
mod scan;
mod tokens;
mod unclosed;

use crate::ast;
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::source::FileId;
use reporter::{Reporter, span};
pub use tokens::{Token, TokenKind, tokens};

/// The largest file, in bytes: 16 MiB.
pub const MAX_SIZE: usize = guard::MAX_SIZE;

/// Reads one file. What is wrong with it goes to `out`: at most 100 findings, and a count of the others.
pub fn parse(file: FileId, text: &str, out: &mut Diagnostics) -> ast::File {
    let mut reporter = Reporter::new(file, out);
    if text.len() > MAX_SIZE {
        let message = format!("a file holds at most 16 MiB, and this one {} bytes", text.len());
        reporter.push(Diagnostic::new(Code::TooLarge, reporter.at(span(0, 0)), message));
        return empty();
    }
    let guarded = guard::guard(text, &mut reporter);
    let tree = lower::file(guarded, &mut reporter);
    reporter.finish();
    tree
}

fn empty() -> ast::File {
    ast::File { docs: ast::Docs::default(), package: None, imports: Vec::new(), items: Vec::new() }
}

#[cfg(test)]
mod tests;
