//! Walks over the parts of a node, past the punctuation and keywords that nobody asks for.

use super::parser::{Node, Nodes, Rule};
use super::reporter::span;
use super::scan::is_space;
use crate::source::Span;

/// The parts of a node that are still to be read.
pub(super) struct Parts<'i>(Nodes<'i>);

/// The parts of a node.
pub(super) fn parts(node: Node<'_>) -> Parts<'_> {
    Parts(node.into_inner())
}

impl<'i> Parts<'i> {
    /// The next part, which the grammar says is there.
    pub(super) fn one(&mut self, rule: Rule) -> Node<'i> {
        self.opt(rule).unwrap_or_else(|| unreachable!("the grammar puts `{rule:?}` here"))
    }

    /// The next part if it is of this rule.
    pub(super) fn opt(&mut self, rule: Rule) -> Option<Node<'i>> {
        while let Some(node) = self.0.peek() {
            if node.as_rule() == rule {
                return self.0.next();
            }
            if !is_noise(node.as_rule()) {
                return None;
            }
            self.0.next();
        }
        None
    }
}

impl<'i> Iterator for Parts<'i> {
    type Item = Node<'i>;

    /// The next part that is neither punctuation nor a keyword.
    fn next(&mut self) -> Option<Node<'i>> {
        self.0.by_ref().find(|node| !is_noise(node.as_rule()))
    }
}

/// Where a node stands, without the white space after it.
pub(super) fn place(node: &Node<'_>) -> Span {
    let start = node.as_span().start();
    span(start, start + node.as_str().trim_end_matches(is_space).len())
}

/// Tokens that say nothing once the rule around them is known.
fn is_noise(rule: Rule) -> bool {
    is_keyword(rule) || is_punctuation(rule)
}

fn is_keyword(rule: Rule) -> bool {
    use Rule::{
        kw_alias, kw_array, kw_as, kw_bytes, kw_closed, kw_const, kw_enum, kw_error, kw_flags, kw_import, kw_list,
        kw_map, kw_oneway, kw_package, kw_reserved, kw_service, kw_stream, kw_string, kw_struct, kw_table, kw_throws,
        kw_union,
    };
    matches!(
        rule,
        kw_alias
            | kw_array
            | kw_as
            | kw_bytes
            | kw_closed
            | kw_const
            | kw_enum
            | kw_error
            | kw_flags
            | kw_import
            | kw_list
            | kw_map
            | kw_oneway
            | kw_package
            | kw_reserved
            | kw_service
            | kw_stream
            | kw_string
            | kw_struct
            | kw_table
            | kw_throws
            | kw_union
    )
}

fn is_punctuation(rule: Rule) -> bool {
    use Rule::{
        EOI, arrow, at, close_angle, close_brace, close_bracket, close_paren, colon, comma, dot, dot_dot, equals,
        open_angle, open_brace, open_bracket, open_paren, semicolon,
    };
    matches!(
        rule,
        EOI | arrow
            | at
            | close_angle
            | close_brace
            | close_bracket
            | close_paren
            | colon
            | comma
            | dot
            | dot_dot
            | equals
            | open_angle
            | open_brace
            | open_bracket
            | open_paren
            | semicolon
    )
}
