//! From trees to the IR: passes that each look at the whole program and report every mistake they find.
//!
//! A pass hands on tables that lack what was damaged, and a later pass is silent about what a table lacks: so all passes
//! run, whatever was found, one mistake is reported once, and only a program without errors becomes an
//! [`ir::Program`]. Users choose how long chains of declarations are, so no walk over declarations calls itself.

mod annotations;
mod arithmetic;
mod bounds;
mod collect;
mod consts;
mod defaults;
mod ends;
mod eval;
mod fit;
mod graph;
mod layout;
mod limit;
mod lower;
mod members;
mod numbers;
mod report;
mod reserved;
mod resolve;
mod rust;
mod services;
mod shape;
mod sizes;
mod streams;
mod suggest;
mod types;
mod uses;
mod walk;
mod wire_names;
mod zeros;

#[cfg(test)]
mod tests;

use foldhash::HashSet;

use rustc_hash::FxHashMap;

pub(crate) use rust::{Asked, check_option_names};

use crate::{diag::Diagnostics, ir, load::Loaded, source::Location};

/// What is known of places in the texts. There are many, and a file cannot choose how they hash: a fast hash will do.
type ByPlace<T> = FxHashMap<Location, T>;

/// Checks a program and resolves it. Imported files stand before those that import them.
///
/// What is found is added to `out`, by file and place, of one file about a hundred findings at most. `None` if there was any error, those already in `out` included.
pub fn analyze(files: &[Loaded], out: &mut Diagnostics) -> Option<ir::Program> {
    let mut found = Diagnostics::default();
    let damaged = damaged_files(files, out);
    let program = run(files, &damaged, out.has_errors(), &mut found);
    limit::publish(found, out);
    program
}

/// The files in which something was wrong before any pass: what could not be read may be what seems to be missing.
fn damaged_files(files: &[Loaded], out: &Diagnostics) -> HashSet<usize> {
    let errors = out.iter().filter(|finding| finding.is_error());
    let places: HashSet<_> = errors.filter_map(|finding| Some(finding.primary.as_ref()?.location.file)).collect();
    (0..files.len()).filter(|file| files.get(*file).is_some_and(|loaded| places.contains(&loaded.file))).collect()
}

fn run(files: &[Loaded], damaged: &HashSet<usize>, failed: bool, found: &mut Diagnostics) -> Option<ir::Program> {
    let names = collect::Names::collect(files, found);
    let mut resolver = resolve::Resolver::new(&names, found);
    let types = &types::Types::resolve(&mut resolver);
    let uses = &uses::Uses::resolve(types, &mut resolver);
    resolver.report_unused(damaged);

    let consts = &consts::evaluate(types, uses, found);
    let with = eval::Evaluator { types, uses, consts, siblings: None };
    let defaults = &defaults::evaluate(&with, found);
    let bounds = &bounds::evaluate(&with, defaults, found);
    let numbers = &members::check(&with, found);
    layout::check(types, bounds, numbers, found);
    services::check(&names, found);
    let values = &annotations::check(&with, found);
    numbers::check(&names, values, found);
    wire_names::check(&names, found);
    let shapes = &shape::describe(types, bounds, numbers, found);
    rust::check(&names, found);

    if failed || found.has_errors() {
        return None;
    }
    let recursion = layout::Recursion::find(types);
    lower::Facts { types, uses, consts, defaults, bounds, numbers, shapes, values, recursion }.program()
}
