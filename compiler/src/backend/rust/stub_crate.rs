//! A crate of stubs that can be published.

use std::collections::BTreeMap;

use askama::Template;

use super::docs::Rustdoc;
use super::plan::{Condition, Plan};
use super::{GenerateError, Options, OptionsError, Presence, items, modules, package};
use crate::backend::{Files, InternalError};
use crate::ir::{Item, ItemKind, Package, Program, Service};
use crate::source::SourceMap;

/// How the crate is called and what it depends on.
#[derive(Debug, Clone, Default)]
pub struct CrateOptions {
    /// Its name; `None` for the last part of the first package asked for, and `-stubs`.
    pub name: Option<String>,
    /// Such as `0.1.0`.
    pub version: String,
    /// An SPDX expression.
    pub license: Option<String>,
    /// Where the runtime is, as seen from the crate; `None` for the published one.
    pub runtime_path: Option<String>,
    /// Whether it goes without the feature `tokio`, which adds asynchronous stubs.
    pub no_tokio: bool,
    /// Methods whose arguments and results are read in place, as in [`Options::views`].
    pub views: Vec<String>,
    /// Packages whose code is in other crates, as in [`Options::externs`].
    pub externs: BTreeMap<String, String>,
    /// The crates that `externs` leads to.
    pub dependencies: Vec<Dependency>,
}

/// A crate that a stub crate depends on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dependency {
    /// As Cargo writes it.
    pub name: String,
    /// Where it comes from.
    pub source: Source,
}

/// Where a dependency comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A registry, which has a version that meets this requirement.
    Version(String),
    /// A folder, as seen from the crate.
    Path(String),
}

#[derive(Template)]
#[template(path = "crate/Cargo.toml.askama")]
struct ManifestView {
    name: String,
    version: String,
    description: String,
    license: Option<String>,
    /// The oldest Rust that builds the runtime.
    rust_version: &'static str,
    /// The runtime's version and path, as TOML strings.
    runtime_version: String,
    runtime_path: Option<String>,
    has_tokio: bool,
    /// A line each.
    dependencies: Vec<String>,
}

#[derive(Template)]
#[template(path = "crate/README.md.askama")]
struct ReadmeView {
    name: String,
    /// The crate's name in `use`.
    library: String,
    packages: Vec<PackageView>,
    has_tokio: bool,
    runtime_version: &'static str,
}

struct PackageView {
    name: String,
    /// `::` and the path of its module in the crate; empty if its items are at the root too.
    path: String,
    docs: String,
    services: Vec<ServiceView>,
}

struct ServiceView {
    name: String,
    /// `CalculatorClient`, and `{Calculator, CalculatorServer}`
    client: String,
    server: String,
    /// Those for tokio: `AsyncCalculatorClient`, and `{AsyncCalculator, AsyncCalculatorServer}`
    async_client: String,
    async_server: String,
    docs: String,
    /// A line each: the method, and the first line of its docs.
    methods: Vec<String>,
}

impl CrateOptions {
    /// How the stubs in the crate are made: each part where the crate has its feature.
    pub fn stubs(&self) -> Options {
        Options {
            client: Presence::Feature,
            server: Presence::Feature,
            tokio: if self.no_tokio { Presence::Never } else { Presence::Feature },
            views: self.views.clone(),
            externs: self.externs.clone(),
            ..Options::default()
        }
    }
}

/// Generates the crate: `Cargo.toml`, `README.md`, `src/lib.rs` and a file for each package in `src`.
///
/// # Errors
///
/// When the options do not fit the program. Else only when this compiler is wrong, as for [`generate`](super::generate).
pub fn generate(program: &Program, sources: &SourceMap, options: &CrateOptions) -> Result<Files, GenerateError> {
    let name = options.name.clone().unwrap_or_else(|| default_name(program));
    let stubs = options.stubs();
    let plan = Plan::new(program, &stubs)?;
    check_dependencies(options)?;
    let packages = super::packages(program, sources, &stubs, &plan)?.into_iter();
    let mut files: Files = packages.map(|(file, text)| (format!("src/{file}"), text)).collect();
    files.insert("src/lib.rs".to_owned(), library(program, &plan)?);
    files.insert("Cargo.toml".to_owned(), manifest(program, &name, options));
    files.insert("README.md".to_owned(), readme(program, name, options));
    Ok(files)
}

/// Each crate that code is in has to be a dependency.
fn check_dependencies(options: &CrateOptions) -> Result<(), OptionsError> {
    for (name, path) in &options.externs {
        let Some(krate) = path.strip_prefix("::").and_then(|path| path.split("::").next()) else {
            return Err(OptionsError::BadExternPath { name: name.clone(), path: path.clone() });
        };
        if !options.dependencies.iter().any(|dependency| dependency.name.replace('-', "_") == krate) {
            return Err(OptionsError::NoDependency { name: name.clone(), krate: krate.to_owned() });
        }
    }
    Ok(())
}

fn roots(program: &Program) -> impl Iterator<Item = &Package> {
    program.packages.iter().filter(|package| package.is_root)
}

fn default_name(program: &Program) -> String {
    let package = roots(program).next().map_or("rpc", |package| package.name.rsplit('.').next().unwrap_or_default());
    format!("{}-stubs", super::names::raw_free(package).replace('_', "-"))
}

/// `src/lib.rs`: the docs of the packages asked for, and the tree of modules. What a crate of one package holds is at
/// the root of the crate too.
fn library(program: &Program, plan: &Plan) -> Result<String, InternalError> {
    let docs = roots(program).fold(Rustdoc::default(), |docs, package| docs.and(&package.docs));
    let docs = if docs.is_empty() { docs.paragraph("Stubs made by rpcgen.") } else { docs };
    let (header, modules) = modules::parts(program, plan)?;
    Ok(format!("{header}\n{}\n{modules}{}", docs.inner_comment(), export(program).unwrap_or_default()))
}

/// What puts the items of the only package at the root, where there is something to put there: services are made only with
/// a feature.
fn export(program: &Program) -> Option<String> {
    let path = only_root(program)?;
    let mut kinds = roots(program).flat_map(|package| &package.items).map(|id| &program.item(*id).kind).peekable();
    kinds.peek()?;
    let condition = if kinds.all(|kind| matches!(kind, ItemKind::Service(_))) {
        Condition::CLIENT.or(Condition::SERVER)
    } else {
        Condition::ALWAYS
    };
    let attribute = condition.attribute().map(|attribute| format!("{attribute}\n")).unwrap_or_default();
    Some(format!("\n{attribute}pub use {path}::*;\n"))
}

/// The path of the package, if only one was asked for.
fn only_root(program: &Program) -> Option<String> {
    let mut roots = roots(program);
    let only = roots.next().filter(|_| roots.next().is_none())?;
    Some(package::module_path(only).join("::"))
}

fn manifest(program: &Program, name: &str, options: &CrateOptions) -> String {
    let first = roots(program).flat_map(|package| &package.docs).find(|line| !line.trim().is_empty());
    let description = first.map_or_else(|| "RPC stubs".to_owned(), |line| super::docs::plain(line.trim()));
    items::print(&ManifestView {
        name: toml(name),
        version: toml(&options.version),
        description: toml(&description),
        license: options.license.as_deref().map(toml),
        rust_version: env!("CARGO_PKG_RUST_VERSION"),
        runtime_version: toml(env!("CARGO_PKG_VERSION")),
        runtime_path: options.runtime_path.as_deref().map(toml),
        has_tokio: !options.no_tokio,
        dependencies: options.dependencies.iter().map(dependency).collect(),
    })
}

/// Of another stub crate only the types are needed, which it has without its features.
fn dependency(Dependency { name, source }: &Dependency) -> String {
    let source = match source {
        Source::Version(version) => format!("version = {}", toml(version)),
        Source::Path(path) => format!("path = {}", toml(path)),
    };
    format!("{name} = {{ {source}, default-features = false }}")
}

/// A TOML string.
pub(super) fn toml(text: &str) -> String {
    let escaped = text.chars().map(|char| match char {
        '"' | '\\' => format!("\\{char}"),
        _ if char.is_control() => format!("\\u{:04X}", u32::from(char)),
        _ => char.to_string(),
    });
    format!("\"{}\"", escaped.collect::<String>())
}

fn readme(program: &Program, name: String, options: &CrateOptions) -> String {
    let text = items::print(&ReadmeView {
        library: name.replace('-', "_"),
        name,
        packages: roots(program).map(|package| package_view(program, package)).collect(),
        has_tokio: !options.no_tokio,
        runtime_version: env!("CARGO_PKG_VERSION"),
    });
    text + "\n"
}

fn package_view(program: &Program, package: &Package) -> PackageView {
    let path = only_root(program).is_none().then(|| package::module_path(package).join("::"));
    let items = package.items.iter().map(|id| program.item(*id));
    let services = items.filter_map(|item| match &item.kind {
        ItemKind::Service(service) => Some(service_view(item, service)),
        _ => None,
    });
    PackageView {
        name: package.name.clone(),
        path: path.map_or_else(String::new, |path| format!("::{path}")),
        docs: Rustdoc::new(&package.docs).markdown(),
        services: services.collect(),
    }
}

fn service_view(item: &Item, service: &Service) -> ServiceView {
    let name = |prefix, suffix| super::names::service_name(prefix, &item.name, suffix);
    ServiceView {
        name: name("", ""),
        client: name("", "Client"),
        server: format!("{{{}, {}}}", name("", ""), name("", "Server")),
        async_client: name("Async", "Client"),
        async_server: format!("{{{}, {}}}", name("Async", ""), name("Async", "Server")),
        docs: Rustdoc::new(&item.docs).markdown(),
        methods: service.methods.iter().map(|method| Rustdoc::new(&method.docs).list_item(&method.name)).collect(),
    }
}
