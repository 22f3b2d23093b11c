//! What stands between the braces of a declaration.

use super::Lower;
use super::names::path;
use crate::ast::{self, Field, Member, Method, Payload, Reserved, Results, TableField, Variant};
use crate::diag::Code;
use crate::source::Span;
use crate::syntax::cursor::{Parts, parts, place};
use crate::syntax::parser::{Node, Rule};
use crate::syntax::recover::token_at;

/// The entries of a body.
pub(super) struct Body<T, R = Reserved> {
    pub(super) entries: Vec<T>,
    pub(super) reserved: Vec<R>,
    /// Whether any could not be read.
    pub(super) damaged: bool,
}

impl<T, R> Body<T, R> {
    fn new() -> Self {
        Self { entries: Vec::new(), reserved: Vec::new(), damaged: false }
    }
}

impl Lower<'_, '_> {
    pub(super) fn fields(&mut self, node: Node<'_>) -> Body<Field> {
        self.body(node, Rule::field_entry, |lower, docs, node, body| body.entries.push(lower.field(docs, node)))
    }

    pub(super) fn table_fields(&mut self, node: Node<'_>) -> Body<TableField> {
        self.body(node, Rule::table_entry, |lower, docs, node, body| match node.as_rule() {
            Rule::reserved_ordinals => {
                body.reserved.extend(lower.reserved(node).map(|range| lower.ordinal_range(range)));
            }
            _ => body.entries.push(lower.table_field(docs, node)),
        })
    }

    pub(super) fn members(&mut self, node: Node<'_>) -> Body<Member> {
        self.body(node, Rule::member_entry, |lower, docs, node, body| match node.as_rule() {
            Rule::reserved_values => body.reserved.extend(lower.reserved(node).map(|range| lower.value_range(range))),
            _ => body.entries.push(lower.member(docs, node)),
        })
    }

    pub(super) fn variants(&mut self, node: Node<'_>) -> Body<Variant> {
        self.body(node, Rule::variant_entry, |lower, docs, node, body| match node.as_rule() {
            Rule::reserved_ordinals => {
                body.reserved.extend(lower.reserved(node).map(|range| lower.ordinal_range(range)));
            }
            _ => body.entries.push(lower.variant(docs, node)),
        })
    }

    pub(super) fn methods(&mut self, node: Node<'_>) -> Body<Method, ast::Name> {
        self.body(node, Rule::method_entry, |lower, docs, node, body| match node.as_rule() {
            Rule::reserved_names => body.reserved.extend(lower.reserved(node).map(|name| lower.name(&name))),
            _ => body.entries.push(lower.method(docs, node)),
        })
    }

    /// Goes over the entries of a body: good ones to `good`, bad ones to a diagnostic.
    fn body<T, R>(
        &mut self,
        node: Node<'_>,
        strict: Rule,
        mut good: impl FnMut(&mut Self, ast::Docs, Node<'_>, &mut Body<T, R>),
    ) -> Body<T, R> {
        let opener = Span::new(place(&node).lo, place(&node).lo + 1);
        let mut body = Body::new();
        for entry in parts(node) {
            match entry.as_rule() {
                rule if rule == strict => {
                    let mut kids = parts(entry);
                    if let Some(node) = kids.next() {
                        let docs = self.entry_docs(&node);
                        good(self, docs, node, &mut body);
                    }
                    self.end(kids.next());
                }
                Rule::missing_brace | Rule::missing_paren => self.unclosed(&entry, opener),
                _ => {
                    body.damaged = true;
                    self.bad_slice(&entry, strict);
                }
            }
        }
        body
    }

    /// Docs go to entries that have a name, not to lists of reserved ones.
    fn entry_docs(&mut self, node: &Node<'_>) -> ast::Docs {
        match node.as_rule() {
            Rule::reserved_values | Rule::reserved_ordinals | Rule::reserved_names => ast::Docs::default(),
            _ => self.docs_of(node),
        }
    }

    /// The docs before a node, and those between its annotations and its name.
    pub(super) fn docs_of(&mut self, node: &Node<'_>) -> ast::Docs {
        let mut docs = self.docs.take(place(node).lo);
        let annotations = node.clone().into_inner().take_while(|part| part.as_rule() == Rule::annotation);
        for annotation in annotations {
            let next = token_at(self.text, place(&annotation).hi as usize);
            docs.lines.extend(self.docs.take(next.lo).lines);
        }
        docs
    }

    /// What is reserved; annotations before it are refused.
    fn reserved<'i>(&mut self, node: Node<'i>) -> Parts<'i> {
        let mut kids = parts(node);
        let annotations = self.annotations(&mut kids);
        self.refuse_annotations(&annotations, "what is reserved has no annotations");
        kids
    }

    /// A field of a struct or a variant, a parameter or a result.
    fn field(&mut self, docs: ast::Docs, node: Node<'_>) -> Field {
        let mut kids = parts(node);
        let annotations = self.annotations(&mut kids);
        let name = self.name(&kids.one(Rule::ident));
        let ty = self.type_ref(kids.one(Rule::type_ref));
        if let Some(default) = kids.opt(Rule::wrong_default) {
            let message = "only fields of tables have defaults";
            self.complain(Code::Syntax, place(&default), message, "leave it out, or make a `table` of this");
        }
        Field { docs, annotations, name, ty }
    }

    fn table_field(&mut self, docs: ast::Docs, node: Node<'_>) -> TableField {
        let mut kids = parts(node);
        let annotations = self.annotations(&mut kids);
        let name = self.name(&kids.one(Rule::ident));
        let ordinal = self.ordinal(kids.one(Rule::ordinal));
        let ty = self.type_ref(kids.one(Rule::type_ref));
        let default = kids.opt(Rule::default).and_then(|default| parts(default).next());
        let default = default.map(|value| match value.as_rule() {
            Rule::empty_list => ast::Expr { kind: ast::ExprKind::EmptyList, span: place(&value) },
            _ => self.expr(value),
        });
        TableField { field: Field { docs, annotations, name, ty }, ordinal, default }
    }

    fn member(&mut self, docs: ast::Docs, node: Node<'_>) -> Member {
        let mut kids = parts(node);
        let annotations = self.annotations(&mut kids);
        let name = self.name(&kids.one(Rule::ident));
        Member { docs, annotations, name, value: kids.opt(Rule::expr).map(|value| self.expr(value)) }
    }

    fn variant(&mut self, docs: ast::Docs, node: Node<'_>) -> Variant {
        let mut kids = parts(node);
        let annotations = self.annotations(&mut kids);
        let name = self.name(&kids.one(Rule::ident));
        let ordinal = self.ordinal(kids.one(Rule::ordinal));
        let (payload, damaged) = match kids.next() {
            Some(node) if node.as_rule() == Rule::fields => {
                let body = self.fields(node);
                (Payload::Fields(body.entries), body.damaged)
            }
            Some(node) => (Payload::Type(self.type_ref(parts(node).one(Rule::type_ref))), false),
            None => (Payload::None, false),
        };
        Variant { docs, annotations, name, ordinal, payload, damaged }
    }

    fn method(&mut self, docs: ast::Docs, node: Node<'_>) -> Method {
        let mut kids = parts(node);
        let annotations = self.annotations(&mut kids);
        let oneway = kids.opt(Rule::oneway).map(|word| place(&word));
        let name = self.name(&kids.one(Rule::ident));
        let params = self.params(kids.one(Rule::params));
        let results = kids.opt(Rule::results).map_or(Results::None, |results| self.results(results));
        let throws = kids.opt(Rule::throws).map(|throws| path(parts(throws).one(Rule::path)));
        Method { docs, annotations, oneway, name, params, results, throws }
    }

    fn params(&mut self, node: Node<'_>) -> Vec<Field> {
        self.body::<_, ()>(node, Rule::param_entry, |lower, docs, node, body| {
            body.entries.push(lower.field(docs, node));
        })
        .entries
    }

    fn results(&mut self, node: Node<'_>) -> Results {
        let mut kids = parts(node);
        let Some(params) = kids.opt(Rule::params) else {
            return Results::One(self.type_ref(kids.one(Rule::type_ref)));
        };
        let span = place(&params);
        let is_empty = parts(params.clone()).next().is_none();
        let fields = self.params(params);
        if is_empty {
            self.complain(
                Code::Syntax,
                span,
                "expected a result between these",
                "leave out `-> ()` when nothing comes back",
            );
            return Results::None;
        }
        Results::Named(fields, span)
    }

    fn value_range(&mut self, node: Node<'_>) -> Reserved {
        self.range(node, Rule::reserved_value, Self::expr)
    }

    fn ordinal_range(&mut self, node: Node<'_>) -> Reserved {
        self.range(node, Rule::ordinal, Self::ordinal)
    }

    fn range(&mut self, node: Node<'_>, rule: Rule, lower: fn(&mut Self, Node<'_>) -> ast::Expr) -> Reserved {
        let span = place(&node);
        let mut kids: Parts<'_> = parts(node);
        Reserved { first: lower(self, kids.one(rule)), last: kids.opt(rule).map(|last| lower(self, last)), span }
    }

    fn ordinal(&mut self, node: Node<'_>) -> ast::Expr {
        self.primary(parts(node).one(Rule::number))
    }
}
