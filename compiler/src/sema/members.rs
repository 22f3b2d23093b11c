//! What stands inside declarations has distinct names, values and ordinals.

use super::{
    collect::distinct,
    eval::{Evaluator, Siblings},
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

/// The numbers inside a declaration.
#[derive(Debug, Clone, Default)]
pub(super) struct Numbers {
    /// The integer type of an enum or of flags.
    pub(super) base: Option<Scalar>,
    /// The value of each member, or the ordinal of each field or variant; `None` where it is wrong.
    pub(super) values: Vec<Option<i128>>,
    /// What is reserved.
    pub(super) reserved: Vec<(i128, i128)>,
}

/// Looks into every declaration; the result is by [`ItemId`].
pub(super) fn check(with: &Evaluator<'_>, found: &mut Diagnostics) -> Vec<Numbers> {
    with.types.names.ids().map(|id| Pass { with, id, file: with.types.names.item(id).file }.item(found)).collect()
}

/// The types that may be a base.
struct Bases {
    admits: fn(Scalar) -> bool,
    message: &'static str,
    help: &'static str,
}

const ENUM_BASES: Bases = Bases {
    admits: |scalar| scalar.range().is_some(),
    message: "the base of an enum is an integer type",
    help: "write one of `u8`, `u16`, `u32`, `u64`, `i8`, `i16`, `i32`, `i64`, or nothing for `u32`",
};

const FLAGS_BASES: Bases = Bases {
    admits: |scalar| scalar.range().is_some_and(|(least, _)| least == 0),
    message: "the base of flags is an unsigned integer type",
    help: "write one of `u8`, `u16`, `u32`, `u64`, or nothing for `u32`",
};

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
            if let Some((_, place)) = reserved.get(method.name.text.as_str()) {
                let message = format!("the name `{}` is reserved", method.name.text);
                let finding = Diagnostic::new(Code::ReservedUsed, method.name.span.within(file), message);
                found.push(finding.other(place.within(file), "reserved here"));
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
        let base = self.base(of, &ENUM_BASES, found);
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

    /// The integer type of an enum or of flags; `None` where that is not known.
    fn base(&self, of: &Enum, bases: &Bases, found: &mut Diagnostics) -> Option<Scalar> {
        let Some(ty) = &of.base else { return Some(Scalar::U32) };
        match self.with.types.form(Written { file: self.file, ty })? {
            Form::BuiltIn(Written { ty: inner, .. }) => match inner.kind {
                TypeKind::Scalar(scalar) if (bases.admits)(scalar) => return Some(scalar),
                _ => {}
            },
            Form::Item(_) => {}
        }
        let place = ty.span.within(self.with.types.names.file_id(self.file));
        found.push(Diagnostic::new(Code::BadBase, place, bases.message).help(bases.help));
        None
    }

    /// The members of flags are worked out in the order written, so that each may combine those before it.
    fn flags(&self, of: &Enum, found: &mut Diagnostics) -> Numbers {
        if of.members.is_empty() && !of.damaged {
            self.empty("flags", "a member", found);
        }
        let base = self.base(of, &FLAGS_BASES, found);
        let rule = Rule { word: "value", least: None, base, doubled: Code::DoubledValue };
        let reserved = Ranges::read(self.with, self.file, &of.reserved, &rule, found);
        let mut values = Vec::with_capacity(of.members.len());
        for member in &of.members {
            let value = self.flag(member, &values, base, found);
            values.push(value);
        }
        let placed = values.iter().zip(&of.members).map(|(value, member)| (*value, self.place(member), true));
        reserved.check_flags(&placed.collect::<Vec<_>>(), &rule, found);
        Numbers { base, values, reserved: reserved.ranges() }
    }

    fn flag(
        &self,
        member: &Member,
        before: &[Option<i128>],
        base: Option<Scalar>,
        found: &mut Diagnostics,
    ) -> Option<i128> {
        let Some(expr) = &member.value else {
            let message = format!("`{}` has no value", member.name.text);
            let finding = Diagnostic::new(Code::NoValue, self.place(member), message);
            found.push(finding.help(format!("flags do not count by themselves: `{} = 1 << 0`", member.name.text)));
            return None;
        };
        let siblings = Some(Siblings { of: self.id, values: before });
        let with = Evaluator { siblings, ..*self.with };
        let value = with.whole(self.file, expr, found)?;
        let place = expr.span.within(self.with.types.names.file_id(self.file));
        let value = base.map_or(Ok(value), |base| fit::in_range(base, value, place));
        value.map_err(|finding| found.push(finding)).ok()
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
        let message =
            format!("{what} `{}` {} empty", names.item(self.id).name.text, if what == "flags" { "are" } else { "is" });
        found.push(Diagnostic::new(Code::EmptyItem, names.place(self.id), message).help(format!("give it {part}")));
    }
}
