//! Sixth pass: what stands inside enums, errors, structs and services has distinct names, values and ordinals.

use super::{
    collect::distinct,
    eval::Evaluator,
    fit,
    reserved::{Ranges, Rule},
    types::{Form, Written},
};
use crate::{
    ast::{
        Enum, Expr, Field, Item as Tree, Member, Method, Payload, Reserved, Results, Service, Struct, Table, TypeKind,
        Union,
    },
    diag::{Code, Diagnostic, Diagnostics},
    ir::ItemId,
    scalar::Scalar,
    source::Location,
};

/// The numbers inside enums and errors, by [`ItemId`].
#[derive(Debug, Clone, Default)]
pub(super) struct Numbers {
    /// The integer type of an enum.
    pub(super) base: Option<Scalar>,
    /// The value of each member, or the ordinal of each variant; `None` where it is wrong.
    pub(super) values: Vec<Option<i128>>,
    /// What is reserved.
    pub(super) reserved: Vec<(i128, i128)>,
}

/// Looks into every declaration.
pub(super) fn check(with: &Evaluator<'_>, found: &mut Diagnostics) -> Vec<Numbers> {
    with.types.names.ids().map(|id| Pass { with, id, file: with.types.names.item(id).file }.item(found)).collect()
}

struct Pass<'p, 'e> {
    with: &'p Evaluator<'e>,
    id: ItemId,
    file: usize,
}

impl Pass<'_, '_> {
    fn item(&self, found: &mut Diagnostics) -> Numbers {
        match self.with.types.names.item(self.id).tree {
            Tree::Enum(of) => return self.members(of, found),
            Tree::Flags(of) => return self.flags(of, found),
            Tree::Table(of) => return self.table(of, found),
            Tree::Union(of) => return self.variants("union", of, found),
            Tree::Error(of) => return self.variants("error", of, found),
            Tree::Struct(Struct { fields, .. }) => self.fields("field", fields, found),
            Tree::Service(of) => self.methods(of, found),
            Tree::Const(_) | Tree::Alias(_) | Tree::Broken(_) => {}
        }
        Numbers::default()
    }

    fn fields(&self, what: &str, fields: &[Field], found: &mut Diagnostics) {
        distinct(what, fields.iter().map(|field| &field.name), self.with.types.names.file_id(self.file), found);
    }

    fn methods(&self, of: &Service, found: &mut Diagnostics) {
        let file = self.with.types.names.file_id(self.file);
        distinct("method", of.methods.iter().map(|method| &method.name), file, found);
        let reserved = distinct("reserved name", of.reserved.iter(), file, found);
        for method in &of.methods {
            if let Some(index) = reserved.get(method.name.text.as_str()) {
                let message = format!("the name `{}` is reserved", method.name.text);
                let finding = Diagnostic::new(Code::ReservedUsed, method.name.span.within(file), message);
                found.push(finding.other(of.reserved[*index].span.within(file), "reserved here"));
            }
            self.method(method, found);
        }
    }

    fn method(&self, method: &Method, found: &mut Diagnostics) {
        self.fields("parameter", &method.params, found);
        if let Results::Named(fields, _) = &method.results {
            self.fields("result", fields, found);
        }
    }

    fn members(&self, of: &Enum, found: &mut Diagnostics) -> Numbers {
        if of.members.is_empty() && !of.damaged {
            self.empty("enum", "a member", found);
        }
        let base = self.base(of, found);
        let rule = Rule { word: "value", least: None, base, doubled: Code::DoubledValue };
        let reserved = Ranges::read(self.with, self.file, &of.reserved, &rule, found);
        let mut next = Some(0);
        let mut values = Vec::with_capacity(of.members.len());
        for member in &of.members {
            let value = self.member(member, next, base, found);
            // After a damaged member nobody knows which numbers the next ones get.
            let counted = member.value.is_none() && of.damaged;
            values.push((value, self.place(member), !counted));
            next = value.and_then(|value| value.checked_add(1));
        }
        reserved.check(&values, &rule, found);
        Numbers { base, values: values.into_iter().map(|(value, ..)| value).collect(), reserved: reserved.ranges() }
    }

    /// The value of a member: as given, or one after the last.
    fn member(
        &self,
        member: &Member,
        next: Option<i128>,
        base: Option<Scalar>,
        found: &mut Diagnostics,
    ) -> Option<i128> {
        let (value, at) = match &member.value {
            Some(expr) => (self.with.whole(self.file, expr, found)?, expr.span),
            None => (next?, member.name.span),
        };
        let place = at.within(self.with.types.names.file_id(self.file));
        match base.map_or(Ok(value), |base| fit::in_range(base, value, place)) {
            Ok(value) => Some(value),
            Err(finding) => {
                found.push(finding);
                None
            }
        }
    }

    fn place(&self, member: &Member) -> Location {
        member.name.span.within(self.with.types.names.file_id(self.file))
    }

    /// The integer type of an enum; `None` where that is not known.
    fn base(&self, of: &Enum, found: &mut Diagnostics) -> Option<Scalar> {
        let Some(ty) = &of.base else { return Some(Scalar::U32) };
        match self.with.types.form(Written { file: self.file, ty })? {
            Form::BuiltIn(Written { ty: inner, .. }) => match inner.kind {
                TypeKind::Scalar(scalar) if scalar.range().is_some() => return Some(scalar),
                _ => {}
            },
            Form::Item(_) => {}
        }
        let place = ty.span.within(self.with.types.names.file_id(self.file));
        let finding = Diagnostic::new(Code::BadBase, place, "the base of an enum is an integer type");
        found.push(
            finding.help("write one of `u8`, `u16`, `u32`, `u64`, `i8`, `i16`, `i32`, `i64`, or nothing for `u32`"),
        );
        None
    }

    /// Flags: the members are worked out in the order written, so each may combine those before it.
    fn flags(&self, of: &Enum, found: &mut Diagnostics) -> Numbers {
        // TODO(sema)
        self.members(of, found)
    }

    fn table(&self, of: &Table, found: &mut Diagnostics) -> Numbers {
        let file = self.with.types.names.file_id(self.file);
        distinct("field", of.fields.iter().map(|field| &field.field.name), file, found);
        self.ordinals(of.fields.iter().map(|field| &field.ordinal), &of.reserved, found)
    }

    fn variants(&self, what: &str, of: &Union, found: &mut Diagnostics) -> Numbers {
        let file = self.with.types.names.file_id(self.file);
        distinct("variant", of.variants.iter().map(|variant| &variant.name), file, found);
        if of.variants.is_empty() && !of.damaged {
            self.empty(what, "a variant", found);
        }
        for variant in &of.variants {
            if let Payload::Fields(fields) = &variant.payload {
                self.fields("field", fields, found);
            }
        }
        self.ordinals(of.variants.iter().map(|variant| &variant.ordinal), &of.reserved, found)
    }

    fn ordinals<'o>(
        &self,
        ordinals: impl Iterator<Item = &'o Expr>,
        reserved: &[Reserved],
        found: &mut Diagnostics,
    ) -> Numbers {
        let file = self.with.types.names.file_id(self.file);
        let rule = Rule { word: "ordinal", least: Some(1), base: None, doubled: Code::DoubledOrdinal };
        let reserved = Ranges::read(self.with, self.file, reserved, &rule, found);
        let mut values = Vec::new();
        for expr in ordinals {
            let ordinal = self.with.whole(self.file, expr, found);
            let place = expr.span.within(file);
            values.push((ordinal.filter(|ordinal| rule.admits(*ordinal, place, found)), place, true));
        }
        reserved.check(&values, &rule, found);
        Numbers {
            base: None,
            values: values.into_iter().map(|(value, ..)| value).collect(),
            reserved: reserved.ranges(),
        }
    }

    fn empty(&self, what: &str, part: &str, found: &mut Diagnostics) {
        let names = self.with.types.names;
        let message = format!("{what} `{}` is empty", names.item(self.id).name.text);
        found.push(Diagnostic::new(Code::EmptyItem, names.place(self.id), message).help(format!("give it {part}")));
    }
}
