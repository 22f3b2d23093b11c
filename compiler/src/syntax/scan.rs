//! Cuts a text into coarse tokens, in one pass, for what must be known before the grammar runs.

/// What a token is, as far as the guards need to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A name, keyword or number.
    Word,
    /// A string with both its quotes.
    String,
    /// A string that the line's end cuts off.
    OpenString,
    /// `//` or `/* */`.
    Comment,
    /// `/*` that the file's end cuts off.
    OpenComment,
    /// `///`
    Docs,
    /// `//!`
    FileDocs,
    /// `->`, `<<`, `..` or one character.
    Symbol,
}

/// A token and where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token<'t> {
    pub(super) kind: Kind,
    pub(super) text: &'t str,
    pub(super) start: usize,
}

impl Token<'_> {
    /// One past its last byte.
    pub(super) fn end(&self) -> usize {
        self.start + self.text.len()
    }
}

/// The tokens of a text, without the white space.
pub(super) struct Tokens<'t> {
    text: &'t str,
    at: usize,
}

/// The tokens of `text` from the byte `at` on.
pub(super) fn tokens(text: &str, at: usize) -> Tokens<'_> {
    Tokens { text, at }
}

/// White space of the language; nothing else is.
pub(super) fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}

impl<'t> Iterator for Tokens<'t> {
    type Item = Token<'t>;

    fn next(&mut self) -> Option<Token<'t>> {
        let rest = self.text.get(self.at..)?.trim_start_matches(is_space);
        let start = self.text.len() - rest.len();
        let (kind, length) = first(rest)?;
        self.at = start + length;
        Some(Token { kind, text: rest.get(..length)?, start })
    }
}

/// Kind and length of the token that a text begins with.
fn first(rest: &str) -> Option<(Kind, usize)> {
    let c = rest.chars().next()?;
    Some(match c {
        '/' if rest.starts_with("//") => line_comment(rest),
        '/' if rest.starts_with("/*") => block_comment(rest),
        '"' => string(rest),
        '0'..='9' => (Kind::Word, number(rest)),
        _ if is_word(c) => (Kind::Word, word(rest)),
        '-' if rest.starts_with("->") => (Kind::Symbol, 2),
        '<' if rest.starts_with("<<") => (Kind::Symbol, 2),
        '.' if rest.starts_with("..") => (Kind::Symbol, 2),
        _ => (Kind::Symbol, c.len_utf8()),
    })
}

fn line_comment(rest: &str) -> (Kind, usize) {
    let line = rest.find('\n').and_then(|end| rest.get(..end)).unwrap_or(rest);
    let length = line.trim_end_matches('\r').len();
    if line.starts_with("//!") {
        (Kind::FileDocs, length)
    } else if line.starts_with("///") && !line.starts_with("////") {
        (Kind::Docs, length)
    } else {
        (Kind::Comment, length)
    }
}

/// Block comments nest.
fn block_comment(rest: &str) -> (Kind, usize) {
    let (bytes, mut at, mut depth) = (rest.as_bytes(), 0, 0_usize);
    while at < bytes.len() {
        match bytes.get(at..at + 2) {
            Some(b"/*") => (depth, at) = (depth + 1, at + 2),
            Some(b"*/") if depth == 1 => return (Kind::Comment, at + 2),
            Some(b"*/") => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
    }
    (Kind::OpenComment, rest.len())
}

fn string(rest: &str) -> (Kind, usize) {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            '\n' | '\r' => return (Kind::OpenString, at),
            '"' if !escaped => return (Kind::String, at + 1),
            _ => escaped = c == '\\' && !escaped,
        }
    }
    (Kind::OpenString, rest.len())
}

fn word(rest: &str) -> usize {
    rest.find(|c| !is_word(c)).unwrap_or(rest.len())
}

/// A word, and a fraction after it.
fn number(rest: &str) -> usize {
    let whole = word(rest);
    let fraction = rest.get(whole..).and_then(|tail| tail.strip_prefix('.')).unwrap_or_default();
    if fraction.starts_with(|c: char| c.is_ascii_digit()) { whole + 1 + word(fraction) } else { whole }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<(Kind, &str)> {
        tokens(text, 0).map(|token| (token.kind, token.text)).collect()
    }

    #[test]
    fn comments_nest_and_docs_have_three_slashes() {
        let text = "/* a /* b */ c */ // d\r\n/// e\n//// f\n/** g */ //! h";
        let expected = [
            (Kind::Comment, "/* a /* b */ c */"),
            (Kind::Comment, "// d"),
            (Kind::Docs, "/// e"),
            (Kind::Comment, "//// f"),
            (Kind::Comment, "/** g */"),
            (Kind::FileDocs, "//! h"),
        ];
        assert_eq!(kinds(text), expected);
    }

    #[test]
    fn strings_end_at_their_quote_or_their_line() {
        assert_eq!(kinds(r#""a\"b" "#), [(Kind::String, r#""a\"b""#)]);
        assert_eq!(kinds("\"a\\\nb"), [(Kind::OpenString, "\"a\\"), (Kind::Word, "b")]);
        assert_eq!(kinds("\"/*"), [(Kind::OpenString, "\"/*")]);
        assert_eq!(kinds("/* /* */"), [(Kind::OpenComment, "/* /* */")]);
    }

    #[test]
    fn numbers_keep_their_fraction_and_ranges_their_dots() {
        let texts = |text| kinds(text).into_iter().map(|(_, text)| text).collect::<Vec<_>>();
        assert_eq!(texts("1.5 5..9 ->a<<b"), ["1.5", "5", "..", "9", "->", "a", "<<", "b"]);
    }
}
