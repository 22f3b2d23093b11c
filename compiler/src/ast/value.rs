//! Types and constant expressions, as written.

use super::Path;
use crate::scalar::Scalar;
use crate::source::Span;

/// A type as written.
#[derive(Debug, Clone, PartialEq)]
pub struct Type {
    /// Which.
    pub kind: TypeKind,
    /// All of it.
    pub span: Span,
}

/// The forms of a type.
#[derive(Debug, Clone, PartialEq)]
pub enum TypeKind {
    /// `bool`, `i8` … `f64`
    Scalar(Scalar),
    /// `timestamp`
    Timestamp,
    /// `duration`
    Duration,
    /// `string` or `string<N>`
    String(Option<Expr>),
    /// `bytes` or `bytes<N>`
    Bytes(Option<Expr>),
    /// `list<T>` or `list<T, N>`
    List(Box<Type>, Option<Expr>),
    /// `array<T, N>`
    Array(Box<Type>, Expr),
    /// `map<K, V>` or `map<K, V, N>`
    Map(Box<Type>, Box<Type>, Option<Expr>),
    /// `T?`
    Optional(Box<Type>),
    /// `stream T`: good as a parameter or a result only.
    Stream(Box<Type>),
    /// A declared type, perhaps of another package.
    Named(Path),
    /// What could not be read (a diagnostic was given).
    Broken,
}

/// A constant expression.
#[derive(Debug, Clone, PartialEq)]
pub struct Expr {
    /// Which.
    pub kind: ExprKind,
    /// All of it.
    pub span: Span,
}

/// The forms of a constant expression.
#[derive(Debug, Clone, PartialEq)]
pub enum ExprKind {
    /// An integer literal; one over 2¹²⁷ − 1 is a diagnostic and `Broken`.
    Int(i128),
    /// A float literal.
    Float(f64),
    /// `true` or `false`
    Bool(bool),
    /// A string literal, escapes resolved.
    String(String),
    /// `250ms`, in nanoseconds; one over 2⁶⁴ − 1 is a diagnostic and `Broken`.
    Duration(u64),
    /// `[]`
    EmptyList,
    /// A constant, a member of an enum or flags, or `Enum.Member`, perhaps of another package.
    Name(Path),
    /// `-x` or `~x`
    Unary(Unary, Box<Expr>),
    /// `x + y` …
    Binary(Binary, Box<Expr>, Box<Expr>),
    /// What could not be read (a diagnostic was given).
    Broken,
}

/// Operators before an operand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unary {
    /// `-`
    Negate,
    /// `~`
    Not,
}

/// Operators between operands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Binary {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`, rounding towards zero
    Divide,
    /// `%`, with the sign of the dividend
    Remainder,
    /// `<<`
    ShiftLeft,
    /// `>>`
    ShiftRight,
    /// `&`
    And,
    /// `|`
    Or,
    /// `^`
    Xor,
}
