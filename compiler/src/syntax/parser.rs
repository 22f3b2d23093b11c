//! The parser that pest makes of the grammar.

use pest::Parser as _;
use pest::error::{Error, ErrorVariant, InputLocation};
use pest::iterators::{Pair, Pairs};
use pest_derive::Parser;

#[derive(Parser)]
#[grammar = "syntax/grammar.pest"]
struct Grammar;

/// A rule's match.
pub(super) type Node<'i> = Pair<'i, Rule>;

/// Where a strict rule could not go on, and what it would have taken there.
pub(super) struct Failure {
    pub(super) at: usize,
    pub(super) expected: Vec<Rule>,
}

/// The tree of a whole file; `None` only when there is no stack for it.
pub(super) fn file(text: &str) -> Option<Node<'_>> {
    Grammar::parse(Rule::file, text).ok()?.next()
}

/// Why a text does not begin with a match of the rule; `None` if it does.
pub(super) fn failure(rule: Rule, text: &str) -> Option<Failure> {
    Grammar::parse(rule, text).err().map(explain)
}

fn explain(error: Error<Rule>) -> Failure {
    let (InputLocation::Pos(at) | InputLocation::Span((at, _))) = error.location;
    let expected = match error.variant {
        ErrorVariant::ParsingError { positives, .. } => positives,
        ErrorVariant::CustomError { .. } => Vec::new(),
    };
    Failure { at, expected }
}

/// The parts of a node, one after the other.
pub(super) type Nodes<'i> = Pairs<'i, Rule>;
