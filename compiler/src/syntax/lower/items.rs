//! Declarations.

use super::Lower;
use super::names;
use crate::ast::{self, Docs, Item};
use crate::diag::Code;
use crate::syntax::cursor::{parts, place};
use crate::syntax::parser::{Node, Rule};

impl Lower<'_, '_> {
    pub(super) fn package(&mut self, node: Node<'_>, file: &mut ast::File) {
        let whole = place(&node);
        let mut kids = parts(node);
        let path = names::path(kids.one(Rule::path));
        for part in &path.parts {
            self.check_name(part);
        }
        self.check_package_length(&path);
        self.end(kids.next());
        if file.package.is_some() {
            self.complain(
                Code::Syntax,
                whole,
                "a file has one package",
                "put the other declarations into a file of their own",
            );
        } else if !file.imports.is_empty() || !file.items.is_empty() {
            self.complain(Code::NoPackage, whole, "a file begins with its package", "move this line to the top");
        }
        file.package.get_or_insert(ast::Package { path });
    }

    pub(super) fn import(&mut self, node: Node<'_>, file: &mut ast::File) {
        let whole = place(&node);
        let mut kids = parts(node);
        let string = kids.one(Rule::string);
        let span = place(&string);
        let text = self.string(&string);
        self.end(kids.next());
        if !file.items.is_empty() {
            self.complain(
                Code::Syntax,
                whole,
                "imports stand before the declarations",
                "move this line up, below the package",
            );
        }
        file.imports.extend(text.map(|file| ast::Import { file, span }));
    }

    /// A declaration that has a name.
    pub(super) fn item(&mut self, docs: Docs, node: Node<'_>) -> Option<Item> {
        Some(match node.as_rule() {
            Rule::constant => Item::Const(self.constant(docs, node)),
            Rule::alias => Item::Alias(self.alias(docs, node)),
            Rule::enumeration => Item::Enum(self.enumeration(docs, node)),
            Rule::structure => Item::Struct(self.structure(docs, node)),
            Rule::error => Item::Error(self.error(docs, node)),
            Rule::service => Item::Service(self.service(docs, node)),
            _ => return None,
        })
    }

    fn constant(&mut self, docs: Docs, node: Node<'_>) -> ast::Const {
        let mut kids = parts(node);
        let name = self.name(&kids.one(Rule::ident));
        let ty = self.type_ref(kids.one(Rule::type_ref));
        let value = self.expr(kids.one(Rule::expr));
        self.end(kids.next());
        ast::Const { docs, name, ty, value }
    }

    fn alias(&mut self, docs: Docs, node: Node<'_>) -> ast::Alias {
        let mut kids = parts(node);
        let name = self.type_name(&kids.one(Rule::ident));
        let ty = self.type_ref(kids.one(Rule::type_ref));
        self.end(kids.next());
        ast::Alias { docs, name, ty }
    }

    fn enumeration(&mut self, docs: Docs, node: Node<'_>) -> ast::Enum {
        let mut kids = parts(node);
        let closed = kids.opt(Rule::kw_closed).is_some();
        let name = self.type_name(&kids.one(Rule::ident));
        let base = kids.opt(Rule::type_ref).map(|base| self.type_ref(base));
        let body = self.members(kids.one(Rule::members));
        ast::Enum { docs, closed, name, base, members: body.entries, reserved: body.reserved, damaged: body.damaged }
    }

    fn structure(&mut self, docs: Docs, node: Node<'_>) -> ast::Struct {
        let mut kids = parts(node);
        let name = self.type_name(&kids.one(Rule::ident));
        let body = self.fields(kids.one(Rule::fields));
        ast::Struct { docs, name, fields: body.entries, damaged: body.damaged }
    }

    fn error(&mut self, docs: Docs, node: Node<'_>) -> ast::Error {
        let mut kids = parts(node);
        let name = self.type_name(&kids.one(Rule::ident));
        let body = self.variants(kids.one(Rule::variants));
        ast::Error { docs, name, variants: body.entries, reserved: body.reserved, damaged: body.damaged }
    }

    fn service(&mut self, docs: Docs, node: Node<'_>) -> ast::Service {
        let mut kids = parts(node);
        let name = self.name(&kids.one(Rule::ident));
        let body = self.methods(kids.one(Rule::methods));
        ast::Service { docs, name, methods: body.entries, reserved: body.reserved }
    }
}
