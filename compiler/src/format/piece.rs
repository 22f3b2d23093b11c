//! What is printed: a token, and the comments before it.

use super::comment::Comment;

/// Where a token touches its neighbours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tight {
    /// No space before it.
    pub(super) before: bool,
    /// No space after it.
    pub(super) after: bool,
}

impl Tight {
    pub(super) const NONE: Self = Self { before: false, after: false };
    pub(super) const BEFORE: Self = Self { before: true, after: false };
    pub(super) const AFTER: Self = Self { before: false, after: true };
    pub(super) const BOTH: Self = Self { before: true, after: true };
}

/// A token, with what stands between it and the one before.
#[derive(Debug)]
pub(super) struct Piece<'t> {
    pub(super) text: &'t str,
    pub(super) comments: Vec<Comment<'t>>,
    /// How many line breaks stand between it and the token or comment before.
    pub(super) breaks: usize,
    /// The line it is in, from 0.
    pub(super) line: usize,
    pub(super) tight: Tight,
}

impl Piece<'_> {
    /// Whether it was written in another line than the token before.
    pub(super) fn is_on_new_line(&self) -> bool {
        self.breaks > 0 || self.comments.iter().any(|comment| comment.breaks > 0)
    }

    pub(super) fn is_word(&self) -> bool {
        self.text.starts_with(|c: char| c.is_alphanumeric() || c == '_')
    }

    pub(super) fn is_number(&self) -> bool {
        self.text.starts_with(|c: char| c.is_ascii_digit())
    }

    /// Whether an operator after it stands between operands.
    pub(super) fn is_operand(&self) -> bool {
        self.is_word() || self.text.starts_with('"') || matches!(self.text, ")" | "]")
    }
}
