//! Numbers and strings, which the grammar reads generously.

use super::Lower;
use crate::ast::ExprKind;
use crate::diag::Code;
use crate::source::Span;
use crate::syntax::cursor::place;
use crate::syntax::parser::Node;
use crate::syntax::reporter::span;

const NUMBER_HELP: &str = "integers are written `42`, `0x2a`, `0o52` or `0b101010`, with `_` between digits; floats `1.5` or `2e10`; durations `250ms`";
const TOO_LARGE: &str = "this number is too large: integers have 128 bits, floats 64";
const DURATION_TOO_LARGE: &str =
    "this duration is too long: a duration has at most 2⁶⁴ − 1 nanoseconds, some 584 years";
const ESCAPE_HELP: &str = r#"the escapes are `\"`, `\\`, `\n`, `\r`, `\t` and `\u{…}`"#;

impl Lower<'_, '_> {
    pub(super) fn number(&mut self, node: &Node<'_>) -> ExprKind {
        number(node.as_str()).unwrap_or_else(|message| {
            let help = if message == TOO_LARGE || message == DURATION_TOO_LARGE { "" } else { NUMBER_HELP };
            self.complain(Code::BadLiteral, place(node), message, help);
            ExprKind::Broken
        })
    }

    /// The text between the quotes, escapes resolved; `None` when one is wrong.
    pub(super) fn string(&mut self, node: &Node<'_>) -> Option<String> {
        let start = node.as_span().start() + 1;
        let quoted = node.as_str();
        let inner = quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or_default();
        unescape(inner)
            .map_err(|Escape { at, length, message }| {
                let place: Span = span(start + at, start + at + length);
                self.complain(Code::BadLiteral, place, message, ESCAPE_HELP);
            })
            .ok()
    }
}

fn number(text: &str) -> Result<ExprKind, String> {
    let lower = text.to_ascii_lowercase();
    let based = |prefix, radix| lower.strip_prefix(prefix).map(|digits| integer(text, digits, radix));
    if let Some(value) = based("0x", 16).or_else(|| based("0o", 8)).or_else(|| based("0b", 2)) {
        return value.map(ExprKind::Int);
    }
    if let Some(value) = duration(text) {
        return value.map(ExprKind::Duration);
    }
    let is_float =
        lower.contains('.') || lower.trim_end_matches(|c: char| c.is_ascii_digit() || "_+-".contains(c)).ends_with('e');
    if is_float { float(text) } else { integer(text, text, 10).map(ExprKind::Int) }
}

/// The units of durations, in nanoseconds.
const UNITS: [(&str, u64); 6] = [
    ("ns", 1),
    ("us", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("m", 60_000_000_000),
    ("h", 3_600_000_000_000),
];

/// `250ms` in nanoseconds; `None` for what is no whole number with a unit.
fn duration(text: &str) -> Option<Result<u64, String>> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let (_, nanoseconds) = UNITS.iter().find(|(unit, _)| text.get(digits.len()..) == Some(unit))?;
    let count = integer(text, digits, 10);
    let fits = |count| u64::try_from(count).ok().and_then(|count| count.checked_mul(*nanoseconds));
    Some(count.and_then(|count| fits(count).ok_or_else(|| DURATION_TOO_LARGE.to_owned())))
}

fn integer(text: &str, digits: &str, radix: u32) -> Result<i128, String> {
    check_underscores(text, digits)?;
    let digits = digits.replace('_', "");
    if digits.is_empty() {
        return Err(format!("`{text}` has no digits"));
    }
    if let Some(c) = digits.chars().find(|c| !c.is_digit(radix)) {
        return Err(not_a_digit(text, c, radix));
    }
    if radix == 10 && digits.len() > 1 && digits.starts_with('0') {
        return Err(format!("`{text}` begins with 0: octal numbers begin with `0o`"));
    }
    i128::from_str_radix(&digits, radix).map_err(|_| TOO_LARGE.to_owned())
}

fn float(text: &str) -> Result<ExprKind, String> {
    check_underscores(text, text)?;
    let value: f64 = text.replace('_', "").parse().map_err(|_| format!("`{text}` is not a number"))?;
    if value.is_infinite() {
        return Err(TOO_LARGE.to_owned());
    }
    Ok(ExprKind::Float(value))
}

fn check_underscores(text: &str, digits: &str) -> Result<(), String> {
    let is_digit = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let between = |at: usize| {
        let (before, after) = digits.split_at_checked(at).unwrap_or_default();
        is_digit(before.chars().next_back()) && is_digit(after.chars().nth(1))
    };
    if digits.match_indices('_').all(|(at, _)| between(at)) {
        Ok(())
    } else {
        Err(format!("`{text}` has a `_` that is not between two digits"))
    }
}

fn not_a_digit(text: &str, c: char, radix: u32) -> String {
    match radix {
        10 => format!("`{text}` is not a number"),
        16 => format!("`{c}` is not a hexadecimal digit"),
        8 => format!("`{c}` is not an octal digit"),
        _ => format!("`{c}` is not a binary digit"),
    }
}

/// A wrong escape: where in the text between the quotes, and why.
#[derive(Debug, PartialEq, Eq)]
struct Escape {
    at: usize,
    length: usize,
    message: String,
}

fn unescape(mut rest: &str) -> Result<String, Escape> {
    let (whole, mut out) = (rest.len(), String::with_capacity(rest.len()));
    while let Some((plain, escape)) = rest.split_once('\\') {
        out.push_str(plain);
        let at = whole - escape.len() - 1;
        let (c, length) = resolve(escape).map_err(|(length, message)| Escape { at, length: length + 1, message })?;
        out.push(c);
        rest = escape.get(length..).unwrap_or_default();
    }
    out.push_str(rest);
    Ok(out)
}

/// The character that an escape stands for and its length, both without the backslash.
fn resolve(escape: &str) -> Result<(char, usize), (usize, String)> {
    let c = escape.chars().next().unwrap_or_default();
    Ok(match c {
        '"' | '\\' => (c, 1),
        'n' => ('\n', 1),
        'r' => ('\r', 1),
        't' => ('\t', 1),
        'u' => return unicode(escape),
        _ => return Err((c.len_utf8(), format!("`\\{}` is not an escape", c.escape_default()))),
    })
}

fn unicode(escape: &str) -> Result<(char, usize), (usize, String)> {
    let braces = escape.strip_prefix("u{").and_then(|rest| rest.split_once('}'));
    let Some((digits, _)) = braces else {
        return Err((1, "`\\u` needs digits in braces, as in `\\u{2192}`".to_owned()));
    };
    let length = digits.len() + 3;
    let is_hex = (1..=6).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let c = u32::from_str_radix(digits, 16).ok().filter(|_| is_hex).and_then(char::from_u32);
    c.map(|c| (c, length)).ok_or_else(|| (length, "this is not the number of a Unicode character".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_every_base() {
        for (text, value) in [("0", 0), ("1_000", 1000), ("0xFf", 255), ("0o17", 15), ("0b1_01", 5), ("0x1e5", 0x1e5)] {
            assert_eq!(number(text), Ok(ExprKind::Int(value)), "{text}");
        }
        assert_eq!(number(&i128::MAX.to_string()), Ok(ExprKind::Int(i128::MAX)));
        for (text, value) in [("1.5", 1.5), ("2e10", 2e10), ("2E-1", 0.2), ("1_0.5e+1", 105.0)] {
            assert_eq!(number(text), Ok(ExprKind::Float(value)), "{text}");
        }
    }

    #[test]
    fn durations_in_every_unit() {
        for (text, value) in
            [("0s", 0), ("7ns", 7), ("250ms", 250_000_000), ("1_000us", 1_000_000), ("2h", 7_200_000_000_000)]
        {
            assert_eq!(number(text), Ok(ExprKind::Duration(value)), "{text}");
        }
    }

    #[test]
    fn what_is_no_number() {
        for text in [
            "0x",
            "0b12",
            "0o8",
            "1_",
            "1__0",
            "0x_1",
            "007",
            "12ab",
            "250mss",
            "1.5s",
            "9999999999h",
            "1e999",
            "1.5f",
            &"9".repeat(40),
        ] {
            assert!(number(text).is_err(), "{text}");
        }
    }

    #[test]
    fn escapes() {
        assert_eq!(unescape(r#"a\"\\\n\r\t\u{e9}\u{1F600}b"#).as_deref(), Ok("a\"\\\n\r\té😀b"));
        for (text, at, length) in
            [(r"a\q", 1, 2), (r"\u", 0, 2), (r"\u{}", 0, 4), (r"x\u{d800}", 1, 8), (r"\u{+1}", 0, 6)]
        {
            let place = unescape(text).map_err(|escape| (escape.at, escape.length));
            assert_eq!(place, Err((at, length)), "{text}");
        }
    }
}
