//! Declarations.

use super::names;
use super::{Head, Lower};
use crate::ast::{self, Item};
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
        let alias = kids.opt(Rule::ident).map(|alias| self.name(&alias));
        self.end(kids.next());
        if !file.items.is_empty() {
            self.complain(
                Code::Syntax,
                whole,
                "imports stand before the declarations",
                "move this line up, below the package",
            );
        }
        file.imports.extend(text.map(|file| ast::Import { file, span, alias }));
    }

    /// A declaration that has a name.
    pub(super) fn item(&mut self, head: Head, node: Node<'_>) -> Option<Item> {
        Some(match node.as_rule() {
            Rule::constant => Item::Const(self.constant(head, node)),
            Rule::alias => Item::Alias(self.alias(head, node)),
            Rule::enumeration => Item::Enum(self.enumeration(head, node)),
            Rule::flag_set => Item::Flags(self.enumeration(head, node)),
            Rule::table => Item::Table(self.table(head, node)),
            Rule::union => Item::Union(self.union(head, node)),
            Rule::structure => Item::Struct(self.structure(head, node)),
            Rule::error => Item::Error(self.union(head, node)),
            Rule::service => Item::Service(self.service(head, node)),
            _ => return None,
        })
    }

    fn constant(&mut self, Head { docs, annotations }: Head, node: Node<'_>) -> ast::Const {
        let mut kids = parts(node);
        let name = self.name(&kids.one(Rule::ident));
        let ty = self.type_ref(kids.one(Rule::type_ref));
        let value = self.expr(kids.one(Rule::expr));
        self.end(kids.next());
        ast::Const { docs, annotations, name, ty, value }
    }

    fn alias(&mut self, Head { docs, annotations }: Head, node: Node<'_>) -> ast::Alias {
        let mut kids = parts(node);
        let name = self.type_name(&kids.one(Rule::ident));
        let ty = self.type_ref(kids.one(Rule::type_ref));
        self.end(kids.next());
        ast::Alias { docs, annotations, name, ty }
    }

    fn enumeration(&mut self, Head { docs, annotations }: Head, node: Node<'_>) -> ast::Enum {
        let mut kids = parts(node);
        let closed = kids.opt(Rule::kw_closed).is_some();
        let name = self.type_name(&kids.one(Rule::ident));
        let base = kids.opt(Rule::type_ref).map(|base| self.type_ref(base));
        let body = self.members(kids.one(Rule::members));
        ast::Enum {
            docs,
            annotations,
            closed,
            name,
            base,
            members: body.entries,
            reserved: body.reserved,
            damaged: body.damaged,
        }
    }

    fn structure(&mut self, Head { docs, annotations }: Head, node: Node<'_>) -> ast::Struct {
        let mut kids = parts(node);
        let name = self.type_name(&kids.one(Rule::ident));
        let body = self.fields(kids.one(Rule::fields));
        ast::Struct { docs, annotations, name, fields: body.entries, damaged: body.damaged }
    }

    fn table(&mut self, Head { docs, annotations }: Head, node: Node<'_>) -> ast::Table {
        let mut kids = parts(node);
        let name = self.type_name(&kids.one(Rule::ident));
        let body = self.table_fields(kids.one(Rule::table_fields));
        ast::Table { docs, annotations, name, fields: body.entries, reserved: body.reserved, damaged: body.damaged }
    }

    /// A union, or an error, which is written as one.
    fn union(&mut self, Head { docs, annotations }: Head, node: Node<'_>) -> ast::Union {
        let mut kids = parts(node);
        let closed = kids.opt(Rule::kw_closed).is_some();
        let name = self.type_name(&kids.one(Rule::ident));
        let body = self.variants(kids.one(Rule::variants));
        ast::Union {
            docs,
            annotations,
            closed,
            name,
            variants: body.entries,
            reserved: body.reserved,
            damaged: body.damaged,
        }
    }

    fn service(&mut self, Head { docs, annotations }: Head, node: Node<'_>) -> ast::Service {
        let mut kids = parts(node);
        let name = self.name(&kids.one(Rule::ident));
        let body = self.methods(kids.one(Rule::methods));
        ast::Service { docs, annotations, name, methods: body.entries, reserved: body.reserved }
    }
}
