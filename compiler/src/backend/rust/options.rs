//! What its user asks of the backend, beyond the interface.

use std::collections::BTreeMap;

/// How stubs are made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// The command that makes them again, where one is known; it stands in their header.
    pub command: Option<String>,
    /// Whether there are client stubs.
    pub client: Presence,
    /// Whether there are the traits that servers implement, and server stubs.
    pub server: Presence,
    /// Whether calls and services that block a thread have stubs; by default they have.
    pub blocking: bool,
    /// Whether asynchronous calls and services, for tokio, have stubs; by default never.
    pub tokio: Presence,
    /// Traits to derive beyond those that are derived anyway.
    pub derives: Vec<Derive>,
    /// Methods whose arguments and results are read in place: by name, as `demo.Desk.find`; that of a service or a package
    /// stands for all in it. Where there are any, structs have views.
    pub views: Vec<String>,
    /// Packages whose code is elsewhere, each with the path of its module, such as `::money_stubs::shop::money`: they are
    /// read and checked, and no code is made for them.
    pub externs: BTreeMap<String, String>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            command: None,
            client: Presence::Always,
            server: Presence::Always,
            blocking: true,
            tokio: Presence::Never,
            derives: Vec::new(),
            views: Vec::new(),
            externs: BTreeMap::new(),
        }
    }
}

/// When a part of the stubs is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// Always.
    Always,
    /// Where the crate that holds the stubs has the part's feature: `client`, `server` or `tokio`.
    Feature,
    /// Never.
    Never,
}

impl Presence {
    /// Always, or never.
    pub fn when(wanted: bool) -> Self {
        if wanted { Self::Always } else { Self::Never }
    }
}

/// A trait to derive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Derive {
    /// The type, with its package, as in `demo.Point`; `None` for every struct, table, enum, flags and closed union.
    pub item: Option<String>,
    /// The path of the derive macro, as in `serde::Serialize`.
    pub path: String,
}

/// What is asked for does not fit the interface, or is not Rust.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OptionsError {
    /// Something else than a path stands where a derive macro is named.
    #[error("`{path}` is no path of a derive macro: write it as in `serde::Serialize`")]
    BadDerive {
        /// As given.
        path: String,
    },
    /// No such type is declared.
    #[error("there is no type `{name}` to derive `{path}` for{}", meant(nearest.as_deref()))]
    NoSuchType {
        /// As given.
        name: String,
        /// What was to be derived.
        path: String,
        /// The nearest name that there is.
        nearest: Option<String>,
    },
    /// Nothing can be derived for a constant, an alias or a service.
    #[error("nothing can be derived for `{name}`, which is no struct, enum or error")]
    NotDerivable {
        /// As given.
        name: String,
    },
    /// There is no such method, service or package.
    #[error("there is no method, service or package `{name}` to read in place{}", meant(nearest.as_deref()))]
    NoSuchMethod {
        /// As given.
        name: String,
        /// The nearest name that there is.
        nearest: Option<String>,
    },
    /// The type's package is elsewhere.
    #[error("nothing can be derived for `{name}` here: the code of its package is in `{path}`")]
    DerivedElsewhere {
        /// As given.
        name: String,
        /// Where the code is.
        path: String,
    },
    /// No such package was read.
    #[error("package `{name}` is not imported, so there is no use in saying where its code is{}", meant(nearest.as_deref()))]
    NoSuchPackage {
        /// As given.
        name: String,
        /// The nearest name that there is.
        nearest: Option<String>,
    },
    /// The file of a package is to be compiled, and is not to be.
    #[error(
        "package `{name}` is asked for by its file, and its code is said to be in `{path}`: leave out one of the two"
    )]
    AskedFor {
        /// The package.
        name: String,
        /// Where the code is.
        path: String,
    },
    /// Something else than a path from a crate stands where the code of a package is.
    #[error(
        "`{path}`, where the code of package `{name}` is, is no path that begins with a crate: write it as in \
         `::money_stubs::shop::money`"
    )]
    BadExternPath {
        /// The package.
        name: String,
        /// As given.
        path: String,
    },
    /// The code of a package is elsewhere, and that of a package it imports would be here.
    #[error("package `{name}` is elsewhere and imports `{import}`: say where the code of `{import}` is, too")]
    ImportIsHere {
        /// The package that is elsewhere.
        name: String,
        /// The package that it imports.
        import: String,
    },
    /// A stub crate does not say which crate it takes types from.
    #[error(
        "the code of package `{name}` is in crate `{krate}`, which is no dependency: add `--dependency {}=VERSION` or \
         `--dependency {}=../ITS/FOLDER`", .krate.replace('_', "-"), .krate.replace('_', "-")
    )]
    NoDependency {
        /// The package.
        name: String,
        /// The crate's name in Rust.
        krate: String,
    },
}

fn meant(nearest: Option<&str>) -> String {
    nearest.map(|nearest| format!("; is `{nearest}` meant?")).unwrap_or_default()
}
