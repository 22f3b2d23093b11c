//! Annotations.

use super::Lower;
use super::names;
use crate::ast::{Annotation, Argument, Name};
use crate::diag::Code;
use crate::source::Span;
use crate::syntax::cursor::{Parts, parts, place};
use crate::syntax::parser::{Node, Rule};

impl Lower<'_, '_> {
    /// The annotations that a node begins with.
    pub(super) fn annotations(&mut self, kids: &mut Parts<'_>) -> Vec<Annotation> {
        std::iter::from_fn(|| kids.opt(Rule::annotation)).map(|node| self.annotation(node)).collect()
    }

    /// Says that these stand where none may.
    pub(super) fn refuse_annotations(&mut self, annotations: &[Annotation], message: &str) {
        let places = annotations.iter().map(|annotation| annotation.span);
        if let Some(place) = places.reduce(Span::to) {
            let help = if annotations.len() == 1 { "leave it out" } else { "leave them out" };
            self.complain(Code::Syntax, place, message, help);
        }
    }

    fn annotation(&mut self, node: Node<'_>) -> Annotation {
        let span = place(&node);
        let mut kids = parts(node);
        let word = kids.one(Rule::annotation_name);
        let at = place(&word);
        let name = Name {
            text: word.as_str().trim_start_matches('@').to_owned(),
            span: Span::new(at.lo.saturating_add(1), at.hi),
        };
        Annotation { name, args: kids.map(|argument| self.argument(argument)).collect(), span }
    }

    fn argument(&mut self, node: Node<'_>) -> Argument {
        let mut kids = parts(node);
        let name = kids.opt(Rule::ident).map(|name| names::ident(&name));
        Argument { name, value: self.expr(kids.one(Rule::expr)) }
    }
}
