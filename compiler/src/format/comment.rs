//! Comments.

use std::borrow::Cow;

use crate::syntax::TokenKind;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CommentKind {
    /// `//`
    Line,
    /// `/* */`
    Block,
    /// `///`
    Docs,
    /// `//!`
    FileDocs,
}

impl CommentKind {
    /// What a token is, if it is a comment.
    pub(super) fn of(kind: TokenKind) -> Option<Self> {
        match kind {
            TokenKind::LineComment => Some(Self::Line),
            TokenKind::BlockComment => Some(Self::Block),
            TokenKind::Docs => Some(Self::Docs),
            TokenKind::FileDocs => Some(Self::FileDocs),
            TokenKind::Word | TokenKind::String | TokenKind::Symbol => None,
        }
    }
}

#[derive(Debug)]
pub(super) struct Comment<'t> {
    pub(super) kind: CommentKind,
    text: &'t str,
    /// How many line breaks stand between it and the token or comment before.
    pub(super) breaks: usize,
    /// How many characters stand before it in its line.
    column: usize,
}

impl<'t> Comment<'t> {
    pub(super) fn new(kind: CommentKind, text: &'t str, breaks: usize, column: usize) -> Self {
        Self { kind, text, breaks, column }
    }

    pub(super) fn is_block(&self) -> bool {
        self.kind == CommentKind::Block
    }

    pub(super) fn is_docs(&self) -> bool {
        matches!(self.kind, CommentKind::Docs | CommentKind::FileDocs)
    }

    /// The text, if it can stand anywhere in a line.
    pub(super) fn in_line(&self) -> Option<&'t str> {
        (self.is_block() && !self.text.contains('\n')).then_some(self.text)
    }

    /// The text as it is printed in this column. White space at the end of docs may mean something in Markdown.
    pub(super) fn at(&self, column: usize) -> Cow<'t, str> {
        match self.kind {
            CommentKind::Block if self.text.contains('\n') => Cow::Owned(self.moved(column)),
            CommentKind::Line => Cow::Borrowed(self.text.trim_end()),
            _ => Cow::Borrowed(self.text),
        }
    }

    /// All lines, moved sideways as far as the first one.
    fn moved(&self, column: usize) -> String {
        let rest = || self.text.lines().skip(1).map(str::trim_end).filter(|line| !line.is_empty());
        let indent = |line: &str| line.len() - line.trim_start_matches(' ').len();
        let room = rest().map(indent).min().unwrap_or(0);
        let has_tabs = rest().any(|line| line.trim_start_matches(' ').starts_with('\t'));
        let mut out = String::with_capacity(self.text.len());
        for (at, line) in self.text.lines().map(str::trim_end).enumerate() {
            let (cut, add) = match at {
                1.. if !has_tabs && !line.is_empty() => {
                    (self.column.saturating_sub(column).min(room), column.saturating_sub(self.column))
                }
                _ => (0, 0),
            };
            out.push_str(if at == 0 { "" } else { "\n" });
            out.extend(std::iter::repeat_n(' ', add));
            out.push_str(line.get(cut..).unwrap_or_default());
        }
        out
    }
}
