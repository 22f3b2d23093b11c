//! Which declared types have a value that ends.

use super::{graph::Edge, types::Types, walk};
use crate::{
    ast::{Item as Tree, Path, Type, TypeKind, Union},
    ir::ItemId,
};

/// Every set of declarations that a value may hold, by item: a value needs all of one set.
type Choices = Vec<Vec<Vec<Edge>>>;

/// For each item the declarations whose values lie within those of this one, with none between that could be absent. A
/// plain field of a table is always written, so it counts. A closed union has other variants, so nothing counts there,
/// except where each variant leads to a value without end: then the first such way does.
pub(super) fn held_in_place(types: &Types<'_>) -> Vec<Vec<Edge>> {
    let choices: Choices = types.names.ids().map(|id| choices(types, id)).collect();
    let ends = ending(&choices);
    let held = |(mut sets, id): (Vec<Vec<Edge>>, ItemId)| match types.names.item(id).tree {
        Tree::Union(_) if ends[id.0 as usize] => Vec::new(),
        Tree::Union(_) => sets.concat().into_iter().find(|edge| !ends[edge.to]).into_iter().collect(),
        _ => sets.pop().unwrap_or_default(),
    };
    choices.into_iter().zip(types.names.ids()).map(held).collect()
}

/// Nothing to choose for what always ends.
fn choices(types: &Types<'_>, id: ItemId) -> Vec<Vec<Edge>> {
    match types.names.item(id).tree {
        // What stands for itself was reported with the aliases.
        Tree::Struct(_) | Tree::Table(_) | Tree::Alias(_) if types.is_circular(id) => Vec::new(),
        tree @ (Tree::Struct(_) | Tree::Table(_) | Tree::Alias(_)) => vec![edges(types, id, walk::types(tree))],
        Tree::Union(Union { closed: true, damaged: false, variants, .. }) => {
            variants.iter().map(|variant| edges(types, id, walk::payload_types(&variant.payload))).collect()
        }
        _ => Vec::new(),
    }
}

fn edges(types: &Types<'_>, id: ItemId, held: Vec<&Type>) -> Vec<Edge> {
    let mut edges = Vec::new();
    for ty in held {
        named_inside(ty, &|kind| matches!(kind, TypeKind::Array(..)), &mut |path| {
            let to = types.target(types.names.item(id).file, path);
            edges.extend(to.map(|to| Edge { to: to.0 as usize, at: types.names.locate(id, path.span) }));
        });
    }
    edges
}

/// The items that end: first those that hold nothing, then those of which one set is all of such, and so on.
fn ending(choices: &Choices) -> Vec<bool> {
    let mut missing: Vec<Vec<usize>> = choices.iter().map(|sets| sets.iter().map(Vec::len).collect()).collect();
    let mut holders = vec![Vec::new(); choices.len()];
    for (item, sets) in choices.iter().enumerate() {
        for (set, edges) in sets.iter().enumerate() {
            for edge in edges {
                holders[edge.to].push((item, set));
            }
        }
    }
    let mut ends: Vec<bool> = missing.iter().map(|sets| sets.is_empty() || sets.contains(&0)).collect();
    let mut waiting: Vec<usize> = (0..ends.len()).filter(|item| ends[*item]).collect();
    while let Some(item) = waiting.pop() {
        for (holder, set) in &holders[item] {
            missing[*holder][*set] -= 1;
            if missing[*holder][*set] == 0 && !ends[*holder] {
                ends[*holder] = true;
                waiting.push(*holder);
            }
        }
    }
    ends
}

/// The declared types inside a type, looking into those forms only that `enters` admits.
pub(super) fn named_inside<'a>(ty: &'a Type, enters: &dyn Fn(&TypeKind) -> bool, visit: &mut dyn FnMut(&'a Path)) {
    if let TypeKind::Named(path) = &ty.kind {
        visit(path);
    } else if enters(&ty.kind) {
        for part in walk::parts(ty) {
            named_inside(part, enters, visit);
        }
    }
}
