//! The client stub of a service.

use askama::Template;

use super::service::{is_large_error, link, method_docs, methods, raised, result_type, without_stubs};
use super::{Maker, deprecation, print};
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
    send: String,
    sync: String,
    /// Each rendered.
    methods: Vec<String>,
}

#[derive(Template)]
#[template(path = "client_method.rs.askama")]
struct MethodView {
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

#[derive(Template)]
#[template(path = "client_oneway.rs.askama")]
struct OnewayView {
    docs: String,
    allow: String,
    name: String,
    params: String,
    returns: String,
    numbers: String,
    pack: String,
}

pub(super) fn render(maker: &Maker<'_>, item: &Item, service: &Service) -> String {
    let module = names::numbers_module(&item.name);
    let method =
        |method: &Method| if method.oneway { oneway(maker, &module, method) } else { unary(maker, &module, method) };
    let interface = code(&maker.scope.program.full_name(item));
    let docs = Rustdoc::default().paragraph(format!("Calls {interface} over a channel.")).and(&item.docs);
    print(&View {
        docs: without_stubs(docs, service).comment() + &deprecation(item.deprecated.as_deref()),
        name: format!("{}Client", names::type_name(&item.name)),
        send: maker.scope.prelude.send.clone(),
        sync: maker.scope.prelude.sync.clone(),
        methods: methods(service).into_iter().map(method).collect(),
    })
}

fn unary(maker: &Maker<'_>, module: &str, method: &Method) -> String {
    let result = &maker.scope.prelude.result;
    let error = raised(maker, method).map_or("stub::Status".to_owned(), |error| format!("stub::CallError<{error}>"));
    let value = result_type(maker, method);
    let (returns, start_returns) =
        (format!("{result}<{value}, {error}>"), format!("{result}<stub::PendingCall<{value}, {error}>, {error}>"));
    let name = names::method_name(&method.name);
    let deprecation = deprecation(method.deprecated.as_deref());
    print(&MethodView {
        docs: client_docs(method).paragraph(errors(maker, method)).comment() + &deprecation,
        start_docs: start_docs(&name) + &deprecation,
        allow: allows(maker, method, [start_returns.clone()]).text(),
        start_name: format!("start_{}", names::raw_free(&method.name)),
        params: params(maker, method),
        args: args(method),
        returns,
        start_returns,
        numbers: format!("{module}::{}", names::const_name(&method.name)),
        pack: pack(maker, method),
        unpack: Unpacking { scope: maker.scope, input: "rpc_in" }.function(&method.results),
        name,
    })
}

fn oneway(maker: &Maker<'_>, module: &str, method: &Method) -> String {
    let errors = "# Errors\n\nA [`stub::Status`] when it could not be sent; what becomes of it then, nobody hears.";
    print(&OnewayView {
        docs: client_docs(method).paragraph(errors).comment() + &deprecation(method.deprecated.as_deref()),
        allow: allows(maker, method, []).text(),
        name: names::method_name(&method.name),
        params: params(maker, method),
        returns: format!("{}<(), stub::Status>", maker.scope.prelude.result),
        numbers: format!("{module}::{}", names::const_name(&method.name)),
        pack: pack(maker, method),
    })
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

fn errors(maker: &Maker<'_>, method: &Method) -> String {
    let text = match raised(maker, method) {
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

fn allows<const N: usize>(maker: &Maker<'_>, method: &Method, returns: [String; N]) -> Allows {
    let params = method.params.iter().map(|field| types::parameter(maker.scope, &field.ty));
    Allows::default()
        .with_parameters(&method.params, 1)
        .with_variables(method.params.iter())
        .with_small_references(maker.scope, maker.memory, &method.params)
        .with_types(params.chain(returns))
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
