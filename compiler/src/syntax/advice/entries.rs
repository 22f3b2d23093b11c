//! About fields, parameters, members, variants and methods.

use super::Place;
use crate::scalar::Scalar;
use crate::syntax::expected::is_end;
use crate::syntax::parser::Rule;

/// The longest word that is looked at.
const MAX_WORD: usize = 40;

/// Fields and parameters, as other languages write them.
pub(super) fn field(place: &Place<'_>) -> Option<String> {
    let in_table = place.strict == Rule::table_entry;
    let form = match place.strict {
        Rule::table_entry => "a field of a table is written `name @1: type`",
        Rule::field_entry => "a field is written `name: type`",
        _ => "a parameter or result is written `name: type`",
    };
    if place.is_number() && place.wants(if place.strict == Rule::param_entry { "a parameter" } else { "a field" }) {
        let number =
            if in_table { "the number stands after the name and an `@`: " } else { "no number stands before it: " };
        return Some(format!("{number}{form}"));
    }
    if !in_table && place.word == "reserved" && place.wants("`:`") {
        return Some("nothing is reserved here: what may change is a `table`".to_owned());
    }
    if in_table && place.word == "reserved" {
        return Some("what is reserved in a table is ordinals: `reserved @3, @5..@9`".to_owned());
    }
    if in_table && place.token.text == "=" && place.wants("`:`") {
        return Some("the type stands before the default: `name @1: type = value`".to_owned());
    }
    if place.token.text == "[" && place.wants("a value") || place.wants("`]`") {
        return Some("the only default of a list is the empty one, `[]`".to_owned());
    }
    let between = place.wants(if in_table { "`@`" } else { "`:`" }) || place.wants("`:`");
    between.then(|| if place.is_word() { two_words(place, form) } else { form.to_owned() })
}

/// About two words where one was enough.
fn two_words(place: &Place<'_>, form: &str) -> String {
    let Place { word, token, strict, .. } = place;
    let ordinal = if *strict == Rule::table_entry { " @1" } else { "" };
    match *word {
        "stream" => format!("a stream is written `name{ordinal}: stream T`"),
        "optional" => format!("what may be absent has a type that ends in `?`: `name{ordinal}: type?`"),
        "required" => "what is not optional is required: leave out `required`".to_owned(),
        "repeated" => format!("a list is written `name{ordinal}: list<type>`"),
        "pub" | "public" | "private" | "const" | "let" | "var" | "val" | "mut" | "readonly" | "in" | "out" => {
            format!("leave out `{word}`: {form}")
        }
        _ if is_type(word) && token.text.len() <= MAX_WORD => {
            format!("the name stands before the type: `{}{ordinal}: {word}`", token.text)
        }
        _ => form.to_owned(),
    }
}

/// Whether a word looks like a type.
fn is_type(word: &str) -> bool {
    let others = ["string", "bytes", "timestamp", "duration", "int", "float", "double", "byte", "boolean"];
    let is_known = others.contains(&word) || Scalar::ALL.iter().any(|(scalar, _)| *scalar == word);
    is_known || (word.starts_with(|c: char| c.is_ascii_uppercase()) && word.len() <= MAX_WORD)
}

/// Members of enums and flags.
pub(super) fn member(place: &Place<'_>) -> Option<&'static str> {
    if place.word == "reserved" {
        return Some("what is reserved in an enum is values: `reserved 3, 5..9`");
    }
    Some(match place.token.text {
        ":" => "a value is written `name = 1`",
        "(" | "{" => "a member of an enum carries nothing; a variant of a `union` does",
        _ => return None,
    })
}

/// Variants of unions and errors.
pub(super) fn variant(place: &Place<'_>) -> Option<&'static str> {
    if place.word == "reserved" {
        return Some("what is reserved here is ordinals: `reserved @3, @5..@9`");
    }
    Some(match place.token.text {
        "(" => "what a variant carries is written `name @1: type` or `name @1 { name: type }`",
        "=" if !place.wants("`@`") => "only fields of tables have defaults",
        _ if place.is_number() && place.wants("a variant") => "the number stands after the name and an `@`: `name @1`",
        _ if place.wants("`@`") => "each variant has a number of its own: `name @1`",
        _ => return None,
    })
}

/// Methods.
pub(super) fn method(place: &Place<'_>) -> Option<String> {
    let advice = match place.token.text {
        "->" if is_end(place.rules) => "write the results first: `-> T throws E`",
        "," if is_end(place.rules) => "a method throws one error; give it a variant for each kind of failure",
        "returns" | ":" | "=" if place.wants("`->`") => "what comes back is written `name(…) -> type`",
        "raises" | "throw" | "raise" if place.wants("`throws`") => "did you mean `throws`?",
        "{" if is_end(place.rules) || place.wants("`;`") => "a method has no body here: it ends in `;`",
        "(" if place.word == "throws" => "one error follows `throws`, without parentheses",
        _ if place.word == "reserved" => "what is reserved in a service is names",
        _ if place.wants("`(`") && place.is_word() => return Some(second_word(place.word)),
        _ => return None,
    };
    Some(advice.to_owned())
}

/// About two words where the name of a method was enough.
fn second_word(word: &str) -> String {
    match word {
        "fn" | "func" | "fun" | "function" | "def" | "rpc" | "method" | "async" | "procedure" | "sub" => {
            format!("a method begins with its name: leave out `{word}`")
        }
        _ if word.len() < 9 && strsim::damerau_levenshtein(word, "oneway") <= 2 => "did you mean `oneway`?".to_owned(),
        "stream" => "a stream is a parameter or a result: `name(x: stream T)`, `name() -> stream T`".to_owned(),
        "void" => "leave out `void`: a method without `->` gives nothing back".to_owned(),
        _ => "the type of a result stands after the parameters: `name(…) -> type`".to_owned(),
    }
}
