//! Comments and strings that are never closed: where they begin, and where the text goes on.

use super::reporter::{Reporter, span};
use super::scan::{self, Kind, Token, Tokens, is_space};
use crate::diag::{Code, Diagnostic};

/// What may stand behind a string.
const BEHIND: [char; 4] = [';', ',', ')', '}'];

/// Reports a comment that the file's end cuts off.
pub(super) fn comment(token: &Token<'_>, reporter: &mut Reporter<'_>) {
    let opener = span(token.start, token.start + 2);
    let found = Diagnostic::new(Code::Unclosed, reporter.at(opener), "this comment is never closed");
    let nested = token.text.matches("/*").count() > 1;
    let help = if nested { "comments nest: each `/*` needs a `*/` of its own" } else { "close it with `*/`" };
    reporter.hole(span(token.start, token.end()), found.help(help));
}

/// Reports a string that its line's end cuts off. No comment stands in the text from `from` on to the token.
///
/// If it seems to be closed in a later line, the grammar can read it, and this gives the tokens behind it.
pub(super) fn string<'t>(
    text: &'t str,
    from: usize,
    token: &Token<'_>,
    reporter: &mut Reporter<'_>,
) -> Option<Tokens<'t>> {
    let Some(quote) = later_quote(text, token) else {
        let start = opener(text, from, token);
        let found = never_closed(start, token, reporter).help(help(token));
        reporter.hole(span(start, token.end()), found);
        return None;
    };
    let end = reporter.at(span(quote, quote + 1));
    let found = never_closed(token.start, token, reporter).other(end, "it seems to go on to here");
    reporter.push(found.help("a string ends in its line; a line break in it is written `\\n`"));
    Some(scan::tokens(text, quote + 1))
}

fn never_closed(start: usize, token: &Token<'_>, reporter: &Reporter<'_>) -> Diagnostic {
    Diagnostic::new(Code::Unclosed, reporter.at(span(start, token.end())), "this string is never closed")
}

fn help(token: &Token<'_>) -> &'static str {
    if token.text.contains("\\\"") {
        "`\\\"` is a quote in the string, and does not close it; a `\\` in it is written `\\\\`"
    } else {
        "close it with `\"` on the same line; a line break in it is written `\\n`"
    }
}

/// Where the string begins. Strings before it in its line were paired wrongly if one of them stands right before a word.
fn opener(text: &str, from: usize, token: &Token<'_>) -> usize {
    let before = text.get(from..token.start).unwrap_or_default();
    let line = from + before.rfind('\n').map_or(0, |end| end + 1);
    let others = scan::tokens(text, line).take_while(|other| other.start < token.start);
    let mut strings = others.filter(|other| other.kind == Kind::String);
    strings.find(|other| !may_end(text, other.end())).map_or(token.start, |other| other.start)
}

/// The quote of a later line that seems to close the string: the next one, if only words stand before it.
fn later_quote(text: &str, token: &Token<'_>) -> Option<usize> {
    let next = scan::tokens(text, token.end()).find(|token| !is_prose(token))?;
    (next.kind == Kind::OpenString && may_end(text, next.start + 1)).then_some(next.start)
}

fn is_prose(token: &Token<'_>) -> bool {
    token.kind == Kind::Word || token.kind == Kind::Symbol && !matches!(token.text, ";" | "{" | "}" | "=" | "\\")
}

/// Whether what begins here may follow a string.
fn may_end(text: &str, at: usize) -> bool {
    let rest = text.get(at..).unwrap_or_default();
    rest.is_empty() || rest.starts_with(BEHIND) || rest.starts_with(is_space)
}
