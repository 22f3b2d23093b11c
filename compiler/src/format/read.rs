//! From a text to its pieces.

use super::comment::{Comment, CommentKind};
use super::piece::{Piece, Tight};
use crate::syntax::{Token, tokens};

/// The pieces of a valid text; an empty one at the end has what stands after the last token. Comments before a comma or semicolon
/// that would push it to another line stand after it, and a comma before a closing bracket is left out.
pub(super) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut reader = Reader::new(text);
    for token in whole_tokens(text) {
        reader.token(&token);
    }
    reader.add(&Token { kind: crate::syntax::TokenKind::Symbol, text: "", start: text.len() });
    without_last_commas(with_separators_first(reader.pieces))
}

/// The tokens, with numbers and `>>` in one.
fn whole_tokens(text: &str) -> Vec<Token<'_>> {
    let mut whole: Vec<Token<'_>> = Vec::new();
    let mut angles = Angles::default();
    for token in tokens(text) {
        let is_shift = angles.is_shift(&token);
        match whole.as_slice() {
            [.., last] if is_shift && token.start == last.end() => join(text, &mut whole, 1, &token),
            [.., word, sign] if is_exponent(word, sign, &token) => join(text, &mut whole, 2, &token),
            _ => whole.push(token),
        }
    }
    whole
}

/// Puts the last `count` tokens and the next one into one.
fn join<'t>(text: &'t str, whole: &mut Vec<Token<'t>>, count: usize, next: &Token<'t>) {
    whole.truncate(whole.len() + 1 - count);
    if let Some(last) = whole.last_mut() {
        last.text = text.get(last.start..next.end()).unwrap_or_default();
    }
}

/// Whether these are a number such as `1e-9`.
fn is_exponent(word: &Token<'_>, sign: &Token<'_>, digits: &Token<'_>) -> bool {
    let is_based = word.text.get(1..2).is_some_and(|base| "xXoObB".contains(base));
    let has_digits = |token: &Token<'_>| token.text.starts_with(|c: char| c.is_ascii_digit());
    let is_signed = matches!(sign.text, "+" | "-") && word.text.ends_with(['e', 'E']);
    is_signed
        && has_digits(word)
        && !is_based
        && has_digits(digits)
        && word.end() == sign.start
        && sign.end() == digits.start
}

/// Tells `>>` in `8 >> 1` from the same in `list<list<u8>>`.
#[derive(Default)]
struct Angles<'t> {
    open: Vec<&'t str>,
    after_greater: bool,
}

impl<'t> Angles<'t> {
    /// Whether this is the second half of a shift, if it touches the token before.
    fn is_shift(&mut self, token: &Token<'t>) -> bool {
        let is_greater = token.text == ">" && self.open.last() != Some(&"<");
        let is_shift = is_greater && self.after_greater;
        self.after_greater = is_greater && !is_shift;
        match token.text {
            "<" | "(" => self.open.push(token.text),
            ")" => drop(self.open.pop()),
            ">" if !is_greater => drop(self.open.pop()),
            _ => {}
        }
        is_shift
    }
}

struct Reader<'t> {
    text: &'t str,
    pieces: Vec<Piece<'t>>,
    comments: Vec<Comment<'t>>,
    /// One past the last token or comment.
    end: usize,
    line: usize,
    /// The brackets that are open.
    open: Vec<&'t str>,
    /// Whether a service is open.
    in_service: bool,
}

impl<'t> Reader<'t> {
    fn new(text: &'t str) -> Self {
        Self { text, pieces: Vec::new(), comments: Vec::new(), end: 0, line: 0, open: Vec::new(), in_service: false }
    }

    fn token(&mut self, token: &Token<'t>) {
        let Some(kind) = CommentKind::of(token.kind) else { return self.add(token) };
        let breaks = self.breaks(token);
        // Only of a comment of several lines it is asked; others may share one long line by the thousand.
        let column = if token.text.contains('\n') { self.column(token.start) } else { 0 };
        self.comments.push(Comment::new(kind, token.text, breaks, column));
        self.line += token.text.matches('\n').count();
    }

    /// How many characters stand before this offset in its line.
    fn column(&self, at: usize) -> usize {
        let before = self.text.get(..at).unwrap_or_default();
        before.rsplit('\n').next().unwrap_or_default().chars().count()
    }

    fn add(&mut self, token: &Token<'t>) {
        let breaks = self.breaks(token);
        let tight = self.tight(token.text);
        self.track(token.text);
        let comments = std::mem::take(&mut self.comments);
        self.pieces.push(Piece { text: token.text, comments, breaks, line: self.line, tight });
    }

    /// The line breaks before a token; what stands first begins a line.
    fn breaks(&mut self, token: &Token<'t>) -> usize {
        let space = self.text.get(self.end..token.start).unwrap_or_default();
        let breaks = space.matches('\n').count();
        self.line += breaks;
        let is_first = self.pieces.is_empty() && self.comments.is_empty();
        self.end = token.end();
        if is_first { 1 } else { breaks }
    }

    fn track(&mut self, text: &'t str) {
        match text {
            "{" if self.open.is_empty() => {
                self.in_service = matches!(self.pieces.as_slice(), [.., word, _] if word.text == "service");
                self.open.push(text);
            }
            "{" | "(" | "<" => self.open.push(text),
            "}" | ")" | ">" => drop(self.open.pop()),
            _ => {}
        }
    }

    fn tight(&self, text: &str) -> Tight {
        let last = self.pieces.last();
        let is_name = || last.is_some_and(Piece::is_word) && !self.is_after_reserved();
        let is_operand = || last.is_some_and(Piece::is_operand) && !self.is_after_reserved();
        let closes = match text {
            ">" => self.open.last() == Some(&"<"),
            "}" => last.is_some_and(|last| last.text == "{"),
            _ => matches!(text, "," | ";" | ":" | "?" | ")" | "]"),
        };
        let (joins, divides) = (text == "(" && is_name(), matches!(text, "-" | "~") && is_operand());
        match text {
            _ if closes => Tight::BEFORE,
            _ if joins || matches!(text, "." | ".." | "<") => Tight::BOTH,
            "@" | "[" | "(" | "-" | "~" if !divides => Tight::AFTER,
            _ => Tight::NONE,
        }
    }

    /// Whether a value follows the word `reserved`, which begins an entry; else it is a name.
    fn is_after_reserved(&self) -> bool {
        let [.., before, word] = self.pieces.as_slice() else { return false };
        let begins = word.text == "reserved" && matches!(before.text, "{" | ",");
        begins && !self.in_service && self.open.last() == Some(&"{")
    }
}

/// Puts comments before a comma or semicolon after it, if with them it would not stand in the line of what it ends.
fn with_separators_first(mut pieces: Vec<Piece<'_>>) -> Vec<Piece<'_>> {
    for at in 0..pieces.len() {
        let Some([separator, next, ..]) = pieces.get_mut(at..) else { break };
        let breaks = separator.comments.iter().any(|comment| !comment.is_block() || comment.breaks > 0);
        let has_docs = separator.comments.iter().any(Comment::is_docs);
        if matches!(separator.text, "," | ";") && breaks && !has_docs {
            next.comments.splice(..0, separator.comments.drain(..));
        }
    }
    pieces
}

/// Leaves out commas before closing brackets: whether one is printed there is decided by the layout.
fn without_last_commas(pieces: Vec<Piece<'_>>) -> Vec<Piece<'_>> {
    let mut kept: Vec<Piece<'_>> = Vec::with_capacity(pieces.len());
    for mut piece in pieces {
        if matches!(piece.text, "}" | ")") && kept.last().is_some_and(|last| last.text == ",") {
            let comma = kept.pop().map(|comma| comma.comments).unwrap_or_default();
            piece.comments.splice(..0, comma);
        }
        kept.push(piece);
    }
    kept
}
