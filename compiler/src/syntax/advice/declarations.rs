//! About the first words of declarations.

use super::Place;
use crate::syntax::expected::{MAX_QUOTED, is_end};
use crate::syntax::parser::Rule;
use crate::syntax::scan::Kind;

/// The words that begin a declaration.
const DECLARATIONS: [&str; 12] =
    ["package", "import", "const", "alias", "closed", "enum", "flags", "struct", "table", "union", "error", "service"];
const ALL_DECLARATIONS: &str =
    "a declaration begins with `const`, `alias`, `enum`, `flags`, `struct`, `table`, `union`, `error` or `service`";
/// Words of other languages for declarations that have another word here.
const FOREIGN: [(&[&str], &str); 11] = [
    (&["message"], "did you mean `table`, whose fields have numbers, or `struct`?"),
    (&["record", "class", "data"], "did you mean `struct`?"),
    (&["type"], "did you mean `alias`, or `struct`?"),
    (&["interface", "protocol", "trait"], "did you mean `service`?"),
    (&["typedef", "using"], "did you mean `alias`?"),
    (&["exception"], "did you mean `error`?"),
    (&["variant", "oneof", "choice"], "did you mean `union`?"),
    (&["bitflags", "bitmask", "bitfield", "bits"], "did you mean `flags`?"),
    (&["namespace", "module", "mod"], "did you mean `package`?"),
    (&["include", "use"], "did you mean `import`?"),
    (&["fn", "func", "fun", "function", "def", "rpc", "method"], "methods stand in a service: `service Name { … }`"),
];

/// Before the body of a declaration.
pub(super) fn head(place: &Place<'_>) -> Option<String> {
    let text = place.token.text;
    let advice = match text {
        "struct" if place.word == "closed" => "a struct is always closed: leave out `closed`",
        "table" | "error" | "service" | "const" | "alias" if place.word == "closed" => {
            return Some(format!("only enums, flags and unions may be closed: leave out `closed` before `{text}`"));
        }
        "closed" if place.word == "closed" => "write it once",
        "." if place.strict == Rule::item && is_end(place.rules) => "the name after `as` is one word",
        "=" if place.wants("`:`") => "a constant names its type: `const NAME: u32 = 1;`",
        "<" if place.wants("`{`") => "declared types have no parameters",
        ":" if place.wants("`=`") => "an alias is written `alias Name = type;`",
        ":" | "(" if place.wants("`{`") => "the body follows: `Name { … }`",
        "[" if place.wants("a value") => "`[]` stands only as the default of a table's list: no constant is a list",
        _ => return None,
    };
    Some(advice.to_owned())
}

/// The nearest keyword, or all of them.
pub(super) fn keyword(place: &Place<'_>) -> String {
    let text = place.token.text;
    let is_named = place.next.is_some_and(|next| matches!(next.kind, Kind::Word | Kind::String));
    let foreign = FOREIGN.iter().find(|(words, _)| is_named && words.contains(&text)).map(|(_, advice)| *advice);
    match (text, foreign) {
        (";", _) => "declarations that end in `}` have no `;` after it".to_owned(),
        ("}", _) => "there is one `}` too many above, or here".to_owned(),
        (")", _) => "there is one `)` too many above, or here".to_owned(),
        ("@", _) => "an annotation is written `@name` or `@name(…)`, with no space after the `@`".to_owned(),
        (_, Some(advice)) => advice.to_owned(),
        _ => near_declaration(text).unwrap_or_else(|| ALL_DECLARATIONS.to_owned()),
    }
}

fn near_declaration(text: &str) -> Option<String> {
    let distance = |word: &str| strsim::damerau_levenshtein(word, text);
    let nearest = DECLARATIONS.iter().filter(|_| text.len() <= MAX_QUOTED).min_by_key(|word| distance(word));
    let near = nearest.filter(|word| distance(word) <= word.len().div_ceil(3));
    near.map(|word| format!("did you mean `{word}`?"))
}
