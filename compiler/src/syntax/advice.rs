//! What to do about a token that stands where another was wanted.

use super::expected::{self, describes, is_end};
use super::parser::Rule;
use super::scan::{self, Kind, Token};
use crate::scalar::Scalar;

/// The words that begin a declaration.
const DECLARATIONS: [&str; 12] =
    ["package", "import", "const", "alias", "closed", "enum", "flags", "struct", "table", "union", "error", "service"];
const ALL_DECLARATIONS: &str =
    "a declaration begins with `const`, `alias`, `enum`, `flags`, `struct`, `table`, `union`, `error` or `service`";
/// Words of other languages for declarations that have another word here.
const FOREIGN: [(&[&str], &str); 10] = [
    (&["message"], "did you mean `table`, whose fields have numbers, or `struct`?"),
    (&["record", "class", "type", "data"], "did you mean `struct`?"),
    (&["interface", "protocol", "trait"], "did you mean `service`?"),
    (&["typedef", "using"], "did you mean `alias`?"),
    (&["exception"], "did you mean `error`?"),
    (&["variant", "oneof", "choice"], "did you mean `union`?"),
    (&["bitflags", "bitmask", "bitfield", "bits"], "did you mean `flags`?"),
    (&["namespace", "module", "mod"], "did you mean `package`?"),
    (&["include", "use"], "did you mean `import`?"),
    (&["fn", "func", "fun", "function", "def", "rpc", "method"], "methods stand in a service: `service Name { … }`"),
];
const IDENTIFIERS: &str = "identifiers are made of ASCII letters, digits and `_`";
/// The longest word that is looked at.
const MAX_WORD: usize = 40;

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
        return Some(declaration(&place));
    }
    let advice = character(&place)
        .or_else(|| annotation(&place))
        .or_else(|| of_type(&place))
        .or_else(|| bound(&place))
        .map(str::to_owned);
    advice.or_else(|| match strict {
        Rule::item => head(&place),
        Rule::field_entry | Rule::param_entry | Rule::table_entry => field(&place),
        Rule::member_entry => member(&place).map(str::to_owned),
        Rule::variant_entry => variant(&place).map(str::to_owned),
        Rule::method_entry => method(&place),
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

/// Before the body of a declaration.
fn head(place: &Place<'_>) -> Option<String> {
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

/// Fields and parameters, as other languages write them.
fn field(place: &Place<'_>) -> Option<String> {
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

fn is_digit(c: char) -> bool {
    c.is_ascii_digit()
}

/// Whether a word looks like a type.
fn is_type(word: &str) -> bool {
    let others = ["string", "bytes", "timestamp", "duration", "int", "float", "double", "byte", "boolean"];
    let is_known = others.contains(&word) || Scalar::ALL.iter().any(|(scalar, _)| *scalar == word);
    is_known || (word.starts_with(|c: char| c.is_ascii_uppercase()) && word.len() <= MAX_WORD)
}

fn member(place: &Place<'_>) -> Option<&'static str> {
    if place.word == "reserved" {
        return Some("what is reserved in an enum is values: `reserved 3, 5..9`");
    }
    Some(match place.token.text {
        ":" => "a value is written `name = 1`",
        "(" | "{" => "a member of an enum carries nothing; a variant of a `union` does",
        _ => return None,
    })
}

fn variant(place: &Place<'_>) -> Option<&'static str> {
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

fn method(place: &Place<'_>) -> Option<String> {
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

/// The nearest keyword, or all of them.
fn declaration(place: &Place<'_>) -> String {
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
    let nearest = DECLARATIONS.iter().filter(|_| text.len() <= expected::MAX_QUOTED).min_by_key(|word| distance(word));
    let near = nearest.filter(|word| distance(word) <= word.len().div_ceil(3));
    near.map(|word| format!("did you mean `{word}`?"))
}
