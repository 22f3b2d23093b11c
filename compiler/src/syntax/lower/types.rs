//! Types.

use super::Lower;
use super::names;
use crate::ast::{Expr, Path, Scalar, Type, TypeKind};
use crate::diag::Code;
use crate::source::Span;
use crate::syntax::cursor::{Parts, parts, place};
use crate::syntax::parser::{Node, Rule};

impl Lower<'_, '_> {
    pub(super) fn type_ref(&mut self, node: Node<'_>) -> Type {
        let mut kids = parts(node);
        let Some(base) = kids.next() else { return Type { kind: TypeKind::Broken, span: Span::new(0, 0) } };
        let mut ty = self.base(base);
        for question in kids {
            let span = ty.span.to(place(&question));
            ty = Type { kind: TypeKind::Optional(Box::new(ty)), span };
        }
        ty
    }

    fn base(&mut self, node: Node<'_>) -> Type {
        let (rule, span) = (node.as_rule(), place(&node));
        let mut kids = parts(node.clone());
        let kind = match rule {
            Rule::stream_type => TypeKind::Stream(Box::new(self.element(&mut kids))),
            Rule::list_type => TypeKind::List(Box::new(self.element(&mut kids)), self.bound(&mut kids)),
            Rule::array_type => self.array(&mut kids),
            Rule::map_type => self.map(&mut kids),
            Rule::string_type => TypeKind::String(self.bound(&mut kids)),
            Rule::bytes_type => TypeKind::Bytes(self.bound(&mut kids)),
            _ => self.named(node),
        };
        Type { kind, span }
    }

    fn array(&mut self, kids: &mut Parts<'_>) -> TypeKind {
        let element = self.element(kids);
        self.bound(kids).map_or(TypeKind::Broken, |length| TypeKind::Array(Box::new(element), length))
    }

    fn map(&mut self, kids: &mut Parts<'_>) -> TypeKind {
        let (key, value) = (self.element(kids), self.element(kids));
        TypeKind::Map(Box::new(key), Box::new(value), self.bound(kids))
    }

    fn element(&mut self, kids: &mut Parts<'_>) -> Type {
        self.type_ref(kids.one(Rule::type_ref))
    }

    fn bound(&mut self, kids: &mut Parts<'_>) -> Option<Expr> {
        kids.opt(Rule::bound).map(|bound| self.expr(bound))
    }

    fn named(&mut self, node: Node<'_>) -> TypeKind {
        let path = names::path(node);
        let [name] = path.parts.as_slice() else { return TypeKind::Named(path) };
        match (name.text.as_str(), scalar(&path)) {
            (_, Some(scalar)) => TypeKind::Scalar(scalar),
            ("timestamp", _) => TypeKind::Timestamp,
            ("duration", _) => TypeKind::Duration,
            ("list", _) => self.bare(
                path.span,
                "a list names its elements",
                "write `list<T>`, or `list<T, N>` for at most N of them",
            ),
            ("array", _) => self.bare(path.span, "an array names its elements and their number", "write `array<T, N>`"),
            ("map", _) => self.bare(
                path.span,
                "a map names its keys and values",
                "write `map<K, V>`, or `map<K, V, N>` for at most N pairs",
            ),
            ("stream", _) => self.bare(path.span, "a stream names its elements", "write `stream T`"),
            _ => TypeKind::Named(path),
        }
    }

    fn bare(&mut self, span: Span, message: &str, help: &str) -> TypeKind {
        self.complain(Code::Syntax, span, message, help);
        TypeKind::Broken
    }
}

fn scalar(path: &Path) -> Option<Scalar> {
    let [name] = path.parts.as_slice() else { return None };
    Scalar::ALL.iter().find(|(word, _)| *word == name.text).map(|(_, scalar)| *scalar)
}
