//! The client stubs of a service.

mod docs;
mod in_place;

use askama::Template;

use super::flavour::Flavour;
use super::service::{is_large_error, raised, result_type};
use super::{Maker, deprecation, print, streams};
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

/// Two functions: one that is all that most callers need, and its twin, which it is made of.
#[derive(Template)]
#[template(path = "client_unary.rs.askama")]
struct UnaryView {
    docs: String,
    allow: String,
    /// Nothing, or `async ` and `.await`.
    asyncness: &'static str,
    awaited: &'static str,
    name: String,
    /// `, a: i32, b: i32`
    params: String,
    /// `a, b`
    args: String,
    returns: String,
    twin: Twin,
    /// Where the method's numbers are.
    numbers: String,
    pack: String,
    unpack: String,
}

/// What gives more: a call under way, where a thread would wait for its results, and else what was said beside them.
struct Twin {
    name: String,
    docs: String,
    returns: String,
    /// The function of the runtime.
    function: &'static str,
    /// What makes the results of what it gives.
    rest: &'static str,
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
    let is_unary = |method: &Method| !method.oneway && !method.has_stream();
    let make = |method| if is_unary(method) { unary } else { call }(maker, flavour, &module, method);
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
        methods: service.methods.iter().map(make).collect(),
    })
}

fn unary(maker: &Maker<'_>, flavour: Flavour, module: &str, method: &Method) -> String {
    let twin = twin(maker, flavour, method);
    let docs = docs::of_call(flavour, method).paragraph(docs::errors(maker, method));
    let unary = print(&UnaryView {
        docs: docs.comment() + &deprecation(method.deprecated.as_deref()),
        allow: allows(maker, method, twin.returns.clone()).text(),
        asyncness: flavour.asyncness(),
        awaited: flavour.awaited(),
        name: names::method_name(&method.name),
        params: params(maker, method),
        args: args(method),
        returns: format!("{}<{}, {}>", maker.scope.prelude.result, result_type(maker, method), error(maker, method)),
        twin,
        numbers: numbers(module, method),
        pack: pack(maker, method),
        unpack: unpack(maker, method),
    });
    [unary, in_place::render(maker, flavour, module, method)].join("\n")
}

fn twin(maker: &Maker<'_>, flavour: Flavour, method: &Method) -> Twin {
    let result = &maker.scope.prelude.result;
    let (value, error) = (result_type(maker, method), error(maker, method));
    let name = names::raw_free(&method.name);
    let docs = docs::of_twin(flavour, &names::method_name(&method.name));
    let docs = docs + &deprecation(method.deprecated.as_deref());
    match flavour {
        Flavour::Blocking => Twin {
            name: format!("start_{name}"),
            docs,
            returns: format!("{result}<stub::PendingCall<{value}, {error}>, {error}>"),
            function: "start",
            rest: "?.wait()",
        },
        Flavour::Tokio => Twin {
            name: format!("{name}_with_metadata"),
            docs,
            returns: format!("({result}<{value}, {error}>, stub::Metadata)"),
            function: "call_with_metadata",
            rest: ".await.0",
        },
    }
}

fn call(maker: &Maker<'_>, flavour: Flavour, module: &str, method: &Method) -> String {
    let (function, functions) = runtime_call(maker, method);
    let returns =
        format!("{}<{}, {}>", maker.scope.prelude.result, value(maker, flavour, method), error(maker, method));
    let docs = docs::of_call(flavour, method).paragraph(docs::errors(maker, method));
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
        (None, None) => ("send", vec![pack]),
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
        (None, None) => "()".to_owned(),
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
