//! The names in constant expressions and after `throws` find their declarations.

use super::{
    ByPlace, annotations,
    collect::Miss,
    resolve::{Need, Resolver},
    types::{Form, Types, Written},
    walk,
};
use crate::{
    ast::{Expr, ExprKind, Item as Tree, Path, Reserved, Table, Union},
    ir::ItemId,
};

/// What a name in an expression stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    Const(ItemId),
    /// The enum, and the index of the member.
    Member(ItemId, usize),
}

/// Where the names of expressions and of `throws` lead; those that lead nowhere are missing.
#[derive(Default)]
pub(super) struct Uses {
    pub(super) values: ByPlace<Use>,
    pub(super) throws: ByPlace<ItemId>,
}

/// What a bare name may stand for beside a constant.
#[derive(Clone, Copy, PartialEq)]
enum Expected {
    /// A member of this enum, or of these flags.
    Member(ItemId),
    /// Members of these flags, of which the expression is a part: they can be combined.
    Sibling(ItemId),
    /// Nothing else.
    Constant,
    /// Not known: the type is damaged.
    Unknown,
}

impl Uses {
    pub(super) fn resolve<'a>(types: &Types<'a>, resolver: &mut Resolver<'a, '_>) -> Self {
        let mut uses = Self::default();
        for id in types.names.ids() {
            let item = types.names.item(id);
            let mut pass = Pass { types, resolver, uses: &mut uses, id, file: item.file };
            walk::all_types(item.tree, &mut |ty| {
                if let Some(bound) = walk::bound(ty) {
                    pass.number(bound);
                }
            });
            pass.item(item.tree);
        }
        uses
    }
}

struct Pass<'p, 'a, 'f> {
    types: &'p Types<'a>,
    resolver: &'p mut Resolver<'a, 'f>,
    uses: &'p mut Uses,
    id: ItemId,
    file: usize,
}

impl<'a> Pass<'_, 'a, '_> {
    fn item(&mut self, tree: &'a Tree) {
        match tree {
            Tree::Const(of) => {
                let expected = self.expected(Written { file: self.file, ty: &of.ty });
                self.expr(&of.value, expected);
            }
            Tree::Enum(of) => {
                of.members.iter().filter_map(|member| member.value.as_ref()).for_each(|value| self.number(value));
                self.reserved(&of.reserved);
            }
            Tree::Flags(of) => {
                let values = of.members.iter().filter_map(|member| member.value.as_ref());
                values.for_each(|value| self.expr(value, Expected::Sibling(self.id)));
                self.reserved(&of.reserved);
            }
            Tree::Table(of) => self.table(of),
            Tree::Union(of) | Tree::Error(of) => self.variants(of),
            Tree::Service(of) => {
                for method in &of.methods {
                    annotations::expressions(&method.annotations).for_each(|value| self.number(value));
                    method.throws.iter().for_each(|path| self.throws(path));
                }
            }
            Tree::Alias(_) | Tree::Struct(_) | Tree::Broken(_) => {}
        }
    }

    fn table(&mut self, of: &'a Table) {
        for field in &of.fields {
            self.number(&field.ordinal);
            if let Some(default) = &field.default {
                let expected = self.expected(Written { file: self.file, ty: &field.field.ty });
                self.expr(default, expected);
            }
        }
        self.reserved(&of.reserved);
    }

    fn variants(&mut self, of: &Union) {
        of.variants.iter().for_each(|variant| self.number(&variant.ordinal));
        self.reserved(&of.reserved);
    }

    fn reserved(&mut self, entries: &[Reserved]) {
        for entry in entries {
            self.number(&entry.first);
            entry.last.iter().for_each(|last| self.number(last));
        }
    }

    fn number(&mut self, expr: &Expr) {
        self.expr(expr, Expected::Constant);
    }

    fn expected(&self, ty: Written<'a>) -> Expected {
        match self.types.form(ty) {
            Some(Form::Item(id)) if self.types.as_enum(id).is_some() => Expected::Member(id),
            Some(Form::BuiltIn(_)) => Expected::Constant,
            // A type without values that can be written: that is reported.
            Some(Form::Item(_)) | None => Expected::Unknown,
        }
    }

    /// A bare member may only be all of an expression: there is no arithmetic on members.
    fn expr(&mut self, expr: &Expr, expected: Expected) {
        let whole = matches!(expr.kind, ExprKind::Name(_));
        let expected = match expected {
            // Of flags it would make sense, so what is said about it is better than that there is no such name.
            Expected::Member(of) if !whole && matches!(self.types.names.item(of).tree, Tree::Enum(_)) => {
                Expected::Constant
            }
            _ => expected,
        };
        for path in walk::names(expr) {
            if let Some(target) = self.value(path, expected) {
                self.uses.values.insert(path.span.within(self.types.names.file_id(self.file)), target);
            }
        }
    }

    fn value(&mut self, path: &Path, expected: Expected) -> Option<Use> {
        match &path.parts[..] {
            [_] => self.bare(path, expected),
            [of, _] if self.local_enum(of.text.as_str()) => {
                let id = self.types.names.in_package(self.file, &of.text).ok()?;
                self.member(path, id)
            }
            _ => self.qualified(path),
        }
    }

    fn bare(&mut self, path: &Path, expected: Expected) -> Option<Use> {
        let name = path.parts.first()?;
        if let Expected::Member(of) | Expected::Sibling(of) = expected {
            match self.types.names.member(of, &name.text) {
                Ok(index) => return Some(Use::Member(of, index)),
                Err(Miss::Silent) => return None,
                Err(_) => {}
            }
        }
        match (self.resolver.find(self.file, &path.parts), expected) {
            (Ok(id), _) => self.constant(path, id),
            (Err(_), Expected::Unknown) => None,
            (Err(Miss::NoItem(_)), Expected::Member(of) | Expected::Sibling(of)) => {
                self.resolver.no_member(self.file, name, of);
                None
            }
            (Err(miss), _) => self.missed(path, miss),
        }
    }

    /// `package.CONST` or `package.Enum.Member`.
    fn qualified(&mut self, path: &Path) -> Option<Use> {
        let found = self.resolver.find(self.file, &path.parts);
        let (_, holder) = path.parts.split_last()?;
        match (found, holder.len()) {
            (Ok(id), _) => self.constant(path, id),
            (Err(Miss::NoPackage), 1) => self.not_an_enum(path),
            (Err(Miss::NoPackage), _) => match self.resolver.find(self.file, holder) {
                Ok(id) => self.member(path, id),
                Err(miss) => self.missed(&Path { parts: holder.to_vec(), span: path.span }, miss),
            },
            (Err(miss), _) => self.missed(path, miss),
        }
    }

    /// `X.Y` where no package is called `X`, and no enum of this file.
    fn not_an_enum(&mut self, path: &Path) -> Option<Use> {
        let holder = path.parts.first()?;
        match self.types.names.in_package(self.file, &holder.text) {
            Ok(id) => self.member(path, id),
            Err(Miss::Silent) => None,
            Err(_) => self.missed(path, Miss::NoPackage),
        }
    }

    fn member(&mut self, path: &Path, of: ItemId) -> Option<Use> {
        let name = path.parts.last()?;
        let Some(of) = self.types.as_enum(of) else {
            if self.types.item_form(of).is_some() {
                let holder = &path.parts[..path.parts.len() - 1];
                let span = holder.first()?.span.to(holder.last()?.span);
                self.resolver.no_members(self.file, &Path { parts: holder.to_vec(), span }, of);
            }
            return None;
        };
        match self.types.names.member(of, &name.text) {
            Ok(index) => Some(Use::Member(of, index)),
            Err(Miss::Silent) => None,
            Err(_) => {
                self.resolver.no_member(self.file, name, of);
                None
            }
        }
    }

    fn constant(&mut self, path: &Path, id: ItemId) -> Option<Use> {
        if matches!(self.types.names.item(id).tree, Tree::Const(_)) {
            return Some(Use::Const(id));
        }
        self.resolver.wrong_kind(self.file, path, id, Need::Value);
        None
    }

    fn throws(&mut self, path: &Path) {
        match self.resolver.find(self.file, &path.parts) {
            Ok(id) => match self.types.item_form(id) {
                Some(Form::Item(error)) if matches!(self.types.names.item(error).tree, Tree::Error(_)) => {
                    self.uses.throws.insert(path.span.within(self.types.names.file_id(self.file)), error);
                }
                Some(_) => self.resolver.wrong_kind(self.file, path, id, Need::Error),
                None => {}
            },
            Err(miss) => self.resolver.missed(self.file, path, miss, Need::Error),
        }
    }

    /// Whether a name of this file is an enum's, perhaps by an alias, or may have been.
    fn local_enum(&self, name: &str) -> bool {
        self.types.names.in_package(self.file, name).is_ok_and(|id| self.types.as_enum(id).is_some())
    }

    fn missed(&mut self, path: &Path, miss: Miss) -> Option<Use> {
        self.resolver.missed(self.file, path, miss, Need::Value);
        None
    }
}
