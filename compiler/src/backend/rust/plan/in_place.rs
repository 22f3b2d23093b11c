//! The methods whose arguments and results are read in place.

use std::collections::BTreeSet;

use crate::backend::rust::OptionsError;
use crate::ir::{ItemKind, Method, Program};
use crate::near::nearest;
use crate::source::Location;

/// Methods, by where they are declared.
pub(super) struct InPlace(BTreeSet<Location>);

impl InPlace {
    /// Those of these names, and all in the services and packages of these names.
    ///
    /// # Errors
    ///
    /// When a name is that of no method, and of nothing that has one.
    pub(super) fn new(program: &Program, names: &[String]) -> Result<Self, OptionsError> {
        let methods = methods(program);
        let mut found = BTreeSet::new();
        for name in names {
            let meant: Vec<_> = methods.iter().filter(|(path, _)| is_in(path, name)).collect();
            if meant.is_empty() {
                return Err(no_such_method(name, &methods));
            }
            found.extend(meant.into_iter().map(|(_, method)| method.location));
        }
        Ok(Self(found))
    }

    pub(super) fn is_asked_for(&self) -> bool {
        !self.0.is_empty()
    }

    pub(super) fn holds(&self, method: &Method) -> bool {
        self.0.contains(&method.location)
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

/// Whether a method is the one of this name, or in what has it.
fn is_in(path: &str, name: &str) -> bool {
    path.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

fn no_such_method(name: &str, methods: &[(String, &Method)]) -> OptionsError {
    let paths = methods.iter().map(|(path, _)| path.as_str());
    let services = paths.clone().filter_map(|path| Some(path.rsplit_once('.')?.0));
    let nearest = nearest(name, services.chain(paths)).map(str::to_owned);
    OptionsError::NoSuchMethod { name: name.to_owned(), nearest }
}
