//! What a server implements, and the stubs that serve it.

mod asynchronous;
mod blocking;

use askama::Template;

use super::flavour::Flavour;
use super::service::service_static;
use super::{Maker, print, server_trait, streams};
use crate::backend::rust::boxing::Place;
use crate::backend::rust::lints::Allows;
use crate::backend::rust::names;
use crate::backend::rust::pack::{Packing, Source};
use crate::backend::rust::unpack::Unpacking;
use crate::backend::rust::views::of_parameters;
use crate::ir::{Field, Item, Method, Service};

#[derive(Template)]
#[template(path = "server.rs.askama")]
struct View {
    /// The trait; `a` or `an` stands before it.
    name: String,
    article: &'static str,
    server: String,
    /// The type parameter for the service.
    parameter: &'static str,
    allow_field: String,
    /// What holds the service, and how it is made.
    field: String,
    held: &'static str,
    /// The trait of the runtime.
    service: String,
    /// Where the list of methods is.
    info: String,
    /// What the runtime calls, each rendered.
    entries: Vec<String>,
    /// Each rendered.
    methods: Vec<String>,
}

/// A function that the runtime calls: it finds the method.
#[derive(Template)]
#[template(path = "server_entry.rs.askama")]
struct EntryView {
    name: &'static str,
    params: String,
    returns: String,
    /// What is done first.
    steps: Vec<String>,
    /// `0 => self.rpc_add(rpc_context, rpc_in, rpc_out)`
    arms: Vec<String>,
    /// What becomes of a call of any other method.
    unknown: String,
}

/// A function that unpacks the arguments, calls the implementation and packs the results.
#[derive(Template)]
#[template(path = "server_method.rs.askama")]
struct MethodView {
    allow: String,
    asyncness: &'static str,
    /// With its prefix: `rpc_add`.
    name: String,
    params: String,
    returns: String,
    steps: Vec<String>,
    last: String,
}

pub(super) fn render(maker: &Maker<'_>, flavour: Flavour, item: &Item, service: &Service) -> String {
    server_trait::render(maker, flavour, item, service) + "\n" + &stub(maker, flavour, item, service)
}

fn stub(maker: &Maker<'_>, flavour: Flavour, item: &Item, service: &Service) -> String {
    let name = flavour.name(&item.name, "");
    let parameter = maker.scope.service_parameter();
    let (entries, methods) = match flavour {
        Flavour::Blocking => (blocking::entries(maker, service), blocking::methods(maker, &name, service)),
        Flavour::Tokio => (asynchronous::entries(maker, service), asynchronous::methods(maker, &name, service)),
    };
    let (article, field, held) = match flavour {
        Flavour::Blocking => ("a", parameter.to_owned(), "service"),
        Flavour::Tokio => ("an", format!("::std::sync::Arc<{parameter}>"), "::std::sync::Arc::new(service)"),
    };
    print(&View {
        article,
        server: flavour.name(&item.name, "Server"),
        parameter,
        allow_field: Allows::default().when(methods.is_empty(), "dead_code", "the service has no methods").text(),
        field,
        held,
        service: flavour.runtime("Service"),
        info: format!("{}::{}", names::numbers_module(&item.name), service_static(service)),
        entries,
        methods,
        name,
    })
}

/// The function of a method: `rpc_add`.
fn function(method: &Method) -> String {
    format!("rpc_{}", names::raw_free(&method.name))
}

/// The name of a variable, if there is something that uses it.
fn used(variable: &'static str, is_used: bool) -> String {
    if is_used { variable.to_owned() } else { format!("_{variable}") }
}

/// Lints that the variables of a method's function may trip.
fn allows(method: &Method) -> Allows {
    let fields = method.params.iter().chain(&method.stream_in).map(|field| names::raw_free(&field.name));
    let sender = method.stream_out.iter().map(|_| streams::sender_name(method).to_owned());
    Allows::default().with_variables(fields.chain(sender))
}

/// Unpacks the arguments that are sent at once, up to the last byte.
fn unpack(maker: &Maker<'_>, method: &Method) -> impl Iterator<Item = String> {
    let unpacking = Unpacking { scope: maker.scope, input: "rpc_in" };
    let in_place = maker.plan.is_in_place(method).then(|| of_parameters(maker.scope));
    let step = move |Field { name, ty, .. }: &Field| match &in_place {
        Some(viewing) => viewing.parameter(name, ty),
        None => unpacking.parameter(name, ty),
    };
    let unpack = move |field: &Field| format!("let {} = {}?", names::field_name(&field.name), step(field));
    method.params.iter().map(unpack).chain(["rpc_in.end()?".to_owned()])
}

/// Makes the ends of streams that the method is given, by functions of the runtime's with this before their names.
fn open(maker: &Maker<'_>, method: &Method, prefix: &str) -> Vec<String> {
    let receiver = method.stream_in.as_ref().zip(streams::unpack_in(maker, method)).map(|(field, unpack)| {
        format!("let {} = rpc_streams.{prefix}receiver({unpack})", names::field_name(&field.name))
    });
    let sender = streams::pack_out(maker, method)
        .map(|pack| format!("let {} = rpc_streams.{prefix}sender({pack})", streams::sender_name(method)));
    receiver.into_iter().chain(sender).collect()
}

/// The call of the service's method.
///
/// The method is named by its trait: `self.0.into(…)` would be the conversion of the standard library.
fn call(service: &str, method: &Method, first: [&str; 2]) -> String {
    let params = method.params.iter().chain(&method.stream_in).map(|field| names::field_name(&field.name));
    let sender = method.stream_out.iter().map(|_| streams::sender_name(method).to_owned());
    let args = first.into_iter().map(str::to_owned).chain(params).chain(sender).collect::<Vec<_>>().join(", ");
    format!("{service}::{}({args})", names::method_name(&method.name))
}

/// The steps that pack the results: a value, or the parts of a tuple, whose names might be the same in Rust.
fn pack_results(maker: &Maker<'_>, packing: &Packing<'_>, method: &Method) -> Vec<String> {
    let results = &method.results;
    let in_place = maker.plan.is_in_place(method).then(|| of_parameters(maker.scope));
    let step = |(at, field): (usize, &Field)| {
        let value = if results.len() == 1 { "rpc_result".to_owned() } else { format!("rpc_result.{at}") };
        match &in_place {
            Some(viewing) => viewing.pack_given(packing, field, &value),
            None if at + 1 == results.len() => packing.last(&field.name, &field.ty, value),
            None => packing.field(&field.name, &field.ty, &Source::Owned(value), Place::Plain),
        }
    };
    results.iter().enumerate().map(step).collect()
}
