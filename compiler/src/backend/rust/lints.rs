//! Lints that code made from an interface may trip, allowed just where this interface does.
//!
//! Where a lint's rule is intricate, it is allowed a little more often than it would fire.

use super::boxing::Place;
use super::memory::Memory;
use super::scope::Scope;
use super::{docs, literals, names, types};
use crate::ir::{Docs, Field, Scalar, Type, Value};

/// The allowed lints of one item, each with its reason.
#[derive(Debug, Default)]
pub(super) struct Allows(Vec<(&'static str, &'static str)>);

const NAMES: &str = "the names are the interface's";
const PARAMETERS: &str = "the parameters are the interface's";
const TYPES: &str = "the types are the interface's";
const DOCS: &str = "the interface does not describe every part";

impl Allows {
    /// For members, fields or variants of which some are without docs.
    #[must_use]
    pub(super) fn with_undescribed<'a>(self, mut docs: impl Iterator<Item = &'a Docs>) -> Self {
        self.when(docs.any(|docs| docs::are_empty(docs)), "missing_docs", DOCS)
    }

    /// For code in which a constant stands that the standard library has too.
    #[must_use]
    pub(super) fn with_famous<'a>(self, mut values: impl Iterator<Item = &'a Value>) -> Self {
        let reason = "the interface has it as a number of its own";
        self.when(values.any(literals::is_famous), "clippy::approx_constant", reason)
    }

    /// Allows a lint where a condition holds.
    #[must_use]
    pub(super) fn when(mut self, holds: bool, lint: &'static str, reason: &'static str) -> Self {
        if holds && !self.0.iter().any(|(known, _)| *known == lint) {
            self.0.push((lint, reason));
        }
        self
    }

    /// As attributes, one a line.
    pub(super) fn text(&self) -> String {
        let attributes = self.0.iter().map(|(lint, reason)| format!("#[allow({lint}, reason = \"{reason}\")]\n"));
        attributes.collect::<Vec<_>>().concat()
    }

    /// For a struct with these fields.
    pub(super) fn for_struct(scope: &Scope<'_>, name: &str, fields: &[&Field]) -> Self {
        let bools = fields.iter().filter(|field| field.ty == Type::Scalar(Scalar::Bool)).count();
        let field_names: Vec<_> = fields.iter().map(|field| names::raw_free(&field.name)).collect();
        Self::default()
            .when(bools > 3, "clippy::struct_excessive_bools", "the fields are the interface's")
            .when(repeats(&names::raw_free(name), &field_names), "clippy::struct_field_names", NAMES)
            .with_types(fields.iter().map(|field| types::placed(scope, &field.ty, Place::field(field.recursive))))
    }

    /// For an enum, of an interface's `enum`, `union` or `error`, with these variants.
    pub(super) fn for_variants<'a>(name: &str, variants: impl Iterator<Item = &'a str>) -> Self {
        let variants: Vec<_> = variants.map(names::raw_free).collect();
        Self::default().when(repeats(&names::raw_free(name), &variants), "clippy::enum_variant_names", NAMES)
    }

    /// For the names of parameters and other variables of one function.
    #[must_use]
    pub(super) fn with_variables(self, names: impl IntoIterator<Item = String>) -> Self {
        let variables: Vec<_> = names.into_iter().collect();
        let single = variables.iter().filter(|name| name.len() == 1).count();
        let similar = |(at, name): (usize, &String)| variables[..at].iter().any(|other| are_similar(name, other));
        self.when(single > 4, "clippy::many_single_char_names", NAMES).when(
            variables.iter().enumerate().any(similar),
            "clippy::similar_names",
            NAMES,
        )
    }

    /// For a function with these parameters and so many of its own.
    #[must_use]
    pub(super) fn with_parameters(self, params: &[Field], own: usize) -> Self {
        let bools = params.iter().filter(|field| field.ty == Type::Scalar(Scalar::Bool)).count();
        self.when(params.len() + own > 7, "clippy::too_many_arguments", PARAMETERS).when(
            bools > 3,
            "clippy::fn_params_excessive_bools",
            PARAMETERS,
        )
    }

    /// For parameters that a client takes by reference though they are small.
    #[must_use]
    pub(super) fn with_small_references(self, scope: &Scope<'_>, memory: &Memory, params: &[Field]) -> Self {
        let is_small = |field: &Field| {
            let copy = scope.derives.of_type(scope.program, &field.ty).copy;
            // An optional is an `Option` of a reference, which the lint does not mind.
            let is_reference =
                !types::is_by_value(scope, &field.ty) && !matches!(scope.program.peel(&field.ty), Type::Optional(_));
            copy && is_reference && memory.least_of_type(&field.ty) <= 8
        };
        let reason = "structs, arrays and the like are passed by reference, whatever their size";
        self.when(params.iter().any(is_small), "clippy::trivially_copy_pass_by_ref", reason)
    }

    /// For types that are written out.
    #[must_use]
    pub(super) fn with_types(self, types: impl IntoIterator<Item = String>) -> Self {
        self.when(types.into_iter().any(|ty| complexity(&ty) > 250), "clippy::type_complexity", TYPES)
    }

    /// For a view's function that gives a field.
    #[must_use]
    pub(super) fn for_getter(self, name: &str, ty: &str) -> Self {
        let is_trait = matches!(names::raw_free(name).as_str(), "as_ref" | "borrow" | "clone" | "deref");
        self.with_method_name(name).with_types([ty.to_owned()]).when(is_trait, "clippy::should_implement_trait", NAMES)
    }

    /// For functions that may give back a large error.
    #[must_use]
    pub(super) fn with_large_error(self, is_large: bool) -> Self {
        self.when(is_large, "clippy::result_large_err", "the error is the interface's")
    }

    /// For methods whose names mean something to Rust that they cannot mean here.
    #[must_use]
    pub(super) fn with_method_name(self, name: &str) -> Self {
        let name = names::raw_free(name);
        let is_conversion = ["from_", "into_"].iter().any(|prefix| name.starts_with(prefix))
            || name.starts_with("to_") && name.ends_with("_mut");
        let is_trait = matches!(name.as_str(), "clone" | "cmp" | "eq" | "hash");
        let is_iterator = matches!(name.as_str(), "iter" | "iter_mut");
        self.when(is_conversion, "clippy::wrong_self_convention", NAMES)
            .when(is_trait, "clippy::should_implement_trait", NAMES)
            .when(is_iterator, "clippy::iter_not_returning_iterator", NAMES)
            .when(name == "len", "clippy::len_without_is_empty", NAMES)
    }
}

/// Whether names repeat the name of what holds them, or all begin or end with the same word.
fn repeats(holder: &str, members: &[String]) -> bool {
    let affix = |name: &String| name.starts_with(holder) || name.ends_with(holder);
    let first = |name: &String| name.split('_').next().map(str::to_owned);
    let last = |name: &String| name.split('_').next_back().map(str::to_owned);
    let same =
        |word: &dyn Fn(&String) -> Option<String>| members.windows(2).all(|pair| word(&pair[0]) == word(&pair[1]));
    members.len() > 2 && (members.iter().any(affix) || same(&first) || same(&last))
}

fn are_similar(name: &str, other: &str) -> bool {
    name.len().min(other.len()) > 2 && strsim::levenshtein(name, other) == 1
}

/// How clippy counts the complexity of a type: ten for each name in it, times the depth at which it stands.
fn complexity(ty: &str) -> usize {
    let (mut depth, mut total, mut in_name) = (1_usize, 0, false);
    for char in ty.chars() {
        let names = char.is_alphanumeric() || matches!(char, '_' | ':' | '#');
        if names && !in_name {
            total += 10 * depth;
        }
        in_name = names;
        match char {
            '<' | '(' | '[' => (total, depth) = (total + if char == '<' { 0 } else { 10 * depth }, depth + 1),
            '>' | ')' | ']' => depth = depth.saturating_sub(1),
            '&' => total += depth,
            _ => {}
        }
    }
    total
}
