//! From pest's nodes to the typed tree: one function a rule, one file a part of the language.

mod annotations;
mod bodies;
mod exprs;
mod items;
mod literals;
mod names;
mod types;

use super::cursor::parts;
use super::docs::Docs;
use super::guard::Guarded;
use super::parser::{self, Node, Rule};
use super::reporter::Reporter;
use crate::ast;
use crate::diag::{Code, Diagnostic};
use crate::source::Span;

/// What lowering needs beside the node at hand.
pub(super) struct Lower<'a, 'o> {
    /// The guarded text.
    pub(super) text: &'a str,
    pub(super) docs: Docs,
    pub(super) reporter: &'a mut Reporter<'o>,
    /// Where a bracket was last found unclosed: that something else is missing there as well follows from it.
    pub(super) unclosed_at: Option<Span>,
}

/// What stands before a declaration.
pub(super) struct Head {
    pub(super) docs: ast::Docs,
    pub(super) annotations: Vec<ast::Annotation>,
}

/// The tree of a whole file.
pub(super) fn file(guarded: Guarded, reporter: &mut Reporter<'_>) -> ast::File {
    let mut lower = Lower { text: &guarded.text, docs: guarded.docs, reporter, unclosed_at: None };
    let mut file = ast::File { docs: lower.docs.take_file(), ..super::empty() };
    for node in parser::file(&guarded.text).into_iter().flat_map(parts) {
        lower.declaration(&node, &mut file);
    }
    lower.check_package(&file);
    lower.docs.report_dangling(lower.reporter);
    file
}

impl Lower<'_, '_> {
    /// Something between the braces of the file, put where it belongs.
    fn declaration(&mut self, node: &Node<'_>, file: &mut ast::File) {
        if node.as_rule() == Rule::bad_item {
            return file.items.extend(self.bad_item(node));
        }
        let mut kids = parts(node.clone());
        let annotations = self.annotations(&mut kids);
        let Some(item) = kids.next() else { return };
        if matches!(item.as_rule(), Rule::package | Rule::import) {
            self.refuse_annotations(&annotations, "packages and imports have no annotations");
        }
        match item.as_rule() {
            Rule::package => self.package(item, file),
            Rule::import => self.import(item, file),
            _ => {
                let head = Head { docs: self.docs_of(node), annotations };
                file.items.extend(self.item(head, item));
            }
        }
    }

    /// Says so if there is no package, unless what stands in its place is damaged.
    fn check_package(&mut self, file: &ast::File) {
        let place = super::recover::token_at(self.text, 0);
        if file.package.is_none() && !self.reporter.is_damaged(place) {
            let found = Diagnostic::new(Code::NoPackage, self.reporter.at(place), "a file begins with its package");
            self.reporter.push(
                found.label("before this").help("write `package name;` at the top, such as `package demo.calculator;`"),
            );
        }
    }

    /// Reports a mistake that a place shows by itself.
    fn complain(&mut self, code: Code, place: Span, message: impl Into<String>, help: &str) {
        if !self.is_known(place) {
            let found = Diagnostic::new(code, self.reporter.at(place), message);
            self.reporter.push(if help.is_empty() { found } else { found.help(help) });
        }
    }
}
