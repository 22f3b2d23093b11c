//! The typed tree of one file, as written. Names only `source` and `scalar`.
//!
//! Parsing never fails: what could not be read stands in the tree as `Broken`, and a diagnostic tells about it.

mod value;

pub use self::value::{Binary, Expr, ExprKind, Type, TypeKind, Unary};
pub use crate::scalar::Scalar;
use crate::source::Span;

/// A whole file.
#[derive(Debug, Clone, PartialEq)]
pub struct File {
    /// `//!` lines at the top.
    pub docs: Docs,
    /// `package a.b;`; `None` when it is missing or damaged (a diagnostic was given).
    pub package: Option<Package>,
    /// In the order written.
    pub imports: Vec<Import>,
    /// In the order written.
    pub items: Vec<Item>,
}

/// Doc lines, without their `///` or `//!` and without one space after it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Docs {
    /// One a line.
    pub lines: Vec<DocLine>,
}

/// One line of docs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocLine {
    /// The text after the marker and one space.
    pub text: String,
    /// The whole comment.
    pub span: Span,
}

/// An identifier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// As written.
    pub text: String,
    /// Where.
    pub span: Span,
}

/// One or more identifiers with dots between.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    /// At least one.
    pub parts: Vec<Name>,
    /// From the first to the last.
    pub span: Span,
}

/// `package demo.calculator;`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    /// The name.
    pub path: Path,
}

/// `import "geometry.rpc";`, `import "money/v1.rpc" as money;`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    /// The text between the quotes, escapes resolved.
    pub file: String,
    /// The string, quotes included.
    pub span: Span,
    /// The name after `as`: what the package is called in this file.
    pub alias: Option<Name>,
}

/// `@deprecated("why")`: something said about what follows, or about what it stands in.
#[derive(Debug, Clone, PartialEq)]
pub struct Annotation {
    /// The word after `@`.
    pub name: Name,
    /// What stands in parentheses; empty for none.
    pub args: Vec<Argument>,
    /// From `@` to the end.
    pub span: Span,
}

/// `"why"` or `derive = "Hash"`
#[derive(Debug, Clone, PartialEq)]
pub struct Argument {
    /// The word before `=`.
    pub name: Option<Name>,
    /// A literal, or an expression.
    pub value: Expr,
}

/// A declaration.
#[derive(Debug, Clone, PartialEq)]
pub enum Item {
    /// `const NAME: type = value;`
    Const(Const),
    /// `alias Name = type;`
    Alias(Alias),
    /// `enum` or `closed enum`.
    Enum(Enum),
    /// `flags` or `closed flags`: written as enums are.
    Flags(Enum),
    /// `struct`.
    Struct(Struct),
    /// `table`.
    Table(Table),
    /// `union` or `closed union`.
    Union(Union),
    /// `error`: written as unions are.
    Error(Union),
    /// `service`.
    Service(Service),
    /// What could not be read.
    Broken(Broken),
}

/// A damaged declaration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// All of it.
    pub span: Span,
    /// The name it seems to declare: an undefined use of that name is not reported.
    pub name: Option<Name>,
}

/// `const NAME: type = value;`
#[derive(Debug, Clone, PartialEq)]
pub struct Const {
    /// `///` lines.
    pub docs: Docs,
    /// In the order written.
    pub annotations: Vec<Annotation>,
    /// As written.
    pub name: Name,
    /// What it is.
    pub ty: Type,
    /// What it is worth.
    pub value: Expr,
}

/// `alias Name = type;`
#[derive(Debug, Clone, PartialEq)]
pub struct Alias {
    /// `///` lines.
    pub docs: Docs,
    /// In the order written.
    pub annotations: Vec<Annotation>,
    /// As written.
    pub name: Name,
    /// What it stands for.
    pub ty: Type,
}

/// `enum Op: u8 { Add = 1, Sub }`, `flags Access { Read = 1, Write = 2 }`
#[derive(Debug, Clone, PartialEq)]
pub struct Enum {
    /// `///` lines.
    pub docs: Docs,
    /// In the order written.
    pub annotations: Vec<Annotation>,
    /// Whether `closed` stands before it.
    pub closed: bool,
    /// As written.
    pub name: Name,
    /// The type after the colon.
    pub base: Option<Type>,
    /// In the order written.
    pub members: Vec<Member>,
    /// `reserved 3, 5..9` entries.
    pub reserved: Vec<Reserved>,
    /// Whether a member could not be read, so that it may look emptier than it is.
    pub damaged: bool,
}

/// A member of an enum or of flags.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    /// `///` lines.
    pub docs: Docs,
    /// In the order written.
    pub annotations: Vec<Annotation>,
    /// As written.
    pub name: Name,
    /// The expression after `=`.
    pub value: Option<Expr>,
}

/// One entry of a `reserved` list: `3`, or `5..9` (inclusive), or, where ordinals count, `@3` and `@5..@9`.
#[derive(Debug, Clone, PartialEq)]
pub struct Reserved {
    /// The first, or the only one.
    pub first: Expr,
    /// The last, included.
    pub last: Option<Expr>,
    /// The entry.
    pub span: Span,
}

/// `struct Point { x: f64, y: f64 }`
#[derive(Debug, Clone, PartialEq)]
pub struct Struct {
    /// `///` lines.
    pub docs: Docs,
    /// In the order written.
    pub annotations: Vec<Annotation>,
    /// As written.
    pub name: Name,
    /// In the order written.
    pub fields: Vec<Field>,
    /// Whether a field could not be read.
    pub damaged: bool,
}

/// `name: type`: a field of a struct or of a variant, a parameter, a named result.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// `///` lines.
    pub docs: Docs,
    /// In the order written.
    pub annotations: Vec<Annotation>,
    /// As written.
    pub name: Name,
    /// What it is.
    pub ty: Type,
}

/// `table Profile { name @1: string, age @2: u32 = 18 }`
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// `///` lines.
    pub docs: Docs,
    /// In the order written.
    pub annotations: Vec<Annotation>,
    /// As written.
    pub name: Name,
    /// In the order written.
    pub fields: Vec<TableField>,
    /// `reserved @3, @5..@9` entries.
    pub reserved: Vec<Reserved>,
    /// Whether a field could not be read.
    pub damaged: bool,
}

/// `age @2: u32 = 18`
#[derive(Debug, Clone, PartialEq)]
pub struct TableField {
    /// Name, type, docs and annotations.
    pub field: Field,
    /// The number after `@`, as an integer literal.
    pub ordinal: Expr,
    /// The expression after `=`.
    pub default: Option<Expr>,
}

/// `union Shape { circle @1: Circle, square @2 { side: f64 } }`, `error MathError { Overflow @2 { bits: u32 } }`
#[derive(Debug, Clone, PartialEq)]
pub struct Union {
    /// `///` lines.
    pub docs: Docs,
    /// In the order written.
    pub annotations: Vec<Annotation>,
    /// Whether `closed` stands before it; never of an error.
    pub closed: bool,
    /// As written.
    pub name: Name,
    /// In the order written.
    pub variants: Vec<Variant>,
    /// `reserved @3, @5..@9` entries.
    pub reserved: Vec<Reserved>,
    /// Whether a variant could not be read.
    pub damaged: bool,
}

/// A variant of a union or an error.
#[derive(Debug, Clone, PartialEq)]
pub struct Variant {
    /// `///` lines.
    pub docs: Docs,
    /// In the order written.
    pub annotations: Vec<Annotation>,
    /// As written.
    pub name: Name,
    /// The number after `@`, as an integer literal.
    pub ordinal: Expr,
    /// What it carries.
    pub payload: Payload,
    /// Whether a field of the payload could not be read.
    pub damaged: bool,
}

/// What a variant carries.
#[derive(Debug, Clone, PartialEq)]
pub enum Payload {
    /// `name @1`
    None,
    /// `name @1: Type`
    Type(Type),
    /// `name @1 { fields }`
    Fields(Vec<Field>),
}

/// `service Calculator { … }`
#[derive(Debug, Clone, PartialEq)]
pub struct Service {
    /// `///` lines.
    pub docs: Docs,
    /// In the order written.
    pub annotations: Vec<Annotation>,
    /// As written.
    pub name: Name,
    /// In the order written.
    pub methods: Vec<Method>,
    /// `reserved name, name;` entries.
    pub reserved: Vec<Name>,
}

/// `[oneway] name(params) [-> results] [throws Error];`
#[derive(Debug, Clone, PartialEq)]
pub struct Method {
    /// `///` lines.
    pub docs: Docs,
    /// In the order written.
    pub annotations: Vec<Annotation>,
    /// The word `oneway`, where it stands.
    pub oneway: Option<Span>,
    /// As written.
    pub name: Name,
    /// In the order written.
    pub params: Vec<Field>,
    /// What comes back.
    pub results: Results,
    /// The path after `throws`.
    pub throws: Option<Path>,
}

/// What a method gives back.
#[derive(Debug, Clone, PartialEq)]
pub enum Results {
    /// No `->`.
    None,
    /// `-> type`
    One(Type),
    /// `-> (a: A, b: B)`, with the span of the parentheses.
    Named(Vec<Field>, Span),
}
