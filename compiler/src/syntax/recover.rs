//! Finds out what is wrong with a slice that follows no rule, and words the error productions of the grammar.

use super::advice;
use super::cursor::place;
use super::expected;
use super::lower::Lower;
use super::parser::{self, Node, Rule};
use super::reporter::span;
use super::scan::{self, Kind, Token, is_space};
use crate::ast;
use crate::diag::{Code, Diagnostic};
use crate::source::Span;

/// How many tokens of a damaged declaration are looked at for its name.
const MAX_BEFORE_NAME: usize = 64;

impl Lower<'_, '_> {
    /// A declaration that could not be read, if it gives a name that others may use.
    pub(super) fn bad_item(&mut self, node: &Node<'_>) -> Option<ast::Item> {
        self.bad_slice(node, Rule::item);
        let name = seeming_name(node)?;
        Some(ast::Item::Broken(ast::Broken { span: place(node), name: Some(name) }))
    }

    /// Reports the mistake in a slice by reading it again with the strict rule.
    pub(super) fn bad_slice(&mut self, node: &Node<'_>, strict: Rule) {
        let slice = place(node);
        self.reporter.add_damaged(slice);
        if self.is_known(slice) {
            return;
        }
        if !self.reporter.has_room() {
            return self.reporter.leave_out(self.reporter.at(slice));
        }
        let start = slice.lo as usize;
        // What follows shows that the slice does not end well; no rule looks further than two tokens ahead.
        let end =
            scan::tokens(self.text, slice.hi as usize).take(2).last().map_or(self.text.len(), |token| token.end());
        let failure = parser::failure(strict, self.text.get(start..end).unwrap_or_default());
        let (at, rules) = failure.map_or((0, Vec::new()), |failure| (failure.at, failure.expected));
        let found = self.unexpected(start + at, strict, &rules);
        self.reporter.push(found);
    }

    /// Words "expected …, found …" at the right place.
    fn unexpected(&self, at: usize, strict: Rule, rules: &[Rule]) -> Diagnostic {
        let token = scan::tokens(self.text, at).next();
        let expected = expected::phrase(rules);
        let message = match &expected {
            Some(expected) => format!("expected {expected}, found {}", found(token)),
            None => format!("{} cannot stand here", found(token)),
        };
        let place = if expected::is_end(rules) { self.before(at) } else { token_at(self.text, at) };
        let label = expected.map_or_else(String::new, |expected| format!("expected {expected}"));
        let diagnostic = Diagnostic::new(Code::Syntax, self.reporter.at(place), message).label(label);
        match token.and_then(|token| advice::help(strict, rules, self.text, &token)) {
            Some(help) => diagnostic.help(help),
            None => diagnostic,
        }
    }

    /// What ends an entry or a declaration: nothing to say, or an error production.
    pub(super) fn end(&mut self, node: Option<Node<'_>>) {
        let Some(node) = node else { return };
        let at = node.as_span().start();
        let (wanted, help) = match node.as_rule() {
            Rule::missing_semicolon | Rule::missing_semicolon_after_method => ("`;`", None),
            Rule::wrong_comma => ("`,`", Some("these are separated by `,`; only declarations and methods end in `;`")),
            Rule::wrong_semicolon => ("`;`", Some("methods end in `;`")),
            _ => ("`,`", None),
        };
        let is_wrong = matches!(node.as_rule(), Rule::wrong_comma | Rule::wrong_semicolon);
        let place = if is_wrong { token_at(self.text, at) } else { self.before(at) };
        let message = format!("expected {wanted}, found {}", found(scan::tokens(self.text, at).next()));
        let diagnostic =
            Diagnostic::new(Code::Syntax, self.reporter.at(place), message).label(format!("expected {wanted}"));
        if !self.is_known(place) && self.unclosed_at != Some(place) {
            self.reporter.push(help.into_iter().fold(diagnostic, Diagnostic::help));
        }
    }

    /// A brace or parenthesis that stays open.
    pub(super) fn unclosed(&mut self, node: &Node<'_>, opener: Span) {
        let at = node.as_span().start();
        let (open, close) = if node.as_rule() == Rule::missing_brace { ("{", "}") } else { ("(", ")") };
        let place = self.before(at);
        if self.is_known(place) {
            return;
        }
        let message = format!("expected `{close}`, found {}", found(scan::tokens(self.text, at).next()));
        let diagnostic =
            Diagnostic::new(Code::Unclosed, self.reporter.at(place), message).label(format!("expected `{close}`"));
        self.unclosed_at = Some(place);
        self.reporter.push(diagnostic.other(self.reporter.at(opener), format!("this `{open}` is never closed")));
    }

    /// Whether a mistake here, or between here and the next token, was reported before.
    pub(super) fn is_known(&self, place: Span) -> bool {
        let next = token_at(self.text, place.hi as usize);
        self.reporter.is_known(Span::new(place.lo, next.lo))
    }

    /// The empty range after the token that stands before `at`.
    fn before(&self, at: usize) -> Span {
        let end = self.text.get(..at).unwrap_or_default().trim_end_matches(is_space).len();
        span(end, end)
    }
}

/// The token at or after a place; empty at the end of the text.
pub(super) fn token_at(text: &str, at: usize) -> Span {
    let end = span(text.len(), text.len());
    scan::tokens(text, at).next().map_or(end, |token| span(token.start, token.end()))
}

/// A token as a message names it.
fn found(token: Option<Token<'_>>) -> String {
    match token {
        None => "the end of the file".to_owned(),
        Some(Token { kind: Kind::String, .. }) => "a string".to_owned(),
        Some(token) => expected::quoted(token.text),
    }
}

/// The name that a damaged declaration seems to give: after its annotations its second word, or the third of a `closed enum`.
fn seeming_name(node: &Node<'_>) -> Option<ast::Name> {
    let start = node.as_span().start();
    let tokens: Vec<Token<'_>> = scan::tokens(node.as_str(), 0).take(MAX_BEFORE_NAME).collect();
    let mut words = after_annotations(&tokens).iter().take_while(|token| token.kind == Kind::Word);
    let first = words.next()?;
    let name = if first.text == "closed" { words.nth(1)? } else { words.next()? };
    Some(ast::Name { text: name.text.to_owned(), span: span(start + name.start, start + name.end()) })
}

/// What follows annotations; nothing where one of them is damaged.
fn after_annotations<'a, 't>(mut tokens: &'a [Token<'t>]) -> &'a [Token<'t>] {
    while let [at, name, rest @ ..] = tokens
        && at.text == "@"
        && name.kind == Kind::Word
    {
        let closer = rest.iter().position(|token| token.text == ")").filter(|_| is_open(rest));
        tokens = rest.get(closer.map_or(0, |closer| closer + 1)..).unwrap_or_default();
    }
    tokens
}

fn is_open(tokens: &[Token<'_>]) -> bool {
    tokens.first().is_some_and(|token| token.text == "(")
}
