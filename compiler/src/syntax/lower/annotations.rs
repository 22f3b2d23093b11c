//! Annotations.

use super::Lower;
use super::names;
use crate::ast::{Annotation, Argument};
use crate::syntax::cursor::{Parts, parts, place};
use crate::syntax::parser::{Node, Rule};

impl Lower<'_, '_> {
    /// The annotations that a node begins with.
    pub(super) fn annotations(&mut self, kids: &mut Parts<'_>) -> Vec<Annotation> {
        std::iter::from_fn(|| kids.opt(Rule::annotation)).map(|node| self.annotation(node)).collect()
    }

    fn annotation(&mut self, node: Node<'_>) -> Annotation {
        let span = place(&node);
        let mut kids = parts(node);
        let name = names::ident(&kids.one(Rule::ident));
        Annotation { name, args: kids.map(|argument| self.argument(argument)).collect(), span }
    }

    fn argument(&mut self, node: Node<'_>) -> Argument {
        let mut kids = parts(node);
        let name = kids.opt(Rule::ident).map(|name| names::ident(&name));
        Argument { name, value: self.expr(kids.one(Rule::expr)) }
    }
}
