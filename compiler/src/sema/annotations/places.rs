//! Where annotations stand.

use crate::ast::{Annotation, Enum, Field, Item as Tree, Payload, Results, Service, Union, Variant};

/// What an annotation stands before. Of closed things the names are part of shape texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Const,
    Alias,
    /// An enum, flags, a struct, a table, a union or an error.
    Type,
    Service,
    Method,
    Member {
        closed: bool,
    },
    StructField,
    TableField,
    Variant {
        closed: bool,
    },
    VariantField {
        closed: bool,
    },
    Param,
    /// One of several results.
    Result,
    OnlyResult,
}

impl Place {
    /// With its article.
    pub(super) fn describe(self) -> &'static str {
        match self {
            Self::Const => "a constant",
            Self::Alias => "an alias",
            Self::Type => "a type",
            Self::Service => "a service",
            Self::Method => "a method",
            Self::Member { closed: true } => "a member",
            Self::Member { closed: false } => "a member of an open enum or open flags",
            Self::StructField | Self::VariantField { .. } => "a field",
            Self::TableField => "a field of a table",
            Self::Variant { closed: true } => "a variant of a closed union",
            Self::Variant { closed: false } => "a variant of an open union or an error",
            Self::Param => "a parameter",
            Self::Result | Self::OnlyResult => "a result",
        }
    }
}

/// Visits every list of annotations of a declaration, with what it stands before.
pub(super) fn visit<'a>(tree: &'a Tree, visit: &mut dyn FnMut(Place, &'a [Annotation])) {
    match tree {
        Tree::Const(of) => visit(Place::Const, &of.annotations),
        Tree::Alias(of) => visit(Place::Alias, &of.annotations),
        Tree::Enum(of) | Tree::Flags(of) => members(of, visit),
        Tree::Struct(of) => {
            visit(Place::Type, &of.annotations);
            fields(Place::StructField, &of.fields, visit);
        }
        Tree::Table(of) => {
            visit(Place::Type, &of.annotations);
            of.fields.iter().for_each(|field| visit(Place::TableField, &field.field.annotations));
        }
        Tree::Union(of) | Tree::Error(of) => variants(of, visit),
        Tree::Service(of) => methods(of, visit),
        Tree::Broken(_) => {}
    }
}

fn fields<'a>(place: Place, fields: &'a [Field], visit: &mut dyn FnMut(Place, &'a [Annotation])) {
    for field in fields {
        visit(place, &field.annotations);
    }
}

fn members<'a>(of: &'a Enum, visit: &mut dyn FnMut(Place, &'a [Annotation])) {
    visit(Place::Type, &of.annotations);
    of.members.iter().for_each(|member| visit(Place::Member { closed: of.closed }, &member.annotations));
}

fn variants<'a>(of: &'a Union, visit: &mut dyn FnMut(Place, &'a [Annotation])) {
    visit(Place::Type, &of.annotations);
    for Variant { annotations, payload, .. } in &of.variants {
        visit(Place::Variant { closed: of.closed }, annotations);
        if let Payload::Fields(inner) = payload {
            fields(Place::VariantField { closed: of.closed }, inner, visit);
        }
    }
}

fn methods<'a>(of: &'a Service, visit: &mut dyn FnMut(Place, &'a [Annotation])) {
    visit(Place::Service, &of.annotations);
    for method in &of.methods {
        visit(Place::Method, &method.annotations);
        fields(Place::Param, &method.params, visit);
        if let Results::Named(results, _) = &method.results {
            let place = if results.len() == 1 { Place::OnlyResult } else { Place::Result };
            fields(place, results, visit);
        }
    }
}
