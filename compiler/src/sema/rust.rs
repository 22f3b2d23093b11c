//! Names that differ here and are the same in Rust, or are taken there by what the generator makes.

use std::borrow::Cow;

use foldhash::{HashMap, HashMapExt as _};

use super::{collect::Names, streams};
use crate::{
    ast::{Field, Item as Tree, Name, Payload, Service},
    diag::{Code, Diagnostic, Diagnostics},
    ir::ItemId,
    rust_names::{as_field, const_name, module_name, raw_free, service_name, type_name, variant_name},
    source::{FileId, Location},
};

mod option_names;

pub(crate) use option_names::{Asked, check as check_option_names};

/// Names that no method can have: functions that every client has, those of Rust that it would hide or be hidden by, and what a
/// method called `service` leaves for the list of all methods.
const TAKEN_METHODS: [&str; 8] =
    ["new", "with_timeout", "with_metadata", "with_trace", "clone", "into", "try_into", "rpc_service"];

/// Type parameters of generated code, which would hide a type of the same name.
const TYPE_PARAMETERS: [&str; 2] = ["RpcR", "RpcS"];

/// What a generated file calls the runtime: a package below it cannot have the name.
const RUNTIME_MODULE: &str = "stub";

/// Reports names that collide after conversion.
pub(super) fn check(names: &Names<'_>, found: &mut Diagnostics) {
    check_packages(names, found);
    for file in 0..names.files.len() {
        let mut types = Taken::by_generator(TYPE_PARAMETERS);
        let mut values = Taken::default();
        for id in names.scopes[file].ids.clone().map(ItemId) {
            let item = names.item(id);
            let is_first = names.in_package(file, &item.name.text) == Ok(id);
            if is_first {
                let (table, made) = match item.tree {
                    Tree::Const(_) => (&mut values, vec![const_name(&item.name.text).into()]),
                    tree => (&mut types, types_made(kind(tree), &item.name.text)),
                };
                table.take(&item.name.text, names.place(id), &made, found);
            }
            check_inside(names.file_id(file), item.tree, found);
        }
    }
}

/// What decides on the names that a declaration becomes.
#[derive(Clone, Copy)]
enum Kind {
    /// A type.
    Plain,
    /// A type, and another for what it does not know.
    Open,
    Service,
}

fn kind(tree: &Tree) -> Kind {
    match tree {
        Tree::Enum(of) if of.closed => Kind::Plain,
        Tree::Union(of) if of.closed => Kind::Plain,
        Tree::Enum(_) | Tree::Union(_) | Tree::Error(_) => Kind::Open,
        Tree::Service(_) => Kind::Service,
        _ => Kind::Plain,
    }
}

/// The types, traits and modules that a declaration becomes.
fn types_made(kind: Kind, name: &str) -> Vec<Cow<'static, str>> {
    let made = match kind {
        Kind::Plain => vec![type_name(name)],
        Kind::Open => vec![format!("Unknown{}", type_name(name)), type_name(name)],
        Kind::Service => {
            let [client, server, own] = ["Client", "Server", ""].map(|suffix| service_name("", name, suffix));
            vec![client, server, format!("rpc_{}", raw_free(name)), own]
        }
    };
    made.into_iter().map(Cow::Owned).collect()
}

fn check_inside(file: FileId, tree: &Tree, found: &mut Diagnostics) {
    match tree {
        Tree::Enum(of) => {
            let names = of.members.iter().map(|member| &member.name);
            Taken::by_generator((!of.closed).then_some("Unknown")).take_all(
                names,
                file,
                |name| variant_name(name).into(),
                found,
            );
        }
        // Members of flags are constants in Rust.
        Tree::Flags(of) => {
            let names = of.members.iter().map(|member| &member.name);
            Taken::default().take_all(names, file, |name| const_name(name).into(), found);
        }
        Tree::Table(of) => {
            Taken::default().take_all(of.fields.iter().map(|field| &field.field.name), file, as_field, found);
        }
        Tree::Union(of) | Tree::Error(of) => {
            let names = of.variants.iter().map(|variant| &variant.name);
            Taken::by_generator((!of.closed).then_some("Unknown")).take_all(
                names,
                file,
                |name| variant_name(name).into(),
                found,
            );
            for variant in &of.variants {
                if let Payload::Fields(fields) = &variant.payload {
                    check_fields(file, fields, found);
                    check_prefix(file, fields, found);
                }
            }
        }
        Tree::Struct(of) => check_fields(file, &of.fields, found),
        Tree::Service(of) => check_service(file, of, found),
        Tree::Const(_) | Tree::Alias(_) | Tree::Broken(_) => {}
    }
}

fn check_fields(file: FileId, fields: &[Field], found: &mut Diagnostics) {
    Taken::default().take_all(fields.iter().map(|field| &field.name), file, as_field, found);
}

/// Results have no names in Rust: several are a tuple.
fn check_service(file: FileId, of: &Service, found: &mut Diagnostics) {
    let mut functions = Taken::by_generator(TAKEN_METHODS);
    for method in &of.methods {
        let made = functions_made(&method.name.text, method.oneway.is_none() && !streams::has_stream(method));
        functions.take(&method.name.text, method.name.span.within(file), &made, found);
        check_fields(file, &method.params, found);
        check_prefix(file, &method.params, found);
    }
}

/// The locals of generated functions begin with `rpc_`; the parser refuses names that do, not those that will.
fn check_prefix(file: FileId, params: &[Field], found: &mut Diagnostics) {
    for Field { name, .. } in params {
        let made = as_field(&name.text);
        if made.starts_with("rpc_") && !name.text.starts_with("rpc_") {
            found.push(collision(&name.text, name.span.within(file), &made, None));
        }
    }
}

/// The functions of a client that a method becomes. One that is answered with one message can be started, too.
fn functions_made(method: &str, is_unary: bool) -> Vec<Cow<'_, str>> {
    let start = is_unary.then(|| format!("start_{}", raw_free(method)).into());
    [as_field(method)].into_iter().chain(start).collect()
}

/// Names in Rust, with who took them; `None` for the generator.
#[derive(Default)]
struct Taken<'a>(HashMap<Cow<'a, str>, Option<(&'a str, Location)>>);

impl<'a> Taken<'a> {
    fn by_generator(names: impl IntoIterator<Item = &'static str>) -> Self {
        Self(names.into_iter().map(|name| (name.into(), None)).collect())
    }

    fn take_all(
        &mut self,
        names: impl Iterator<Item = &'a Name>,
        file: FileId,
        convert: fn(&'a str) -> Cow<'a, str>,
        found: &mut Diagnostics,
    ) {
        for name in names {
            self.take(&name.text, name.span.within(file), &[convert(&name.text)], found);
        }
    }

    /// Takes what a name becomes; reports the first of it that is taken.
    fn take(&mut self, name: &'a str, at: Location, made: &[Cow<'a, str>], found: &mut Diagnostics) {
        let clash = made.iter().find_map(|made| Some((made, *self.0.get(made)?)));
        match clash {
            // Doubled names were reported as such.
            Some((_, Some((first, _)))) if first == name => return,
            Some((made, first)) => found.push(collision(name, at, made, first)),
            None => {}
        }
        for made in made {
            self.0.entry(made.clone()).or_insert(Some((name, at)));
        }
    }
}

fn collision(name: &str, at: Location, made: &str, first: Option<(&str, Location)>) -> Diagnostic {
    let finding = |message| Diagnostic::new(Code::RustCollision, at, message).help("give it another name");
    match first {
        Some((first, place)) => finding(format!("`{name}` and `{first}` both make `{made}` in Rust"))
            .other(place, format!("this makes `{made}` first")),
        None => finding(format!("`{name}` makes `{made}` in Rust, which is taken by generated code")),
    }
}

fn check_packages(names: &Names<'_>, found: &mut Diagnostics) {
    let mut modules: HashMap<Vec<String>, usize> = HashMap::new();
    for (file, module) in names.files.iter().enumerate().filter_map(|(file, _)| Some((file, module(names, file)?))) {
        match modules.get(&module) {
            Some(first) if names.package_name(*first) != names.package_name(file) => {
                found.extend(same_module(names, file, *first, &module));
            }
            Some(_) => {}
            None => drop(modules.insert(module, file)),
        }
    }
    for (file, _) in names.files.iter().enumerate() {
        found.extend(module(names, file).and_then(|module| like_ours(names, file, &module)));
        let parent = module(names, file).and_then(|module| below_runtime(&module, &modules));
        found.extend(parent.and_then(|parent| hides_runtime(names, file, parent)));
    }
}

/// The part of a package that becomes a module such as generated code has for itself.
fn like_ours(names: &Names<'_>, file: usize, module: &[String]) -> Option<Diagnostic> {
    let name = names.package_name(file);
    // The parser refuses parts that begin so as they are written.
    let made = name.split('.').zip(module).find(|(part, made)| made.starts_with("rpc_") && !part.starts_with("rpc_"));
    let (_, part) = made?;
    let message =
        format!("package `{name}` makes module `{part}` in Rust, and generated code has such names for itself");
    Some(Diagnostic::new(Code::RustCollision, names.package_place(file)?, message).help("give it another name"))
}

/// The modules that a package becomes, outermost first.
fn module(names: &Names<'_>, file: usize) -> Option<Vec<String>> {
    names.scopes[file].package.as_ref().map(|name| name.split('.').map(module_name).collect())
}

fn same_module(names: &Names<'_>, file: usize, first: usize, module: &[String]) -> Option<Diagnostic> {
    let (name, other) = (names.package_name(file), names.package_name(first));
    let message = format!("packages `{name}` and `{other}` both make module `{}` in Rust", module.join("::"));
    let finding = Diagnostic::new(Code::RustCollision, names.package_place(file)?, message);
    Some(finding.other(names.package_place(first)?, "this one came first").help("give it another name"))
}

/// The package in whose file a part of this module's path would hide the runtime.
fn below_runtime(module: &[String], modules: &HashMap<Vec<String>, usize>) -> Option<usize> {
    let hiding = module.iter().enumerate().skip(1).filter(|(_, part)| *part == RUNTIME_MODULE);
    hiding.into_iter().find_map(|(at, _)| modules.get(&module[..at]).copied())
}

fn hides_runtime(names: &Names<'_>, file: usize, parent: usize) -> Option<Diagnostic> {
    let (name, parent_name) = (names.package_name(file), names.package_name(parent));
    let message = format!("package `{name}` makes module `stub` in Rust, which generated code of `{parent_name}` has");
    let finding = Diagnostic::new(Code::RustCollision, names.package_place(file)?, message);
    Some(finding.other(names.package_place(parent)?, "its module holds both").help("give it another name"))
}
