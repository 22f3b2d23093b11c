//! Last: the checked tree becomes the IR. There was no error, so everything that is looked up here is there.

use super::{
    annotations,
    bounds::Bounds,
    layout::Recursion,
    members::Numbers,
    numbers::{fnv1a, method_number},
    shape::Shapes,
    types::{Types, Written},
    uses::Uses,
    walk,
};
use crate::{
    ast::{self, Item as Tree, Name, Results, TypeKind},
    ir::{self, ItemId, PackageId, Type, Value},
    source::{Location, Span},
};

/// What the passes found out.
pub(super) struct Facts<'f> {
    pub(super) types: &'f Types<'f>,
    pub(super) uses: &'f Uses,
    pub(super) consts: &'f [Option<Value>],
    pub(super) defaults: &'f [Vec<Option<Value>>],
    pub(super) bounds: &'f Bounds,
    pub(super) numbers: &'f [Numbers],
    pub(super) shapes: &'f Shapes,
    pub(super) values: &'f annotations::Values,
    pub(super) recursion: Recursion,
}

impl Facts<'_> {
    /// The program; `None` only if something that the passes promise is missing.
    pub(super) fn program(&self) -> Option<ir::Program> {
        let names = self.types.names;
        let packages = (0..names.files.len()).map(|file| self.package(file)).collect::<Option<_>>()?;
        let items = names.ids().map(|id| Lower { facts: self, id }.item()).collect::<Option<_>>()?;
        Some(ir::Program::new(packages, items))
    }

    fn package(&self, file: usize) -> Option<ir::Package> {
        let (loaded, scope) = (self.types.names.files.get(file)?, self.types.names.scopes.get(file)?);
        Some(ir::Package {
            name: scope.package.clone()?,
            docs: docs(&loaded.ast.docs),
            file: loaded.file,
            is_root: loaded.is_root,
            items: scope.ids.clone().map(ItemId).collect(),
            imports: loaded.imports.iter().map(|to| package_id((*to)?)).collect::<Option<_>>()?,
        })
    }
}

/// Lowers one declaration.
struct Lower<'l, 'f> {
    facts: &'l Facts<'f>,
    id: ItemId,
}

impl Lower<'_, '_> {
    fn item(&self) -> Option<ir::Item> {
        let item = self.facts.types.names.item(self.id);
        let (item_docs, said, kind) = match item.tree {
            Tree::Const(of) => (&of.docs, &of.annotations, ir::ItemKind::Const(self.constant(of)?)),
            Tree::Alias(of) => (&of.docs, &of.annotations, ir::ItemKind::Alias(ir::Alias { ty: self.ty(&of.ty)? })),
            Tree::Enum(of) => (&of.docs, &of.annotations, ir::ItemKind::Enum(self.enumeration(of)?)),
            Tree::Flags(of) => (&of.docs, &of.annotations, ir::ItemKind::Flags(self.enumeration(of)?)),
            Tree::Struct(of) => {
                (&of.docs, &of.annotations, ir::ItemKind::Struct(ir::Struct { fields: self.fields(&of.fields)? }))
            }
            Tree::Table(of) => (&of.docs, &of.annotations, ir::ItemKind::Table(self.table(of)?)),
            Tree::Union(of) => (&of.docs, &of.annotations, ir::ItemKind::Union(self.union(of)?)),
            Tree::Error(of) => (&of.docs, &of.annotations, ir::ItemKind::Error(self.union(of)?)),
            Tree::Service(of) => (&of.docs, &of.annotations, ir::ItemKind::Service(self.service(of)?)),
            Tree::Broken(_) => return None,
        };
        Some(ir::Item {
            name: item.name.text.clone(),
            location: self.place(item.name.span),
            docs: docs(item_docs),
            deprecated: annotations::deprecated(said),
            derives: annotations::derives(said),
            package: package_id(item.file)?,
            kind,
        })
    }

    fn constant(&self, of: &ast::Const) -> Option<ir::Const> {
        let value = self.facts.consts.get(self.id.0 as usize)?.clone()?;
        Some(ir::Const { ty: self.ty(&of.ty)?, value })
    }

    fn enumeration(&self, of: &ast::Enum) -> Option<ir::Enum> {
        let numbers = self.numbers()?;
        let member = |(member, value): (&ast::Member, &Option<i128>)| {
            let (name, location, docs) = self.named(&member.name, &member.docs);
            let deprecated = annotations::deprecated(&member.annotations);
            let wire_name = annotations::wire_name(&member.annotations, &name).to_owned();
            Some(ir::Member { name, location, docs, deprecated, wire_name, value: (*value)? })
        };
        Some(ir::Enum {
            closed: of.closed,
            base: numbers.base?,
            members: of.members.iter().zip(&numbers.values).map(member).collect::<Option<_>>()?,
            reserved: numbers.reserved.clone(),
        })
    }

    fn table(&self, of: &ast::Table) -> Option<ir::Table> {
        let numbers = self.numbers()?;
        let field = |((field, ordinal), default): ((&ast::TableField, &Option<i128>), &Option<Value>)| {
            Some(ir::TableField {
                field: self.field(&field.field)?,
                ordinal: u16::try_from((*ordinal)?).ok()?,
                default: default.clone(),
            })
        };
        let defaults = self.facts.defaults.get(self.id.0 as usize)?;
        Some(ir::Table {
            fields: of.fields.iter().zip(&numbers.values).zip(defaults).map(field).collect::<Option<_>>()?,
            reserved: reserved_ordinals(numbers)?,
        })
    }

    fn union(&self, of: &ast::Union) -> Option<ir::Union> {
        let numbers = self.numbers()?;
        let variants =
            of.variants.iter().zip(&numbers.values).map(|(variant, ordinal)| self.variant(variant, *ordinal));
        Some(ir::Union {
            closed: of.closed,
            variants: variants.collect::<Option<_>>()?,
            reserved: reserved_ordinals(numbers)?,
        })
    }

    fn variant(&self, of: &ast::Variant, ordinal: Option<i128>) -> Option<ir::Variant> {
        let (name, location, docs) = self.named(&of.name, &of.docs);
        let payload = match &of.payload {
            ast::Payload::None => ir::Payload::None,
            ast::Payload::Type(ty) => ir::Payload::Type { ty: self.ty(ty)?, recursive: self.is_recursive(ty) },
            ast::Payload::Fields(fields) => ir::Payload::Fields(self.fields(fields)?),
        };
        Some(ir::Variant {
            deprecated: annotations::deprecated(&of.annotations),
            wire_name: annotations::wire_name(&of.annotations, &name).to_owned(),
            name,
            location,
            docs,
            ordinal: u16::try_from(ordinal?).ok()?,
            payload,
        })
    }

    fn service(&self, of: &ast::Service) -> Option<ir::Service> {
        let texts = self.facts.shapes.get(self.id.0 as usize)?;
        let methods =
            of.methods.iter().zip(texts).map(|(method, text)| self.method(&of.name, method, text.as_deref()?));
        Some(ir::Service {
            methods: methods.collect::<Option<_>>()?,
            reserved: of.reserved.iter().map(|name| name.text.clone()).collect(),
        })
    }

    fn method(&self, service: &Name, of: &ast::Method, shape_text: &str) -> Option<ir::Method> {
        let (name, location, docs) = self.named(&of.name, &of.docs);
        let package = self.facts.types.names.package_name(self.facts.types.names.item(self.id).file);
        let throws = match &of.throws {
            Some(path) => Some(*self.facts.uses.throws.get(&self.place(path.span))?),
            None => None,
        };
        let (params, stream_in) = match of.params.split_last() {
            Some((last, params)) if let TypeKind::Stream(item) = &last.ty.kind => {
                (params, Some(self.typed_field(last, item)?))
            }
            _ => (&of.params[..], None),
        };
        let file = self.facts.types.names.file_id(self.file());
        let given = self.facts.values.id(file, &of.annotations).ok()?;
        let stream_out = match &of.results {
            Results::One(ast::Type { kind: TypeKind::Stream(item), .. }) => Some(self.ty(item)?),
            _ => None,
        };
        Some(ir::Method {
            number: given.unwrap_or_else(|| method_number(package, &service.text, &name)),
            shape: fnv1a(shape_text.as_bytes()),
            shape_text: shape_text.to_owned(),
            name,
            location,
            docs,
            deprecated: annotations::deprecated(&of.annotations),
            idempotent: annotations::idempotent(&of.annotations),
            deadline: self.facts.values.deadline(file, &of.annotations),
            oneway: of.oneway.is_some(),
            params: self.fields(params)?,
            stream_in,
            results: self.results(&of.results)?,
            stream_out,
            throws,
        })
    }

    /// A result without a name is called `result`.
    fn results(&self, results: &Results) -> Option<Vec<ir::Field>> {
        match results {
            Results::None | Results::One(ast::Type { kind: TypeKind::Stream(_), .. }) => Some(Vec::new()),
            Results::Named(fields, _) => self.fields(fields),
            Results::One(ty) => Some(vec![ir::Field {
                name: "result".to_owned(),
                location: self.place(ty.span),
                docs: Vec::new(),
                deprecated: None,
                wire_name: "result".to_owned(),
                ty: self.ty(ty)?,
                recursive: false,
            }]),
        }
    }

    fn fields(&self, fields: &[ast::Field]) -> Option<Vec<ir::Field>> {
        fields.iter().map(|field| self.field(field)).collect()
    }

    fn field(&self, field: &ast::Field) -> Option<ir::Field> {
        self.typed_field(field, &field.ty)
    }

    fn typed_field(&self, field: &ast::Field, ty: &ast::Type) -> Option<ir::Field> {
        let (name, location, docs) = self.named(&field.name, &field.docs);
        Some(ir::Field {
            deprecated: annotations::deprecated(&field.annotations),
            wire_name: annotations::wire_name(&field.annotations, &name).to_owned(),
            name,
            location,
            docs,
            ty: self.ty(ty)?,
            recursive: self.is_recursive(ty),
        })
    }

    fn ty(&self, ty: &ast::Type) -> Option<Type> {
        let inner = |ty| self.ty(ty).map(Box::new);
        let max = || match walk::bound(ty) {
            Some(expr) => self.facts.bounds.get(&self.place(expr.span)).copied(),
            None => Some(u32::MAX),
        };
        Some(match &ty.kind {
            TypeKind::Scalar(scalar) => Type::Scalar(*scalar),
            TypeKind::Timestamp => Type::Timestamp,
            TypeKind::Duration => Type::Duration,
            TypeKind::String(_) => Type::String { max: max()? },
            TypeKind::Bytes(_) => Type::Bytes { max: max()? },
            TypeKind::List(element, _) => Type::List { element: inner(element)?, max: max()? },
            TypeKind::Array(element, _) => Type::Array { element: inner(element)?, len: max()? },
            TypeKind::Map(key, value, _) => Type::Map { key: inner(key)?, value: inner(value)?, max: max()? },
            TypeKind::Optional(element) => Type::Optional(inner(element)?),
            TypeKind::Named(path) => Type::Item(self.facts.types.target(self.file(), path)?),
            TypeKind::Stream(_) | TypeKind::Broken => return None,
        })
    }

    fn is_recursive(&self, ty: &ast::Type) -> bool {
        self.facts.recursion.leads_back(self.facts.types, Written { file: self.file(), ty }, self.id)
    }

    fn numbers(&self) -> Option<&Numbers> {
        self.facts.numbers.get(self.id.0 as usize)
    }

    fn named(&self, name: &Name, lines: &ast::Docs) -> (String, Location, ir::Docs) {
        (name.text.clone(), self.place(name.span), docs(lines))
    }

    fn file(&self) -> usize {
        self.facts.types.names.item(self.id).file
    }

    fn place(&self, span: Span) -> Location {
        self.facts.types.names.locate(self.id, span)
    }
}

fn reserved_ordinals(numbers: &Numbers) -> Option<Vec<(u16, u16)>> {
    let ordinal = |number: i128| u16::try_from(number).ok();
    numbers.reserved.iter().map(|(first, last)| ordinal(*first).zip(ordinal(*last))).collect()
}

fn docs(docs: &ast::Docs) -> ir::Docs {
    docs.lines.iter().map(|line| line.text.clone()).collect()
}

fn package_id(file: usize) -> Option<PackageId> {
    u32::try_from(file).ok().map(PackageId)
}
