//! Names that asynchronous stubs and views add: looked at only where such are made.

use super::{Kind, TAKEN_METHODS, Taken, functions_made, types_made};
use crate::diag::Diagnostics;
use crate::ir::{Item, ItemId, ItemKind, Method, Package, Program, Service};
use crate::rust_names::{in_place_name, raw_free, service_name, view_name};

/// What is made beside what is always made.
#[derive(Clone, Copy)]
pub(crate) struct Asked {
    pub(crate) tokio: bool,
    pub(crate) views: bool,
}

/// Reports names of these packages that collide with those of what is asked for.
pub(crate) fn check(program: &Program, asked: Asked, is_made: impl Fn(&Package) -> bool) -> Diagnostics {
    let mut found = Diagnostics::default();
    for package in program.packages.iter().filter(|package| is_made(package)) {
        let items: Vec<_> = package.items.iter().map(|id| (*id, program.item(*id))).collect();
        let mut types = types(&items);
        if asked.tokio {
            let clashes = async_clashes(&items, &mut types).into_iter();
            found.extend(clashes.map(|clash| clash.help("give it another name, or make no asynchronous stubs")));
        }
        if asked.views {
            let clashes = view_clashes(program, &items, &mut types).into_iter();
            found.extend(clashes.map(|clash| clash.help("give it another name, or have nothing read in place")));
        }
    }
    found
}

type Items<'a> = [(ItemId, &'a Item)];

/// All names of types that are always made: they were found to differ.
fn types<'a>(items: &Items<'a>) -> Taken<'a> {
    let mut types = Taken::default();
    for (_, item) in items.iter().filter(|(_, item)| !matches!(item.kind, ItemKind::Const(_))) {
        let made = types_made(kind(&item.kind), &item.name);
        types.take(&item.name, item.location, &made, &mut Diagnostics::default());
    }
    types
}

fn async_clashes<'a>(items: &Items<'a>, types: &mut Taken<'a>) -> Diagnostics {
    let mut found = Diagnostics::default();
    for (_, item) in items {
        let ItemKind::Service(service) = &item.kind else { continue };
        let made = ["", "Client", "Server"].map(|suffix| service_name("Async", &item.name, suffix).into());
        types.take(&item.name, item.location, &made, &mut found);
        take_twins(service, false, |method| format!("{}_with_metadata", raw_free(&method.name)), &mut found);
    }
    found
}

fn view_clashes<'a>(program: &Program, items: &Items<'a>, types: &mut Taken<'a>) -> Diagnostics {
    let mut found = Diagnostics::default();
    for (id, item) in items {
        match &item.kind {
            ItemKind::Struct(_) if !program.item_size(*id).fixed => {
                types.take(&item.name, item.location, &[view_name(&item.name).into()], &mut found);
            }
            ItemKind::Service(service) => take_twins(service, true, |method| in_place_name(&method.name), &mut found),
            _ => {}
        }
    }
    found
}

/// Takes the twins of methods that are answered with one message. The client that has them may have calls to start beside them.
fn take_twins(service: &Service, starts: bool, twin: impl Fn(&Method) -> String, found: &mut Diagnostics) {
    let is_unary = |method: &Method| !method.oneway && !method.has_stream();
    let mut functions = Taken::by_generator(TAKEN_METHODS);
    for method in &service.methods {
        let made = functions_made(&method.name, starts && is_unary(method));
        functions.take(&method.name, method.location, &made, found);
    }
    for method in service.methods.iter().filter(|method| is_unary(method)) {
        functions.take(&method.name, method.location, &[twin(method).into()], found);
    }
}

fn kind(kind: &ItemKind) -> Kind {
    match kind {
        ItemKind::Enum(of) if of.closed => Kind::Plain,
        ItemKind::Union(of) if of.closed => Kind::Plain,
        ItemKind::Enum(_) | ItemKind::Union(_) | ItemKind::Error(_) => Kind::Open,
        ItemKind::Service(_) => Kind::Service,
        _ => Kind::Plain,
    }
}
