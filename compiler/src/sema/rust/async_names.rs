//! Names that asynchronous stubs add: looked at only where such stubs are made.

use super::{CLIENT_FUNCTIONS, Kind, Taken, types_made};
use crate::diag::{Diagnostic, Diagnostics};
use crate::ir::{Item, ItemKind, Package, Program, Service};
use crate::rust_names::{as_field, raw_free, type_name};

/// Reports names of these packages that collide with those of the asynchronous stubs of a service.
pub(crate) fn check(program: &Program, is_made: impl Fn(&Package) -> bool) -> impl Iterator<Item = Diagnostic> {
    let mut found = Diagnostics::default();
    for package in program.packages.iter().filter(|package| is_made(package)) {
        check_package(package.items.iter().map(|id| program.item(*id)), &mut found);
    }
    found.into_iter().map(|finding| finding.help("give it another name, or make no asynchronous stubs"))
}

/// All names but those of asynchronous stubs were found to differ.
fn check_package<'a>(items: impl Iterator<Item = &'a Item> + Clone, found: &mut Diagnostics) {
    let mut types = Taken::default();
    let is_type = |item: &&Item| !matches!(item.kind, ItemKind::Const(_));
    for item in items.clone().filter(is_type) {
        types.take(&item.name, item.location, &types_made(kind(&item.kind), &item.name), found);
    }
    for item in items {
        let ItemKind::Service(service) = &item.kind else { continue };
        let name = format!("Async{}", type_name(&item.name));
        let made = ["", "Client", "Server"].map(|suffix| format!("{name}{suffix}").into());
        types.take(&item.name, item.location, &made, found);
        check_methods(service, found);
    }
}

/// A method that is answered with one message has a twin.
fn check_methods(service: &Service, found: &mut Diagnostics) {
    let mut functions = Taken::by_generator(CLIENT_FUNCTIONS);
    for method in &service.methods {
        functions.take(&method.name, method.location, &[as_field(&method.name)], found);
    }
    for method in service.methods.iter().filter(|method| !method.oneway && !method.has_stream()) {
        let twin = format!("{}_with_metadata", raw_free(&method.name));
        functions.take(&method.name, method.location, &[twin.into()], found);
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
