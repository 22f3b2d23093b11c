//! The client stubs of a service.

use askama::Template;

use super::flavour::Flavour;
use super::service::{is_large_error, link, method_docs, raised, result_type};
use super::{Maker, deprecation, print, streams};
use crate::backend::idl;
use crate::backend::rust::docs::{Rustdoc, code};
use crate::backend::rust::lints::Allows;
use crate::backend::rust::pack::{Packing, Source};
use crate::backend::rust::unpack::Unpacking;
use crate::backend::rust::{names, types};
use crate::ir::{Field, Item, Method, Service, Type};

#[derive(Template)]
#[template(path = "client.rs.askama")]
struct View {
    docs: String,
    name: String,
    /// What the runtime has for it.
    caller: String,
    channel: String,
    send: String,
    sync: String,
    /// Each rendered.
    methods: Vec<String>,
}

/// Two functions: one that waits, and one that starts a call.
#[derive(Template)]
#[template(path = "client_unary.rs.askama")]
struct UnaryView {
    docs: String,
    start_docs: String,
    allow: String,
    name: String,
    start_name: String,
    /// `, a: i32, b: i32`
    params: String,
    /// `a, b`
    args: String,
    /// What the waiting method and the starting one give back.
    returns: String,
    start_returns: String,
    /// Where the method's numbers are.
    numbers: String,
    pack: String,
    unpack: String,
}

/// One function, which hands everything to the runtime.
#[derive(Template)]
#[template(path = "client_call.rs.askama")]
struct CallView {
    docs: String,
    allow: String,
    /// Nothing, or `async ` and `.await`.
    asyncness: &'static str,
    awaited: &'static str,
    name: String,
    params: String,
    returns: String,
    /// The function of the runtime, and what it is given.
    function: &'static str,
    args: String,
}

pub(super) fn render(maker: &Maker<'_>, flavour: Flavour, item: &Item, service: &Service) -> String {
    let module = names::numbers_module(&item.name);
    let method = |method: &Method| match flavour {
        Flavour::Blocking if is_unary(method) => unary(maker, &module, method),
        _ => call(maker, flavour, &module, method),
    };
    let interface = code(&maker.scope.program.full_name(item));
    let how = match flavour {
        Flavour::Blocking => "",
        Flavour::Tokio => ", without blocking a thread",
    };
    let docs = Rustdoc::default().paragraph(format!("Calls {interface} over a channel{how}.")).and(&item.docs);
    print(&View {
        docs: docs.comment() + &deprecation(item.deprecated.as_deref()),
        name: flavour.name(&item.name, "Client"),
        caller: flavour.runtime("Caller"),
        channel: flavour.runtime("Channel"),
        send: maker.scope.prelude.send.clone(),
        sync: maker.scope.prelude.sync.clone(),
        methods: service.methods.iter().map(method).collect(),
    })
}

/// Whether one message goes there, and one comes back.
fn is_unary(method: &Method) -> bool {
    !method.oneway && !method.has_stream()
}

fn unary(maker: &Maker<'_>, module: &str, method: &Method) -> String {
    let result = &maker.scope.prelude.result;
    let (value, error) = (result_type(maker, method), error(maker, method));
    let start_returns = format!("{result}<stub::PendingCall<{value}, {error}>, {error}>");
    let name = names::method_name(&method.name);
    let deprecation = deprecation(method.deprecated.as_deref());
    print(&UnaryView {
        docs: client_docs(method).paragraph(errors(maker, method)).comment() + &deprecation,
        start_docs: start_docs(&name) + &deprecation,
        allow: allows(maker, method, start_returns.clone()).text(),
        start_name: format!("start_{}", names::raw_free(&method.name)),
        params: params(maker, method),
        args: args(method),
        returns: format!("{result}<{value}, {error}>"),
        start_returns,
        numbers: numbers(module, method),
        pack: pack(maker, method),
        unpack: unpack(maker, method),
        name,
    })
}

fn call(maker: &Maker<'_>, flavour: Flavour, module: &str, method: &Method) -> String {
    let (function, functions) = runtime_call(maker, method);
    let returns =
        format!("{}<{}, {}>", maker.scope.prelude.result, value(maker, flavour, method), error(maker, method));
    let docs = with_streams(client_docs(method), method).paragraph(errors(maker, method));
    print(&CallView {
        docs: docs.comment() + &deprecation(method.deprecated.as_deref()),
        allow: allows(maker, method, returns.clone()).text(),
        asyncness: flavour.asyncness(),
        awaited: flavour.awaited(),
        name: names::method_name(&method.name),
        params: params(maker, method),
        returns,
        function,
        args: [format!("&{}", numbers(module, method))].into_iter().chain(functions).collect::<Vec<_>>().join(", "),
    })
}

/// The function of the runtime that makes such a call, and the functions that it is given, which pack and unpack.
fn runtime_call(maker: &Maker<'_>, method: &Method) -> (&'static str, Vec<String>) {
    let pack = pack(maker, method);
    match (streams::pack_in(maker, method), streams::unpack_out(maker, method)) {
        (None, None) if method.oneway => ("send", vec![pack]),
        (None, None) => ("call", vec![pack, unpack(maker, method)]),
        (None, Some(unpack_item)) => ("server_stream", vec![pack, unpack_item]),
        (Some(pack_item), None) => ("client_stream", vec![pack, pack_item, unpack(maker, method)]),
        (Some(pack_item), Some(unpack_item)) => ("two_way", vec![pack, pack_item, unpack_item]),
    }
}

/// What a call gives when all is well so far: the results, or what takes and gives the items.
fn value(maker: &Maker<'_>, flavour: Flavour, method: &Method) -> String {
    let declared = method.throws.map(|_| error(maker, method));
    let receiver = |item| streams::receiver(maker, flavour, item, declared.as_deref());
    match (&method.stream_in, &method.stream_out) {
        (None, None) if method.oneway => "()".to_owned(),
        (None, None) => result_type(maker, method),
        (None, Some(item)) => receiver(item),
        (Some(field), None) => format!(
            "{}<{}, {}, {}>",
            flavour.runtime("ClientStream"),
            types::sent(maker.scope, &field.ty),
            result_type(maker, method),
            error(maker, method)
        ),
        (Some(field), Some(item)) => {
            format!("({}, {})", streams::sender(maker, flavour, "ClientSender", &field.ty), receiver(item))
        }
    }
}

/// What a call fails with.
fn error(maker: &Maker<'_>, method: &Method) -> String {
    raised(maker, method).map_or("stub::Status".to_owned(), |error| format!("stub::CallError<{error}>"))
}

fn numbers(module: &str, method: &Method) -> String {
    format!("{module}::{}", names::const_name(&method.name))
}

/// What the method does, and how long that may take.
fn client_docs(method: &Method) -> Rustdoc {
    let docs = method_docs(method);
    match method.deadline.map(idl::duration) {
        Some(time) => docs.paragraph(format!(
            "It must be over within {time}, unless [`with_timeout`](Self::with_timeout) says otherwise."
        )),
        None => docs,
    }
}

/// How the items of its streams go.
fn with_streams(docs: Rustdoc, method: &Method) -> Rustdoc {
    match (&method.stream_in, &method.stream_out) {
        (None, None) => docs,
        (None, Some(_)) => {
            docs.paragraph("The items come as the server sends them. Dropping the stream cancels the call.")
        }
        (Some(field), None) => docs.paragraph(format!(
            "What this gives sends the items of {}; its `finish` ends them, and waits for the result.\n\
             Dropping it before cancels the call.",
            code(&field.name)
        )),
        (Some(field), Some(_)) => docs.paragraph(format!(
            "The first that this gives sends the items of {}, and its `finish` ends them; from the second\n\
             come those of the server. Dropping one of them before its end cancels the call.",
            code(&field.name)
        )),
    }
}

fn errors(maker: &Maker<'_>, method: &Method) -> String {
    let text = match raised(maker, method) {
        _ if method.oneway => {
            "A [`stub::Status`] when it could not be sent; what becomes of it then, nobody hears.".to_owned()
        }
        _ if method.has_stream() => {
            let with = if method.stream_out.is_some() { "in place of an item" } else { "with the result" };
            format!("When the call could not be sent; all other failures come {with}.")
        }
        Some(error) => {
            format!("The server's {}, or a [`stub::Status`] when the call fails in another way.", link(&error))
        }
        None => "A [`stub::Status`] when the call fails.".to_owned(),
    };
    format!("# Errors\n\n{text}")
}

fn start_docs(name: &str) -> String {
    let method = if name.starts_with("r#") { format!("`{name}`") } else { format!("[`{name}`](Self::{name})") };
    Rustdoc::default()
        .paragraph(format!("Starts {method} without waiting for its result."))
        .paragraph("# Errors\n\nWhen the call could not be sent; all other failures come with the result.")
        .comment()
}

fn allows(maker: &Maker<'_>, method: &Method, returns: String) -> Allows {
    let params = method.params.iter().map(|field| types::parameter(maker.scope, &field.ty));
    Allows::default()
        .with_parameters(&method.params, 1)
        .with_variables(method.params.iter().map(|field| names::raw_free(&field.name)))
        .with_small_references(maker.scope, maker.memory, &method.params)
        .with_types(params.chain([returns]))
        .with_method_name(&method.name)
        .with_large_error(is_large_error(maker, method))
}

fn params(maker: &Maker<'_>, method: &Method) -> String {
    let param =
        |field: &Field| format!(", {}: {}", names::field_name(&field.name), types::parameter(maker.scope, &field.ty));
    method.params.iter().map(param).collect()
}

fn args(method: &Method) -> String {
    method.params.iter().map(|field| names::field_name(&field.name)).collect::<Vec<_>>().join(", ")
}

fn pack(maker: &Maker<'_>, method: &Method) -> String {
    let packing = Packing { scope: maker.scope, out: "rpc_out" };
    let step = |field: &Field| {
        let name = names::field_name(&field.name);
        let source = match maker.scope.program.peel(&field.ty) {
            _ if types::is_by_value(maker.scope, &field.ty) => Source::Owned(name),
            Type::Optional(_) => Source::Optional(name),
            _ => Source::Reference(name),
        };
        packing.field(&field.name, &field.ty, &source, crate::backend::rust::boxing::Place::Plain)
    };
    packing.function(&method.params.iter().map(step).collect::<Vec<_>>())
}

fn unpack(maker: &Maker<'_>, method: &Method) -> String {
    Unpacking { scope: maker.scope, input: "rpc_in" }.function(&method.results)
}
