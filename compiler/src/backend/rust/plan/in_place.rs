//! The methods whose arguments and results are read in place.

use std::collections::BTreeSet;

use crate::backend::rust::OptionsError;
use crate::ir::{ItemKind, Method, Program};
use crate::near::nearest;
use crate::source::Location;

pub(super) struct InPlace {
    /// Whether there are views at all: a package without methods may be asked for the views of its structs.
    is_asked_for: bool,
    /// By where they are declared.
    methods: BTreeSet<Location>,
}

impl InPlace {
    /// Those of these names, and all in the services and packages of these names.
    ///
    /// # Errors
    ///
    /// When a name is that of no method, service or package.
    pub(super) fn new(program: &Program, names: &[String]) -> Result<Self, OptionsError> {
        let methods = methods(program);
        let mut found = BTreeSet::new();
        for name in names {
            let meant: Vec<_> = methods.iter().filter(|(path, _)| is_in(path, name)).collect();
            if meant.is_empty() && !program.packages.iter().any(|package| is_in(&package.name, name)) {
                return Err(no_such_method(name, &methods));
            }
            found.extend(meant.into_iter().map(|(_, method)| method.location));
        }
        Ok(Self { is_asked_for: !names.is_empty(), methods: found })
    }

    pub(super) fn is_asked_for(&self) -> bool {
        self.is_asked_for
    }

    pub(super) fn holds(&self, method: &Method) -> bool {
        self.methods.contains(&method.location)
    }
}

/// Each method with its name: `demo.Desk.find`.
fn methods(program: &Program) -> Vec<(String, &Method)> {
    let services = program.items.iter().filter_map(|item| match &item.kind {
        ItemKind::Service(service) => Some((program.full_name(item), service)),
        _ => None,
    });
    let named = services.flat_map(|(name, service)| {
        service.methods.iter().map(move |method| (format!("{name}.{}", method.name), method))
    });
    named.collect()
}

/// Whether a method or package is the one of this name, or in what has it.
fn is_in(path: &str, name: &str) -> bool {
    path.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

fn no_such_method(name: &str, methods: &[(String, &Method)]) -> OptionsError {
    let paths = methods.iter().map(|(path, _)| path.as_str());
    let services = paths.clone().filter_map(|path| Some(path.rsplit_once('.')?.0));
    let nearest = nearest(name, services.chain(paths)).map(str::to_owned);
    OptionsError::NoSuchMethod { name: name.to_owned(), nearest }
}
