//! What to do about a token that stands where another was wanted.

mod declarations;
mod entries;

use super::expected::describes;
use super::parser::Rule;
use super::scan::{self, Kind, Token};

const IDENTIFIERS: &str = "identifiers are made of ASCII letters, digits and `_`";
/// A token that was not wanted, and what is known of its place.
struct Place<'a> {
    /// What is read there.
    strict: Rule,
    /// What was wanted.
    rules: &'a [Rule],
    token: &'a Token<'a>,
    /// The text before it, without white space at its end.
    before: &'a str,
    /// The word that `before` ends with, perhaps empty.
    word: &'a str,
    /// The token after it.
    next: Option<Token<'a>>,
}

impl Place<'_> {
    fn wants(&self, what: &str) -> bool {
        describes(self.rules, what)
    }

    fn is_word(&self) -> bool {
        self.token.kind == Kind::Word
    }

    fn is_name(&self) -> bool {
        self.is_word() && !self.is_number()
    }

    fn is_number(&self) -> bool {
        self.token.text.starts_with(is_digit)
    }

    /// Whether the next token touches this one and begins so.
    fn next_starts_with(&self, test: fn(char) -> bool) -> bool {
        self.next.is_some_and(|next| next.start == self.token.end() && next.text.starts_with(test))
    }
}

/// What to do about a token that was not wanted.
pub(super) fn help(strict: Rule, rules: &[Rule], text: &str, token: &Token<'_>) -> Option<String> {
    let before = text.get(..token.start).unwrap_or_default().trim_end();
    let word = before.rsplit(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default();
    let next = scan::tokens(text, token.end()).next();
    let place = Place { strict, rules, token, before, word, next };
    if strict == Rule::item && (place.wants("a declaration") || rules.contains(&Rule::kw_service)) {
        return Some(declarations::keyword(&place));
    }
    let advice = character(&place)
        .or_else(|| annotation(&place))
        .or_else(|| of_type(&place))
        .or_else(|| bound(&place))
        .map(str::to_owned);
    advice.or_else(|| match strict {
        Rule::item => declarations::head(&place),
        Rule::field_entry | Rule::param_entry | Rule::table_entry => entries::field(&place),
        Rule::member_entry => entries::member(&place).map(str::to_owned),
        Rule::variant_entry => entries::variant(&place).map(str::to_owned),
        Rule::method_entry => entries::method(&place),
        _ => None,
    })
}

/// Characters that are wrong almost anywhere.
fn character(place: &Place<'_>) -> Option<&'static str> {
    let follows_word = place.before.len() == place.token.start && place.before.ends_with(char::is_alphanumeric);
    Some(match place.token.text {
        "'" | "`" | "“" | "”" | "‘" | "’" => "strings stand between `\"` and `\"`",
        "." if place.word.starts_with(is_digit) || place.next_starts_with(is_digit) => {
            "a float has digits on both sides of its point"
        }
        "ns" | "us" | "ms" | "s" | "m" | "h" if place.word.starts_with(is_digit) => {
            "a duration is written with no space in it: `250ms`"
        }
        "$" | "-" | "#" | "!" if follows_word => IDENTIFIERS,
        _ => return None,
    })
}

/// `@` where no annotation and no ordinal may stand.
fn annotation(place: &Place<'_>) -> Option<&'static str> {
    if place.token.text != "@" {
        return after_annotation(place);
    }
    let has_number = place.next_starts_with(is_digit);
    Some(match place.strict {
        _ if place.rules.contains(&Rule::number) => "numbers have no `@` before them here",
        Rule::field_entry | Rule::param_entry if has_number => "only fields of tables and variants have ordinals",
        Rule::member_entry if has_number => "a member has a value instead of an ordinal: `name = 1`",
        Rule::table_entry | Rule::variant_entry if has_number => "the ordinal stands after the name: `name @1`",
        _ if place.next_starts_with(char::is_alphabetic) => {
            "an annotation stands before what it is about: before all of the declaration, field, method or parameter"
        }
        _ => "an annotation is written `@name` or `@name(…)`, with no space after the `@`",
    })
}

/// Between an annotation and what it is about.
fn after_annotation(place: &Place<'_>) -> Option<&'static str> {
    let is_argument = place.rules.contains(&Rule::equals) && place.rules.contains(&Rule::close_paren);
    let is_after = place.rules.contains(&Rule::annotation_name) || place.wants("an annotation");
    Some(match place.token.text {
        ":" if is_argument => "an argument that has a name is written `name = value`",
        _ if is_argument && place.token.kind == Kind::String => "an argument that has a name is written `name = value`",
        "}" | ")" if is_after && !place.wants("`}`") => "an annotation stands before what it is about",
        ":" | "=" if is_after => "what an annotation says stands in parentheses: `@name(…)`",
        _ if is_after && place.wants("`(`") && !place.is_name() => {
            "what an annotation says stands in parentheses: `@name(…)`"
        }
        _ => return None,
    })
}

/// Types as other languages write them.
fn of_type(place: &Place<'_>) -> Option<&'static str> {
    let follows_type = place.rules.contains(&Rule::question);
    Some(match place.token.text {
        "?" if place.wants("a type") => "the `?` stands after the type: `string?`",
        "[" if place.wants("a type") || follows_type => "a list is written `list<T>`, an array `array<T, N>`",
        "{" if place.wants("a type") => "declare a struct and name it here",
        "(" if place.wants("a type") => "there are no tuples: declare a struct and name it here",
        "&" | "*" if place.wants("a type") => "there are no references: leave it out",
        "<" if place.word == "stream" => "a stream is written `stream T`",
        "<" if follows_type => generic(place.word),
        _ => return None,
    })
}

/// A type of another language that takes parameters.
fn generic(word: &str) -> &'static str {
    match word {
        "Option" | "Optional" | "optional" | "Maybe" => "an optional type is written `T?`",
        "Vec" | "vec" | "List" | "vector" | "Array" | "Seq" | "sequence" | "set" | "Set" | "HashSet" | "BTreeSet" => {
            "a list is written `list<T>`, an array `array<T, N>`"
        }
        "HashMap" | "BTreeMap" | "Map" | "dict" | "Dict" => "a map is written `map<K, V>`",
        "Box" | "Arc" | "Rc" => "name the type inside: where a `Box` is needed, the generated code has one",
        "Result" => "a method that can fail is written `name(…) -> type throws Error`",
        "Stream" => "a stream is written `stream T`",
        _ => "of the types, only `string`, `bytes`, `list`, `array` and `map` are followed by `<`",
    }
}

fn bound(place: &Place<'_>) -> Option<&'static str> {
    if place.token.text == ".." && place.wants("`>`") {
        return Some("a bound is the most there may be: write `<20>` for at most 20");
    }
    place.wants("a bound").then_some("a bound is a number, the name of a constant, or an expression in parentheses")
}

fn is_digit(c: char) -> bool {
    c.is_ascii_digit()
}
