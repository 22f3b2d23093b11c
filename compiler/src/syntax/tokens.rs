//! The tokens of a text with its comments, for whoever prints it again.

use super::scan;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// A name, keyword or number; of a number with a signed exponent the part before the sign.
    Word,
    /// A string with its quotes.
    String,
    /// `->`, `<<`, `..` or one character.
    Symbol,
    /// `//`
    LineComment,
    /// `/* */`
    BlockComment,
    /// `///`
    Docs,
    /// `//!`
    FileDocs,
}

/// A token and where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token<'t> {
    /// Which kind.
    pub kind: TokenKind,
    /// All of it; without the line's end.
    pub text: &'t str,
    /// The offset of its first byte.
    pub start: usize,
}

impl Token<'_> {
    /// One past its last byte.
    pub fn end(&self) -> usize {
        self.start + self.text.len()
    }
}

/// The tokens of a text, in order, without the white space. Any text has some; only those of a valid one mean anything.
pub fn tokens(text: &str) -> impl Iterator<Item = Token<'_>> {
    scan::tokens(text, 0).map(|token| Token { kind: kind(&token), text: token.text, start: token.start })
}

fn kind(token: &scan::Token<'_>) -> TokenKind {
    match token.kind {
        scan::Kind::Word => TokenKind::Word,
        scan::Kind::String | scan::Kind::OpenString => TokenKind::String,
        scan::Kind::Symbol => TokenKind::Symbol,
        scan::Kind::Comment if token.text.starts_with("//") => TokenKind::LineComment,
        scan::Kind::Comment | scan::Kind::OpenComment => TokenKind::BlockComment,
        scan::Kind::Docs => TokenKind::Docs,
        scan::Kind::FileDocs => TokenKind::FileDocs,
    }
}
