//! The canonical layout of a file.
//!
//! What is printed is the tokens of the text, with its comments, in their order: nothing can be lost or spelt otherwise. Only
//! the white space between them is decided here, and whether a comma ends the last entry of a list. The tree serves to see that
//! the text is valid, and that the result means the same.
//!
//! ```text
//! text -> read (pieces: tokens with what stands before them) -> shape (statements, groups) -> layout, printer -> text
//! ```

mod comment;
mod layout;
mod piece;
mod printer;
mod read;
mod same;
mod shape;

use crate::ast;
use crate::diag::Diagnostics;
use crate::source::FileId;
use crate::syntax;

/// How wide a line is where it can be broken, in characters.
pub const WIDTH: usize = 100;

/// A mistake of this formatter: its result would mean something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "internal error: the formatted text would not mean the same\n\
     This is a mistake of rpcgen, not of your interface, which was left as it is. Please report it with the file."
)]
pub struct InternalError;

/// The text in its canonical layout; `None` if it has syntax errors, which go to `out`. A byte order mark is no part of it.
///
/// # Errors
///
/// When the result would mean something else than the text.
pub fn format(file: FileId, text: &str, out: &mut Diagnostics) -> Result<Option<String>, InternalError> {
    let Some(tree) = valid(file, text, out) else { return Ok(None) };
    let formatted = print(text);
    let again = valid(file, &formatted, &mut Diagnostics::default()).ok_or(InternalError)?;
    if same::same(tree, again) { Ok(Some(formatted)) } else { Err(InternalError) }
}

/// The tree, if there are no errors.
fn valid(file: FileId, text: &str, out: &mut Diagnostics) -> Option<ast::File> {
    let mut found = Diagnostics::default();
    let tree = syntax::parse(file, text, &mut found);
    let is_valid = !found.has_errors();
    out.extend(found);
    is_valid.then_some(tree)
}

fn print(text: &str) -> String {
    layout::file(&shape::file(read::pieces(text)))
}

#[cfg(test)]
mod tests;
