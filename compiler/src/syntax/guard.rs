//! What must hold before the grammar runs: size, depth, and that comments and strings are closed.
//!
//! One linear pass. What fails is reported and blanked out, as comments and docs are, so that the rest can be read.

use std::ops::Range;

use super::docs::Docs;
use super::reporter::{Reporter, span};
use super::scan::{self, Kind, Token};
use super::unclosed;
use crate::diag::{Code, Diagnostic};
use crate::source::Span;

/// The largest file, in bytes.
pub(super) const MAX_SIZE: usize = 16 << 20;
/// How deep types and expressions nest.
const MAX_DEPTH: usize = 32;
/// How many brackets of any kind are open at once, parameter lists included.
const MAX_OPEN: usize = 2 * MAX_DEPTH;
/// How many operators one expression has: a chain of them makes a deep tree, too.
const MAX_OPERATORS: usize = 256;

/// A text that is safe to parse.
pub(super) struct Guarded {
    /// As long as the original; comments, docs, holes and ends of lines are spaces.
    pub(super) text: String,
    /// The docs, by what follows them.
    pub(super) docs: Docs,
}

/// Checks a text and blanks out what the grammar shall not see; holes are told to the reporter.
pub(super) fn guard(text: &str, reporter: &mut Reporter<'_>) -> Guarded {
    let mut docs = Docs::default();
    let mut nesting = Nesting::default();
    let mut blanks = Vec::new();
    let mut tokens = scan::tokens(text, 0);
    while let Some(token) = tokens.next() {
        match token.kind {
            Kind::Docs | Kind::FileDocs => docs.add(&token),
            Kind::Comment => {}
            Kind::OpenComment => unclosed::comment(&token, reporter),
            Kind::OpenString => {
                let from = blanks.last().map_or(0, |blank: &Range<usize>| blank.end);
                if let Some(behind) = unclosed::string(text, from, &token, reporter) {
                    docs.token(token.start);
                    tokens = behind;
                    continue;
                }
            }
            Kind::Word | Kind::String | Kind::Symbol => {
                docs.token(token.start);
                nesting.token(&token, reporter);
                continue;
            }
        }
        blanks.push(token.start..token.end());
    }
    docs.token(text.len());
    nesting.finish(text.len(), reporter);
    let holes = reporter.holes().iter().map(|hole| hole.lo as usize..hole.hi as usize);
    Guarded { text: blank(text, blanks.into_iter().chain(holes)), docs }
}

/// Ends of lines become spaces too: then the grammar, which looks for white space between all tokens, has less to try.
fn blank(text: &str, ranges: impl Iterator<Item = Range<usize>>) -> String {
    let space = |byte| if matches!(byte, b'\n' | b'\r') { b' ' } else { byte };
    let mut bytes: Vec<u8> = text.bytes().map(space).collect();
    for range in ranges {
        bytes.get_mut(range).unwrap_or_default().fill(b' ');
    }
    String::from_utf8(bytes).unwrap_or_default()
}

/// Counts open brackets and operators between two ends of statements.
#[derive(Default)]
struct Nesting {
    /// Openers, and whether each is one of a type or expression rather than of a list of parameters.
    open: Vec<(u8, bool, usize)>,
    deep: usize,
    operators: usize,
    /// Where the expression or the outermost bracket begins.
    start: usize,
    /// Where the hole begins, once something is too deep.
    hole: Option<usize>,
    /// Whether a `(` here would open a list of parameters or results.
    after_word: bool,
}

impl Nesting {
    fn token(&mut self, token: &Token<'_>, reporter: &mut Reporter<'_>) {
        match token.text {
            ";" | "{" | "}" => self.reset(token, reporter),
            "<" => self.push(b'<', true, token, reporter),
            "(" => self.push(b'(', !self.after_word, token, reporter),
            ">" if self.open.last().is_some_and(|(opener, ..)| *opener == b'<') => self.pop(b'<', token, reporter),
            ")" => self.pop(b'(', token, reporter),
            "[" => self.push(b'[', true, token, reporter),
            "]" => self.pop(b'[', token, reporter),
            "," | "=" | ":" if self.deep == 0 => self.next_expression(token, reporter),
            "+" | "-" | "*" | "/" | "%" | "&" | "|" | "^" | "~" | "?" | "<<" | ">" => self.operator(token, reporter),
            _ => {}
        }
        self.after_word = token.kind == Kind::Word || token.text == "->";
    }

    fn push(&mut self, opener: u8, counts: bool, token: &Token<'_>, reporter: &mut Reporter<'_>) {
        self.open.push((opener, counts, token.start));
        self.deep += usize::from(counts);
        if self.hole.is_none() && (self.deep > MAX_DEPTH || self.open.len() > MAX_OPEN) {
            let start = self.open.iter().find(|(_, counts, _)| *counts || self.deep == 0).map_or(0, |(.., at)| *at);
            let message = format!("types and expressions nest at most {MAX_DEPTH} deep");
            self.refuse(start, token, message, "give an inner part a name with `alias` or `const`", reporter);
        }
    }

    /// Closes the innermost such bracket, and what was left open within it.
    fn pop(&mut self, closer: u8, token: &Token<'_>, reporter: &mut Reporter<'_>) {
        if !self.open.iter().rev().take(2 * MAX_OPEN).any(|(opener, ..)| *opener == closer) {
            return;
        }
        while let Some((opener, counts, _)) = self.open.pop() {
            self.deep -= usize::from(counts);
            if opener == closer {
                break;
            }
        }
        if self.deep == 0 {
            self.close_hole(token.end(), reporter);
        }
    }

    fn operator(&mut self, token: &Token<'_>, reporter: &mut Reporter<'_>) {
        self.operators += 1;
        if self.hole.is_none() && self.operators > MAX_OPERATORS {
            let message = format!("an expression has at most {MAX_OPERATORS} operators");
            self.refuse(self.start, token, message, "give a part of it a name with `const`", reporter);
        }
    }

    fn refuse(&mut self, start: usize, token: &Token<'_>, message: String, help: &str, reporter: &mut Reporter<'_>) {
        self.hole = Some(start);
        let place = reporter.at(span(token.start, token.end()));
        reporter.push(Diagnostic::new(Code::TooDeep, place, message).label("this is one too many").help(help));
    }

    fn next_expression(&mut self, token: &Token<'_>, reporter: &mut Reporter<'_>) {
        self.close_hole(token.start, reporter);
        (self.operators, self.start) = (0, token.end());
    }

    fn reset(&mut self, token: &Token<'_>, reporter: &mut Reporter<'_>) {
        self.open.clear();
        self.deep = 0;
        self.next_expression(token, reporter);
    }

    fn close_hole(&mut self, end: usize, reporter: &mut Reporter<'_>) {
        if let Some(start) = self.hole.take() {
            reporter.add_hole(span(start, end));
        }
    }

    fn finish(mut self, end: usize, reporter: &mut Reporter<'_>) {
        self.close_hole(end, reporter);
    }
}

/// Whether a span is empty or lies in one of these, which are sorted, or touches it.
pub(super) fn touches(holes: &[Span], place: Span) -> bool {
    let next = holes.partition_point(|hole| hole.hi < place.lo);
    holes.get(next).is_some_and(|hole| hole.lo <= place.hi)
}
