//! What a server implements, and the stub that serves it.

use askama::Template;

use super::service::{is_large_error, link, method_docs, methods, raised, result_type, service_static, without_stubs};
use super::{Maker, deprecation, print};
use crate::backend::rust::boxing::Place;
use crate::backend::rust::docs::{Rustdoc, code};
use crate::backend::rust::lints::Allows;
use crate::backend::rust::pack::{Packing, Source, sequence};
use crate::backend::rust::scope::Prelude;
use crate::backend::rust::unpack::Unpacking;
use crate::backend::rust::{names, types};
use crate::ir::{Field, Item, Method, Service};

#[derive(Template)]
#[template(path = "server_trait.rs.askama")]
struct TraitView {
    docs: String,
    name: String,
    send: String,
    sync: String,
    methods: Vec<DeclaredView>,
}

struct DeclaredView {
    docs: String,
    allow: String,
    name: String,
    /// `context`, or `rpc_context` where the interface has a parameter of that name.
    context: &'static str,
    params: String,
    /// `-> Result<…>`; nothing for oneway methods.
    returns: String,
}

#[derive(Template)]
#[template(path = "server.rs.askama")]
struct View {
    name: String,
    server: String,
    /// The type parameter for the service.
    parameter: &'static str,
    /// Where the list of methods is.
    info: String,
    allow_field: String,
    /// `rpc_method`, or `_rpc_method` where nothing uses it; likewise the others.
    method: &'static str,
    context: &'static str,
    input: &'static str,
    out: &'static str,
    methods: Vec<MethodView>,
    std: Prelude,
}

struct MethodView {
    index: usize,
    /// With its prefix: `rpc_add`.
    name: String,
    allow: String,
    /// Whether it packs anything.
    has_out: bool,
    unpack: Vec<String>,
    /// The call of the service's method; its results bound and packed.
    call: String,
}

pub(super) fn render(maker: &Maker<'_>, item: &Item, service: &Service) -> String {
    declaration(maker, item, service) + "\n" + &stub(maker, item, service)
}

fn declaration(maker: &Maker<'_>, item: &Item, service: &Service) -> String {
    let interface = code(&maker.scope.program.full_name(item));
    let docs = Rustdoc::default()
        .paragraph(format!("What a server of {interface} does."))
        .and(&item.docs)
        .paragraph(format!("Defined in {}.", code(&maker.place(item.location))));
    let docs = without_stubs(docs, service);
    print(&TraitView {
        docs: docs.comment() + &deprecation(item.deprecated.as_deref()),
        name: names::type_name(&item.name),
        send: maker.scope.prelude.send.clone(),
        sync: maker.scope.prelude.sync.clone(),
        methods: methods(service).into_iter().map(|method| declared(maker, method)).collect(),
    })
}

fn declared(maker: &Maker<'_>, method: &Method) -> DeclaredView {
    let takes_context = method.params.iter().any(|field| names::field_name(&field.name) == "context");
    let types = method.params.iter().map(|field| types::server_parameter(maker.scope, &field.ty));
    let returns = returns(maker, method);
    let allow = Allows::default()
        .with_parameters(&method.params, 2)
        .with_types(types.chain([returns.clone()]))
        .with_method_name(&method.name)
        .with_large_error(is_large_error(maker, method));
    DeclaredView {
        docs: trait_docs(maker, method).comment() + &deprecation(method.deprecated.as_deref()),
        allow: allow.text(),
        name: names::method_name(&method.name),
        context: if takes_context { "rpc_context" } else { "context" },
        params: params(maker, method),
        returns: if method.oneway { String::new() } else { format!("-> {returns}") },
    }
}

fn trait_docs(maker: &Maker<'_>, method: &Method) -> Rustdoc {
    let docs = method_docs(method);
    match raised(maker, method) {
        _ if method.oneway => docs.paragraph("Nothing goes back to the caller."),
        Some(error) => docs.paragraph(format!(
            "# Errors\n\nThe caller gets the declared {} as it is, and anything else as a [`stub::Status`].",
            link(&error)
        )),
        None => docs.paragraph("# Errors\n\nThe caller gets the [`stub::Status`]."),
    }
}

fn params(maker: &Maker<'_>, method: &Method) -> String {
    let param = |field: &Field| {
        format!(", {}: {}", names::field_name(&field.name), types::server_parameter(maker.scope, &field.ty))
    };
    method.params.iter().map(param).collect()
}

fn returns(maker: &Maker<'_>, method: &Method) -> String {
    let error = raised(maker, method).map_or("stub::Status".to_owned(), |error| format!("stub::Fault<{error}>"));
    format!("{}<{}, {error}>", maker.scope.prelude.result, result_type(maker, method))
}

fn stub(maker: &Maker<'_>, item: &Item, service: &Service) -> String {
    let name = names::type_name(&item.name);
    let methods: Vec<_> =
        methods(service).into_iter().enumerate().map(|(index, method)| served(maker, &name, index, method)).collect();
    let is_empty = methods.is_empty();
    let has_out = methods.iter().any(|method| method.has_out);
    print(&View {
        server: format!("{name}Server"),
        parameter: maker.scope.service_parameter(),
        info: format!("{}::{}", names::numbers_module(&item.name), service_static(service)),
        allow_field: Allows::default().when(is_empty, "dead_code", "the service has no methods").text(),
        method: if is_empty { "_rpc_method" } else { "rpc_method" },
        context: if is_empty { "_rpc_context" } else { "rpc_context" },
        input: if is_empty { "_rpc_in" } else { "rpc_in" },
        out: if has_out { "rpc_out" } else { "_rpc_out" },
        methods,
        std: maker.scope.prelude.clone(),
        name,
    })
}

fn served(maker: &Maker<'_>, service: &str, index: usize, method: &Method) -> MethodView {
    let unpacking = Unpacking { scope: maker.scope, input: "rpc_in" };
    let unpack = |field: &Field| {
        format!("let {} = {}?", names::field_name(&field.name), unpacking.parameter(&field.name, &field.ty))
    };
    let allow = Allows::default().with_variables(method.params.iter());
    MethodView {
        index,
        name: format!("rpc_{}", names::raw_free(&method.name)),
        allow: allow.text(),
        has_out: method.throws.is_some() || !method.results.is_empty(),
        unpack: method.params.iter().map(unpack).collect(),
        call: call(maker, service, method),
    }
}

/// The call of the service's method and what becomes of its results.
///
/// The method is named by its trait: `self.0.into(…)` would be the conversion of the standard library.
fn call(maker: &Maker<'_>, service: &str, method: &Method) -> String {
    let params = method.params.iter().map(|field| names::field_name(&field.name));
    let args =
        ["&self.0".to_owned(), "rpc_context".to_owned()].into_iter().chain(params).collect::<Vec<_>>().join(", ");
    let call = format!("{service}::{}({args})", names::method_name(&method.name));
    let failure = match method.throws {
        Some(_) => "|rpc_fault| stub::raise(rpc_fault, rpc_out)",
        None => "stub::Failure::from",
    };
    match method.results.as_slice() {
        [] if method.oneway => format!("{call}; Ok(())"),
        [] => format!("{call}.map_err({failure})"),
        results => {
            let raise = if method.throws.is_some() { format!(".map_err({failure})") } else { String::new() };
            format!("let rpc_result = {call}{raise}?;\n{}", pack_results(maker, results))
        }
    }
}

/// The steps that pack the results: a value, or the parts of a tuple, whose names might be the same in Rust.
fn pack_results(maker: &Maker<'_>, results: &[Field]) -> String {
    let packing = Packing { scope: maker.scope, out: "rpc_out" };
    let step = |(at, field): (usize, &Field)| {
        let value = if results.len() == 1 { "rpc_result".to_owned() } else { format!("rpc_result.{at}") };
        let packed = packing.field(&field.name, &field.ty, &Source::Owned(value), Place::Plain);
        format!("{packed}.map_err(stub::Failure::from_reply)")
    };
    sequence(&results.iter().enumerate().map(step).collect::<Vec<_>>())
}
