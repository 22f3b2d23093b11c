//! Rendered templates as finished Rust: parsed, which proves that it is Rust, and laid out.

use syn::{File, Item};

use crate::backend::InternalError;

/// Lays out the Rust items that one item of the interface became, with a blank line between them and an attribute for each.
///
/// # Errors
///
/// When the text is not Rust, which is a mistake of a template; `origin` is the item of the interface.
pub(super) fn items(origin: &str, text: &str, attribute: Option<&str>) -> Result<String, InternalError> {
    let file = syn::parse_file(text).map_err(|error| not_rust(origin, text, &error))?;
    let items = file.items.into_iter().map(|item| with_attribute(self::item(item), attribute));
    Ok(items.collect::<Vec<_>>().join("\n"))
}

/// Puts an attribute between an item's docs and the item.
fn with_attribute(text: String, attribute: Option<&str>) -> String {
    let Some(attribute) = attribute else { return text };
    let docs: usize = text.split_inclusive('\n').take_while(|line| line.starts_with("///")).map(str::len).sum();
    let (docs, item) = text.split_at(docs);
    format!("{docs}{attribute}\n{item}")
}

fn not_rust(origin: &str, text: &str, error: &syn::Error) -> InternalError {
    InternalError { item: origin.to_owned(), reason: error.to_string(), code: text.to_owned() }
}

fn item(item: Item) -> String {
    let has_members = matches!(item, Item::Impl(_) | Item::Trait(_) | Item::Mod(_));
    let text = prettyplease::unparse(&File { shebang: None, attrs: Vec::new(), items: vec![item] });
    if has_members { with_blank_lines(&with_long_functions_allowed(&text)) } else { text }
}

/// What a function begins with.
const FUNCTIONS: [&str; 5] = ["fn ", "pub fn ", "pub const fn ", "async fn ", "pub async fn "];

/// Allows functions to have more than a hundred lines: as many as the interface has parts.
fn with_long_functions_allowed(text: &str) -> String {
    let lines: Vec<_> = text.lines().collect();
    let mut result = String::new();
    for (at, line) in lines.iter().enumerate() {
        let begins = member_line(line).is_some_and(|rest| FUNCTIONS.iter().any(|word| rest.starts_with(word)));
        // A function that a trait only declares ends with its signature.
        if begins && lines[at..].iter().take_while(|line| !ends_member(line)).count() > 100 {
            result.push_str("    #[allow(clippy::too_many_lines, reason = \"the interface has that many parts\")]\n");
        }
        result.push_str(line);
        result.push('\n');
    }
    result
}

/// Puts a blank line between members that take more than a line.
fn with_blank_lines(text: &str) -> String {
    let mut result = String::new();
    let mut previous = "";
    for line in text.lines() {
        if (ends_member(previous) || ends_chain(previous))
            && begins_member(line)
            && !(is_one_line(previous) && is_one_line(line))
        {
            result.push('\n');
        }
        result.push_str(line);
        result.push('\n');
        previous = line;
    }
    result
}

fn member_line(line: &str) -> Option<&str> {
    line.strip_prefix("    ").filter(|rest| !rest.starts_with(' '))
}

fn ends_member(line: &str) -> bool {
    member_line(line).is_some_and(|rest| (rest.ends_with('}') || rest.ends_with(';')) && !rest.starts_with("///"))
}

/// The last line of a constant or a static whose value is a chain of calls.
fn ends_chain(line: &str) -> bool {
    line.trim_start().starts_with('.') && line.ends_with(';')
}

fn begins_member(line: &str) -> bool {
    member_line(line).is_some_and(|rest| !rest.starts_with(['}', ')']))
}

/// A constant, a static: a whole member on one line. Functions stand apart even then.
fn is_one_line(line: &str) -> bool {
    member_line(line).is_some_and(|rest| {
        rest.ends_with(';') && ["const ", "pub(super) static "].iter().any(|word| rest.starts_with(word))
    })
}
