//! Words for what the grammar would have taken.

use super::parser::Rule;

/// The longest part of the source that a message quotes, in characters.
pub(super) const MAX_QUOTED: usize = 40;

/// "`a`, `b` or `c`"; `None` when there is nothing to name.
pub(super) fn phrase(rules: &[Rule]) -> Option<String> {
    let mut words: Vec<&str> = relevant(rules).into_iter().filter_map(describe).collect();
    words.sort_unstable_by_key(|word| (word.starts_with('`'), *word));
    words.dedup();
    let (last, others) = words.split_last()?;
    Some(if others.is_empty() { (*last).to_owned() } else { format!("{} or {last}", others.join(", ")) })
}

/// Whether only a separator or closer was wanted, so that something is missing before this place.
pub(super) fn is_end(rules: &[Rule]) -> bool {
    let relevant = relevant(rules);
    !relevant.is_empty() && relevant.into_iter().all(|rule| role(rule) == Role::End)
}

/// Where something else would do, what could have gone on before it is of no interest. All that begins a value is one thing.
fn relevant(rules: &[Rule]) -> Vec<Rule> {
    if let Some((_, whole)) = WHOLES.iter().find(|(parts, _)| parts.iter().all(|part| rules.contains(part))) {
        return vec![*whole];
    }
    let has_other = rules.iter().any(|rule| role(*rule) != Role::More);
    rules.iter().copied().filter(|rule| !has_other || role(*rule) != Role::More).collect()
}

/// Where all of these would do, only the last is worth a word.
const WHOLES: [(&[Rule], Rule); 7] = [
    (&[Rule::empty_list, Rule::expr], Rule::expr),
    (&[Rule::open_bracket, Rule::expr], Rule::expr),
    (&[Rule::number, Rule::open_paren], Rule::expr),
    (&[Rule::kw_package, Rule::kw_service], Rule::item),
    (&[Rule::annotation_name, Rule::ident], Rule::ident),
    (&[Rule::annotation, Rule::ident], Rule::ident),
    (&[Rule::question, Rule::type_ref], Rule::type_ref),
];

#[derive(PartialEq, Eq)]
enum Role {
    /// Ends what came before.
    End,
    /// Would go on with what came before.
    More,
    Other,
}

fn role(rule: Rule) -> Role {
    use Rule::{
        ampersand, caret, close_angle, close_brace, close_paren, comma, dot, dot_dot, infix, minus, missing_brace,
        missing_comma, missing_comma_before_member, missing_comma_before_variant, missing_paren, missing_semicolon,
        missing_semicolon_after_method, percent, pipe, plus, question, semicolon, shift_left, shift_right, slash, star,
        wrong_comma, wrong_default, wrong_semicolon,
    };
    match rule {
        close_angle
        | close_brace
        | close_paren
        | comma
        | missing_brace
        | missing_comma
        | missing_comma_before_member
        | missing_comma_before_variant
        | missing_paren
        | missing_semicolon
        | missing_semicolon_after_method
        | semicolon
        | wrong_comma
        | wrong_default
        | wrong_semicolon => Role::End,
        ampersand | caret | dot | dot_dot | infix | minus | percent | pipe | plus | question | shift_left
        | shift_right | slash | star => Role::More,
        _ => Role::Other,
    }
}

/// How a message names what a rule matches; `None` for what is never wanted by itself.
#[expect(clippy::too_many_lines, reason = "one line a rule; the match is exhaustive so that none is forgotten")]
fn describe(rule: Rule) -> Option<&'static str> {
    Some(match rule {
        Rule::EOI => "the end of the file",
        Rule::file
        | Rule::item
        | Rule::package
        | Rule::import
        | Rule::constant
        | Rule::alias
        | Rule::enumeration
        | Rule::flag_set
        | Rule::structure
        | Rule::table
        | Rule::union
        | Rule::error
        | Rule::service => "a declaration",
        Rule::field | Rule::field_entry | Rule::table_field | Rule::table_entry => "a field",
        Rule::annotation | Rule::annotation_name => "an annotation",
        Rule::argument => "an argument",
        Rule::empty_list | Rule::open_bracket => "`[`",
        Rule::close_bracket => "`]`",
        Rule::param | Rule::param_entry => "a parameter",
        Rule::member | Rule::member_entry => "a member",
        Rule::variant | Rule::variant_entry => "a variant",
        Rule::method | Rule::method_entry => "a method",
        Rule::type_ref
        | Rule::type_word
        | Rule::stream_type
        | Rule::list_type
        | Rule::array_type
        | Rule::map_type
        | Rule::string_type
        | Rule::bytes_type => "a type",
        Rule::bound => "a bound",
        Rule::expr | Rule::primary | Rule::prefix | Rule::parenthesised => "a value",
        Rule::infix => "an operator",
        Rule::ident | Rule::path => "a name",
        Rule::string => "a string",
        Rule::ordinal => "a number from 1 to 8191",
        Rule::number | Rule::based | Rule::decimal | Rule::digits => "a number",
        Rule::reserved_value | Rule::value_range => "a reserved value",
        Rule::ordinal_range => "a reserved ordinal",
        Rule::fields | Rule::table_fields | Rule::members | Rule::variants | Rule::methods | Rule::open_brace => "`{`",
        Rule::params | Rule::open_paren => "`(`",
        Rule::close_brace | Rule::missing_brace | Rule::brace_end => "`}`",
        Rule::close_paren | Rule::missing_paren | Rule::paren_end => "`)`",
        Rule::open_angle => "`<`",
        Rule::close_angle => "`>`",
        Rule::semicolon | Rule::missing_semicolon | Rule::missing_semicolon_after_method | Rule::end => "`;`",
        Rule::comma | Rule::missing_comma | Rule::missing_comma_before_member | Rule::missing_comma_before_variant => {
            "`,`"
        }
        Rule::colon | Rule::payload_type => "`:`",
        Rule::dot => "`.`",
        Rule::dot_dot => "`..`",
        Rule::at => "`@`",
        Rule::default | Rule::equals => "`=`",
        Rule::question => "`?`",
        Rule::arrow | Rule::results => "`->`",
        Rule::plus => "`+`",
        Rule::minus | Rule::negate => "`-`",
        Rule::star => "`*`",
        Rule::slash => "`/`",
        Rule::percent => "`%`",
        Rule::shift_left => "`<<`",
        Rule::shift_right => "`>>`",
        Rule::ampersand => "`&`",
        Rule::pipe => "`|`",
        Rule::caret => "`^`",
        Rule::tilde => "`~`",
        Rule::kw_package => "`package`",
        Rule::kw_import => "`import`",
        Rule::kw_const => "`const`",
        Rule::kw_alias => "`alias`",
        Rule::kw_closed => "`closed`",
        Rule::kw_enum => "`enum`",
        Rule::kw_flags => "`flags`",
        Rule::kw_table => "`table`",
        Rule::kw_union => "`union`",
        Rule::kw_struct => "`struct`",
        Rule::kw_error => "`error`",
        Rule::kw_service => "`service`",
        Rule::kw_as => "`as`",
        Rule::kw_stream => "`stream`",
        Rule::kw_list => "`list`",
        Rule::kw_array => "`array`",
        Rule::kw_map => "`map`",
        Rule::kw_string => "`string`",
        Rule::kw_bytes => "`bytes`",
        Rule::kw_throws | Rule::throws => "`throws`",
        Rule::kw_oneway
        | Rule::oneway
        | Rule::kw_reserved
        | Rule::reserved_names
        | Rule::reserved_ordinals
        | Rule::reserved_values
        | Rule::wrong_comma
        | Rule::wrong_semicolon
        | Rule::wrong_default
        | Rule::annotated
        | Rule::skimmed_arguments
        | Rule::bad_bracketed
        | Rule::bad_brackets
        | Rule::bad_array
        | Rule::bad_array_part
        | Rule::bad_reserved
        | Rule::bad_method_part
        | Rule::bad_body
        | Rule::method_start
        | Rule::annotated_method
        | Rule::next_field
        | Rule::throws_start
        | Rule::at_item
        | Rule::word_rest
        | Rule::token
        | Rule::gap
        | Rule::bad_item
        | Rule::bad_block
        | Rule::bad_inner_block
        | Rule::bad_field
        | Rule::bad_member
        | Rule::bad_table_field
        | Rule::bad_variant
        | Rule::bad_param
        | Rule::bad_method
        | Rule::bad_entry
        | Rule::bad_group
        | Rule::bad_angles
        | Rule::bad_parens
        | Rule::bad_stop
        | Rule::param_stop
        | Rule::WHITESPACE => return None,
    })
}

/// Whether something of this name was expected.
pub(super) fn describes(rules: &[Rule], word: &str) -> bool {
    rules.iter().any(|rule| describe(*rule) == Some(word))
}

/// Source text as a message shows it: short, and with nothing invisible.
pub(super) fn quoted(text: &str) -> String {
    let mut chars = text.chars();
    if let (Some(c), None) = (chars.next(), chars.next())
        && !c.is_ascii_graphic()
        && !c.is_alphanumeric()
    {
        return if is_visible(c) {
            format!("`{c}` (U+{:04X})", u32::from(c))
        } else {
            format!("the character U+{:04X}", u32::from(c))
        };
    }
    let short: String = text.chars().take(MAX_QUOTED).collect();
    if short.len() < text.len() { format!("`{short}…`") } else { format!("`{short}`") }
}

/// Whether a terminal surely shows it: punctuation and symbols, not controls, spaces or marks of direction.
fn is_visible(c: char) -> bool {
    matches!(c, '¡'..='¬' | '®'..='ÿ' | '–'..='‧' | '‰'..='⁞' | '₠'..='⯿' | '、'..='】')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phrases_name_each_thing_once_and_ends_before_all_else() {
        assert_eq!(phrase(&[Rule::semicolon]).as_deref(), Some("`;`"));
        assert_eq!(
            phrase(&[Rule::question, Rule::comma, Rule::missing_comma, Rule::close_brace]).as_deref(),
            Some("`,` or `}`")
        );
        assert_eq!(phrase(&[Rule::kw_enum, Rule::type_ref, Rule::colon]).as_deref(), Some("a type, `:` or `enum`"));
        assert_eq!(phrase(&[Rule::bad_item]), None);
    }

    #[test]
    fn ends_are_known_by_what_else_would_do() {
        assert!(is_end(&[Rule::question, Rule::comma]));
        assert!(!is_end(&[Rule::comma, Rule::equals]) && !is_end(&[Rule::infix]) && !is_end(&[]));
    }

    #[test]
    fn quotes_are_short_and_show_what_is_invisible() {
        assert_eq!(quoted("struct"), "`struct`");
        assert_eq!(quoted("\u{202e}"), "the character U+202E");
        assert_eq!(quoted("“"), "`“` (U+201C)");
        assert_eq!(quoted(&"x".repeat(50)), format!("`{}…`", "x".repeat(40)));
    }
}
