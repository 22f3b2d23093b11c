//! Types end, take some bytes and not too many, and their parts may stand where they stand.

use super::{
    bounds::Bounds,
    ends::{self, named_inside},
    graph,
    members::Numbers,
    report,
    sizes::Sizes,
    types::{Form, Types, Written},
    walk, zeros,
};
use crate::{
    ast::{Item as Tree, Type, TypeKind},
    diag::{Code, Diagnostic, Diagnostics},
    ir::ItemId,
    scalar::Scalar,
};

/// Checks every type of the program.
pub(super) fn check(types: &Types<'_>, bounds: &Bounds, numbers: &[Numbers], found: &mut Diagnostics) {
    let walk = graph::walk(&ends::held_in_place(types));
    for cycle in &walk.cycles {
        let finding = report::cycle(Code::InfiniteType, "type", "holds", types.names, cycle);
        let is_union = |node: usize| matches!(types.names.items[node].tree, Tree::Union(_));
        found.push(finding.help(if cycle.hops.iter().any(|(node, _)| is_union(*node)) {
            "a closed union needs a variant that does not lead back to it"
        } else {
            "a type may contain itself through `?`, `list`, `map` or a variant of a union"
        }));
    }
    for id in types.names.ids() {
        let file = types.names.item(id).file;
        walk::all_types(types.names.item(id).tree, &mut |ty| check_parts(types, Written { file, ty }, found));
    }
    Sizes::of_items(types, bounds, &walk.order).check(found);
    zeros::check(types, numbers, &walk.order, found);
}

/// Which types lead back to themselves with no list or map between.
pub(super) struct Recursion(Vec<usize>);

impl Recursion {
    pub(super) fn find(types: &Types<'_>) -> Self {
        let edges: Vec<Vec<usize>> = types.names.ids().map(|id| Self::leads_to(types, id)).collect();
        Self(graph::components(&edges))
    }

    fn leads_to(types: &Types<'_>, id: ItemId) -> Vec<usize> {
        let item = types.names.item(id);
        let mut targets = Vec::new();
        if item.is_type() {
            for ty in walk::types(item.tree) {
                Self::direct(types, Written { file: item.file, ty }, &mut |to| targets.push(to.0 as usize));
            }
        }
        targets
    }

    fn direct(types: &Types<'_>, of: Written<'_>, visit: &mut dyn FnMut(ItemId)) {
        let enters = |kind: &TypeKind| matches!(kind, TypeKind::Array(..) | TypeKind::Optional(_));
        named_inside(of.ty, &enters, &mut |path| {
            types.target(of.file, path).into_iter().for_each(&mut *visit);
        });
    }

    /// Whether a type in a declaration leads back to that declaration.
    pub(super) fn leads_back(&self, types: &Types<'_>, ty: Written<'_>, owner: ItemId) -> bool {
        let mut back = false;
        Self::direct(types, ty, &mut |to| back |= self.0[to.0 as usize] == self.0[owner.0 as usize]);
        back
    }
}

/// Checks what a type is made of: no optional of an optional, keys that have an order.
fn check_parts(types: &Types<'_>, of: Written<'_>, found: &mut Diagnostics) {
    let part = |ty| types.form(Written { file: of.file, ty });
    let place = |ty: &Type| ty.span.within(types.names.file_id(of.file));
    match &of.ty.kind {
        TypeKind::Optional(inner) if part(inner).is_some_and(is_optional) => {
            let finding = Diagnostic::new(Code::NestedOptional, place(of.ty), "this is an optional of an optional");
            found.push(finding.help("one `?` is enough: a value is there or it is not"));
        }
        TypeKind::Map(key, ..) if part(key).is_some_and(|form| !is_key(types, form)) => {
            let finding = Diagnostic::new(Code::BadMapKey, place(key), "this type cannot be the key of a map");
            found.push(finding.help("keys are integers, `bool`, `string` or enums"));
        }
        _ => {}
    }
}

fn is_optional(form: Form<'_>) -> bool {
    matches!(form, Form::BuiltIn(written) if matches!(written.ty.kind, TypeKind::Optional(_)))
}

fn is_key(types: &Types<'_>, form: Form<'_>) -> bool {
    match form {
        Form::Item(id) => matches!(types.names.item(id).tree, Tree::Enum(_)),
        Form::BuiltIn(written) => match written.ty.kind {
            TypeKind::Scalar(scalar) => scalar == Scalar::Bool || scalar.range().is_some(),
            TypeKind::String(_) => true,
            _ => false,
        },
    }
}
