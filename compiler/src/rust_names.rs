//! Names of an interface as Rust identifiers: case as the `heck` crate converts it, and keywords made harmless.
//!
//! `sema` uses it to find names that collide, the Rust backend to print them: one conversion, so both agree.

use std::borrow::Cow;

use heck::{ToShoutySnakeCase, ToSnakeCase, ToUpperCamelCase};

/// Words that Rust reserves in any edition and that may be written raw (`r#type`).
const KEYWORDS: [&str; 48] = [
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn", "else", "enum",
    "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro", "match", "mod", "move",
    "mut", "override", "priv", "pub", "ref", "return", "static", "struct", "trait", "true", "try", "type", "typeof",
    "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// Keywords that cannot be raw identifiers: they get a trailing underscore.
const NEVER_RAW: [&str; 4] = ["self", "Self", "super", "crate"];

/// A type, a trait: `UpperCamelCase`.
pub fn type_name(name: &str) -> String {
    escaped(name.to_upper_camel_case())
}

/// A type that is made of a service: `AsyncCalculatorClient`. With no prefix and no suffix it is the trait.
pub fn service_name(prefix: &str, name: &str, suffix: &str) -> String {
    escaped(format!("{prefix}{}{suffix}", name.to_upper_camel_case()))
}

/// The view of a struct: `OrderView`.
pub fn view_name(name: &str) -> String {
    format!("{}View", name.to_upper_camel_case())
}

/// A member of an enum, a variant of an error: `UpperCamelCase`.
pub fn variant_name(name: &str) -> String {
    escaped(name.to_upper_camel_case())
}

/// A field, a parameter, a result: `snake_case`.
pub fn field_name(name: &str) -> String {
    as_field(name).into_owned()
}

/// The same, or for a method; most names are written so already.
pub fn as_field(name: &str) -> Cow<'_, str> {
    if is_snake_case(name) && !is_keyword(name) { name.into() } else { escaped(raw_free(name)).into() }
}

/// A method: `snake_case`.
pub fn method_name(name: &str) -> String {
    escaped(raw_free(name))
}

/// The twin of a client's method that reads the results in place.
pub fn in_place_name(method: &str) -> String {
    raw_free(method) + "_in_place"
}

/// One part of a package's name: `snake_case`.
pub fn module_name(name: &str) -> String {
    escaped(raw_free(name))
}

/// A constant: `SCREAMING_SNAKE_CASE`.
pub fn const_name(name: &str) -> String {
    name.to_shouty_snake_case()
}

/// `snake_case` with no care for keywords, to be glued to a prefix: `start_` and `type` make `start_type`.
pub fn raw_free(name: &str) -> String {
    if is_snake_case(name) { name.to_owned() } else { name.to_snake_case() }
}

/// Whether the conversion would change nothing. Most names are written so, and converting each costs more than all else.
fn is_snake_case(name: &str) -> bool {
    let is_word =
        |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    name.split('_').all(is_word)
}

/// Whether a word is an identifier of Rust in ASCII, and no keyword.
pub fn is_plain(word: &str) -> bool {
    word.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && word != "_"
        && !is_keyword(word)
}

/// Whether a text is a path such as `Hash` or `serde::Serialize`; `::`, or `crate::`, may stand before it.
pub fn is_path(text: &str) -> bool {
    let rest = if is_absolute(text) { text.split_once("::").unwrap_or_default().1 } else { text };
    rest.split("::").all(is_plain)
}

/// Whether a path begins with `::` or with that of the crate, so that it means the same in every module.
pub fn is_absolute(path: &str) -> bool {
    path.split_once("::").is_some_and(|(first, _)| matches!(first, "" | "crate"))
}

/// Whether Rust reserves a word, in any edition.
pub fn is_keyword(word: &str) -> bool {
    KEYWORDS.contains(&word) || NEVER_RAW.contains(&word)
}

fn escaped(name: String) -> String {
    let word = name.as_str();
    if NEVER_RAW.contains(&word) {
        name + "_"
    } else if KEYWORDS.contains(&word) {
        format!("r#{name}")
    } else {
        name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cases_are_converted() {
        assert_eq!(type_name("HTTPStatus_line"), "HttpStatusLine");
        assert_eq!(variant_name("NOT_FOUND"), "NotFound");
        assert_eq!(field_name("maxSize"), "max_size");
        assert_eq!(method_name("GetURL"), "get_url");
        assert_eq!(const_name("maxTerms"), "MAX_TERMS");
        assert_eq!(module_name("v1"), "v1");
    }

    #[test]
    fn every_keyword_gives_an_identifier_that_rust_takes() {
        for keyword in KEYWORDS.into_iter().chain(NEVER_RAW) {
            assert!(!is_plain(keyword), "{keyword}");
            for name in [field_name(keyword), type_name(keyword), method_name(keyword), module_name(keyword)] {
                assert!(syn::parse_str::<syn::Ident>(&name).is_ok(), "{keyword} gives {name}");
            }
        }
    }

    proptest::proptest! {
        #[test]
        fn snake_case_is_what_heck_makes(name in "[a-zA-Z0-9_]{0,12}|[a-z0-9_]{0,12}") {
            proptest::prop_assert_eq!(raw_free(&name), name.to_snake_case());
        }
    }

    #[test]
    fn keywords_are_escaped_only_where_they_clash() {
        assert_eq!(field_name("type"), "r#type");
        assert_eq!(field_name("Type"), "r#type");
        assert_eq!(method_name("self"), "self_");
        assert_eq!(type_name("self"), "Self_");
        assert_eq!(type_name("type"), "Type");
        assert_eq!(
            (service_name("", "self", ""), service_name("Async", "self", "")),
            ("Self_".into(), "AsyncSelf".into())
        );
        assert_eq!(service_name("", "Self", "Client"), "SelfClient");
        assert_eq!(const_name("self"), "SELF");
        assert_eq!(format!("start_{}", raw_free("type")), "start_type");
    }
}
