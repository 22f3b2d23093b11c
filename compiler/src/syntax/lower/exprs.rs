//! Constant expressions, with the precedence that Rust has.

use std::sync::LazyLock;

use pest::iterators::Pair;
use pest::pratt_parser::{Assoc, Op, PrattParser};

use super::Lower;
use super::names;
use crate::ast::{Binary, Expr, ExprKind, Unary};
use crate::syntax::cursor::{parts, place};
use crate::syntax::parser::{Node, Rule};

static PRATT: LazyLock<PrattParser<Rule>> = LazyLock::new(|| {
    let left = |rule| Op::infix(rule, Assoc::Left);
    PrattParser::new()
        .op(left(Rule::pipe))
        .op(left(Rule::caret))
        .op(left(Rule::ampersand))
        .op(left(Rule::shift_left) | left(Rule::shift_right))
        .op(left(Rule::plus) | left(Rule::minus))
        .op(left(Rule::star) | left(Rule::slash) | left(Rule::percent))
        .op(Op::prefix(Rule::negate) | Op::prefix(Rule::tilde))
});

impl Lower<'_, '_> {
    /// An `expr`, a `bound` or a `reserved_value`: operands with operators before and between.
    pub(super) fn expr(&mut self, node: Node<'_>) -> Expr {
        PRATT
            .map_primary(|operand| self.primary(operand))
            .map_prefix(|operator, operand| unary(&operator, operand))
            .map_infix(|left, operator, right| binary(left, &operator, right))
            .parse(node.into_inner())
    }

    /// An operand.
    pub(super) fn primary(&mut self, node: Node<'_>) -> Expr {
        let span = place(&node);
        let kind = match node.as_rule() {
            Rule::number => self.number(&node),
            Rule::string => self.string(&node).map_or(ExprKind::Broken, ExprKind::String),
            Rule::parenthesised => self.expr(parts(node).one(Rule::expr)).kind,
            _ => named_value(node),
        };
        Expr { kind, span }
    }
}

fn named_value(node: Node<'_>) -> ExprKind {
    match node.as_str().trim_end() {
        "true" => ExprKind::Bool(true),
        "false" => ExprKind::Bool(false),
        _ => ExprKind::Name(names::path(node)),
    }
}

fn unary(operator: &Pair<'_, Rule>, operand: Expr) -> Expr {
    let span = place(operator).to(operand.span);
    let operator = if operator.as_rule() == Rule::negate { Unary::Negate } else { Unary::Not };
    Expr { kind: ExprKind::Unary(operator, Box::new(operand)), span }
}

fn binary(left: Expr, operator: &Pair<'_, Rule>, right: Expr) -> Expr {
    let span = left.span.to(right.span);
    let operator = match operator.as_rule() {
        Rule::plus => Binary::Add,
        Rule::minus => Binary::Subtract,
        Rule::star => Binary::Multiply,
        Rule::slash => Binary::Divide,
        Rule::percent => Binary::Remainder,
        Rule::shift_left => Binary::ShiftLeft,
        Rule::shift_right => Binary::ShiftRight,
        Rule::ampersand => Binary::And,
        Rule::pipe => Binary::Or,
        _ => Binary::Xor,
    };
    Expr { kind: ExprKind::Binary(operator, Box::new(left), Box::new(right)), span }
}
