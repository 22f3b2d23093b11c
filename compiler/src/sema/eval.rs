//! What a constant expression is worth.

use std::borrow::Cow;

use super::{
    arithmetic::{self, Trouble},
    fit,
    types::Types,
    uses::{Use, Uses},
};
use crate::{
    ast::{Binary, Expr, ExprKind, Item as Tree, Unary},
    diag::{Code, Diagnostic, Diagnostics},
    ir::{ItemId, Value},
    source::{Location, Span},
};

/// Works out expressions, given the constants that they name.
pub(super) struct Evaluator<'e> {
    pub(super) types: &'e Types<'e>,
    pub(super) uses: &'e Uses,
    /// By [`ItemId`]; `None` for what has no value (that was reported).
    pub(super) consts: &'e [Option<Value>],
    /// Flags whose members count as their numbers: those that are being worked out.
    pub(super) siblings: Option<Siblings<'e>>,
}

/// The members of flags of which another member is made.
#[derive(Clone, Copy)]
pub(super) struct Siblings<'e> {
    pub(super) of: ItemId,
    /// As far as they are worked out: the next one is being looked at.
    pub(super) values: &'e [Option<i128>],
}

impl Siblings<'_> {
    fn member(self, index: usize, at: Location, found: &mut Diagnostics) -> Known<'static> {
        if let Some(value) = self.values.get(index) {
            return value.map(|value| Cow::Owned(Value::Int(value)));
        }
        let message = "a member of flags can only combine members that stand before it";
        let finding = Diagnostic::new(Code::LaterMember, at, message);
        found.push(finding.help("give the single bits first, then what combines them"));
        None
    }
}

/// What is left to do; the operands of an operator lie on a stack of values.
enum Task<'a> {
    Eval(&'a Expr),
    Unary(Unary, &'a Expr, Span),
    Binary(Binary, &'a Expr, &'a Expr, Span),
}

/// A value, or `None` where there is none and that was reported. A constant's value is not copied: it may be a long text.
type Known<'e> = Option<Cow<'e, Value>>;

impl<'e> Evaluator<'e> {
    /// The value; `None` where it has none, which is reported here unless it was before. A long sum is a deep tree, so
    /// this keeps a stack of its own.
    pub(super) fn eval(&self, file: usize, expr: &Expr, found: &mut Diagnostics) -> Known<'e> {
        let mut tasks = vec![Task::Eval(expr)];
        let mut values: Vec<Known<'e>> = Vec::new();
        while let Some(task) = tasks.pop() {
            let value = match task {
                Task::Eval(expr) => match self.leaf(file, expr, &mut tasks, found) {
                    Some(value) => value,
                    None => continue,
                },
                Task::Unary(op, operand, span) => {
                    let value = values.pop().flatten();
                    value.and_then(|value| self.unary(file, op, (value, operand.span), span, found))
                }
                Task::Binary(op, left, right, span) => {
                    let (b, a) = (values.pop().flatten(), values.pop().flatten());
                    let place = span.within(self.types.names.file_id(file));
                    if self.are_members(a.as_deref(), b.as_deref(), place, found) {
                        values.push(None);
                        continue;
                    }
                    let (a, b) = (self.integer(file, a, left.span, found), self.integer(file, b, right.span, found));
                    a.zip(b).and_then(|(a, b)| settle(arithmetic::binary(op, a, b), place, found))
                }
            };
            values.push(value);
        }
        values.pop().flatten()
    }

    /// The integer that an expression must be; anything else is reported.
    pub(super) fn whole(&self, file: usize, expr: &Expr, found: &mut Diagnostics) -> Option<i128> {
        let value = self.eval(file, expr, found);
        self.integer(file, value, expr.span, found)
    }

    /// The value of what has no operands; otherwise `None` and its operands are made tasks.
    fn leaf<'a>(
        &self,
        file: usize,
        expr: &'a Expr,
        tasks: &mut Vec<Task<'a>>,
        found: &mut Diagnostics,
    ) -> Option<Known<'e>> {
        let literal = match &expr.kind {
            ExprKind::Int(number) => Value::Int(*number),
            ExprKind::Float(number) => Value::Float(*number),
            ExprKind::Bool(value) => Value::Bool(*value),
            ExprKind::String(text) => Value::String(text.clone()),
            ExprKind::Duration(nanoseconds) => Value::Duration(*nanoseconds),
            ExprKind::EmptyList => Value::Empty,
            ExprKind::Name(path) => return Some(self.named(path.span.within(self.types.names.file_id(file)), found)),
            ExprKind::Broken => return Some(None),
            ExprKind::Unary(op, operand) => {
                tasks.extend([Task::Unary(*op, operand, expr.span), Task::Eval(operand)]);
                return None;
            }
            ExprKind::Binary(op, left, right) => {
                let operator = Task::Binary(*op, left, right, expr.span);
                tasks.extend([operator, Task::Eval(right), Task::Eval(left)]);
                return None;
            }
        };
        Some(Some(Cow::Owned(literal)))
    }

    fn named(&self, at: Location, found: &mut Diagnostics) -> Known<'e> {
        match self.uses.values.get(&at)? {
            Use::Const(ItemId(id)) => self.consts.get(*id as usize)?.as_ref().map(Cow::Borrowed),
            Use::Member(of, index) => match self.siblings.filter(|siblings| siblings.of == *of) {
                Some(siblings) => siblings.member(*index, at, found),
                None => Some(Cow::Owned(Value::Member(*of, *index))),
            },
        }
    }

    fn unary(
        &self,
        file: usize,
        op: Unary,
        (value, operand): (Cow<'e, Value>, Span),
        span: Span,
        found: &mut Diagnostics,
    ) -> Known<'e> {
        if let (Unary::Negate, Value::Float(number)) = (op, &*value) {
            return Some(Cow::Owned(Value::Float(-number)));
        }
        let number = self.integer(file, Some(value), operand, found)?;
        settle(arithmetic::unary(op, number), span.within(self.types.names.file_id(file)), found)
    }

    /// Reports an operator between members: what they make has no name.
    fn are_members(&self, a: Option<&Value>, b: Option<&Value>, at: Location, found: &mut Diagnostics) -> bool {
        let (Some(Value::Member(of, _)), Some(Value::Member(..))) = (a, b) else { return false };
        let name = &self.types.names.item(*of).name.text;
        let finding = Diagnostic::new(Code::WrongValue, at, format!("members of `{name}` cannot be combined here"));
        found.push(match self.types.names.item(*of).tree {
            Tree::Flags(_) => finding.help(format!("give the combination a name in `{name}`, and use that")),
            _ => finding.help("an operator is for integers"),
        });
        true
    }

    fn integer(&self, file: usize, value: Known<'e>, span: Span, found: &mut Diagnostics) -> Option<i128> {
        let value = value?;
        if let Value::Int(number) = *value {
            return Some(number);
        }
        let message = format!("an integer is needed here, and this is {}", fit::describe(self.types.names, &value));
        let place = span.within(self.types.names.file_id(file));
        found.push(Diagnostic::new(Code::WrongValue, place, message));
        None
    }
}

fn settle(result: Result<i128, Trouble>, at: Location, found: &mut Diagnostics) -> Known<'static> {
    let finding = match result {
        Ok(number) => return Some(Cow::Owned(Value::Int(number))),
        Err(Trouble::Overflow) => Diagnostic::new(Code::ConstOverflow, at, "this takes more than 128 bits"),
        Err(Trouble::DivisionByZero) => Diagnostic::new(Code::DivisionByZero, at, "this divides by zero"),
        Err(Trouble::Shift(by)) => {
            Diagnostic::new(Code::BadShift, at, format!("this shifts by {by} bits")).help("a shift is by 0 to 127 bits")
        }
    };
    found.push(finding);
    None
}
