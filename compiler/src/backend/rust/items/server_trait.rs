//! What a server implements.

use askama::Template;

use super::flavour::Flavour;
use super::service::{is_large_error, link, method_docs, raised, result_type};
use super::{Maker, deprecation, print, streams};
use crate::backend::rust::docs::{Rustdoc, code};
use crate::backend::rust::lints::Allows;
use crate::backend::rust::views::{Viewing, of_parameters};
use crate::backend::rust::{names, types};
use crate::ir::{Field, Item, Method, Service, Type};

/// The lifetime of what is read in place.
const SHARED: &str = "'a";

#[derive(Template)]
#[template(path = "server_trait.rs.askama")]
struct View {
    docs: String,
    name: String,
    send: String,
    sync: String,
    methods: Vec<MethodView>,
}

struct MethodView {
    docs: String,
    allow: String,
    name: String,
    /// `<'a>`, where views of parameters need it.
    lifetime: &'static str,
    /// `context`, or `rpc_context` where the interface has a parameter of that name.
    context: &'static str,
    /// `, limit: u64, items: stub::Sender<u64>`
    params: String,
    /// `-> Result<…>`; nothing for oneway methods that block.
    returns: String,
}

pub(super) fn render(maker: &Maker<'_>, flavour: Flavour, item: &Item, service: &Service) -> String {
    let interface = code(&maker.scope.program.full_name(item));
    let docs = match flavour {
        Flavour::Blocking => Rustdoc::default().paragraph(format!("What a server of {interface} does.")),
        Flavour::Tokio => Rustdoc::default()
            .paragraph(format!("What a server of {interface} does, without blocking a thread."))
            .paragraph("Its methods are implemented as `async fn`. What they wait for has to be `Send`."),
    };
    let docs = docs.and(&item.docs).paragraph(format!("Defined in {}.", code(&maker.place(item.location))));
    print(&View {
        docs: docs.comment() + &deprecation(item.deprecated.as_deref()),
        name: flavour.name(&item.name, ""),
        send: maker.scope.prelude.send.clone(),
        sync: maker.scope.prelude.sync.clone(),
        methods: service.methods.iter().map(|method| view(maker, flavour, method)).collect(),
    })
}

fn view(maker: &Maker<'_>, flavour: Flavour, method: &Method) -> MethodView {
    let params = params(maker, flavour, method);
    let param = |(name, ty): &(String, String)| format!(", {name}: {ty}");
    let result = result(maker, method);
    let streams = usize::from(method.stream_in.is_some()) + usize::from(method.stream_out.is_some());
    let allow = Allows::default()
        .with_parameters(&method.params, 2 + streams)
        .with_types(params.iter().map(|(_, ty)| ty.clone()).chain([result.clone()]))
        .with_method_name(&method.name)
        .with_large_error(is_large_error(maker, method));
    MethodView {
        docs: docs(maker, method).comment() + &deprecation(method.deprecated.as_deref()),
        allow: allow.text(),
        name: names::method_name(&method.name),
        lifetime: if params.iter().any(|(_, ty)| ty.contains(SHARED)) { "<'a>" } else { "" },
        context: if params.iter().any(|(name, _)| name == "context") { "rpc_context" } else { "context" },
        params: params.iter().map(param).collect(),
        returns: returns(maker, flavour, method, &result),
    }
}

/// The parameters behind the context, each with its type: those that are sent at once, and the streams.
fn params(maker: &Maker<'_>, flavour: Flavour, method: &Method) -> Vec<(String, String)> {
    let in_place = maker.plan.is_in_place(method).then(|| of_parameters(maker.scope));
    let ty = |Field { ty, .. }: &Field| match &in_place {
        Some(viewing) if may_lend(maker, method) => with_lifetime(viewing, ty),
        Some(viewing) => viewing.parameter_type(ty),
        None => types::server_parameter(maker.scope, ty),
    };
    let plain = |field: &Field| (names::field_name(&field.name), ty(field));
    let incoming = |field: &Field| (names::field_name(&field.name), streams::receiver(maker, flavour, &field.ty, None));
    let outgoing = |item| (streams::sender_name(method).to_owned(), streams::sender(maker, flavour, "Sender", item));
    let streams = method.stream_in.iter().map(incoming).chain(method.stream_out.iter().map(outgoing));
    method.params.iter().map(plain).chain(streams).collect()
}

/// The type of a parameter that is read in place, of a method that may give it back. Where it would have several lifetimes
/// it has one, with a name: else Rust could not tell which of them a result has that goes back as it came.
fn with_lifetime(viewing: &Viewing<'_>, ty: &Type) -> String {
    let named = Viewing { lifetime: SHARED, ..*viewing }.parameter_type(ty);
    if named.matches(SHARED).count() > 1 { named } else { viewing.parameter_type(ty) }
}

fn docs(maker: &Maker<'_>, method: &Method) -> Rustdoc {
    let docs = method_docs(method);
    let docs = match &method.stream_out {
        Some(_) => docs.paragraph(format!(
            "What `{}` sends goes to the caller, for whom the stream ends when the method is over.",
            streams::sender_name(method)
        )),
        None => docs,
    };
    let docs = if may_lend(maker, method) {
        docs.paragraph(
            "Text, bytes and lists of the results need not be owned: what was received may go back as it came.",
        )
    } else {
        docs
    };
    match raised(maker, method) {
        _ if method.oneway => docs.paragraph("Nothing goes back to the caller."),
        Some(error) => docs.paragraph(format!(
            "# Errors\n\nThe caller gets the declared {} as it is, and anything else as a [`stub::Status`].",
            link(&error)
        )),
        None => docs.paragraph("# Errors\n\nThe caller gets the [`stub::Status`]."),
    }
}

/// What a method gives: its results, or why there are none.
fn result(maker: &Maker<'_>, method: &Method) -> String {
    if method.oneway {
        return "()".to_owned();
    }
    let error = raised(maker, method).map_or("stub::Status".to_owned(), |error| format!("stub::Fault<{error}>"));
    format!("{}<{}, {error}>", maker.scope.prelude.result, given(maker, method))
}

/// Whether there are results that need not be owned.
fn may_lend(maker: &Maker<'_>, method: &Method) -> bool {
    given(maker, method) != result_type(maker, method)
}

/// What a method gives when all is well: where results may be read in place, what need not be owned.
fn given(maker: &Maker<'_>, method: &Method) -> String {
    if !maker.plan.is_in_place(method) {
        return result_type(maker, method);
    }
    let viewing = of_parameters(maker.scope);
    let types: Vec<_> = method.results.iter().map(|field| viewing.given_type(&field.ty)).collect();
    match types.as_slice() {
        [one] => one.clone(),
        types => format!("({})", types.join(", ")),
    }
}

fn returns(maker: &Maker<'_>, flavour: Flavour, method: &Method, result: &str) -> String {
    match flavour {
        Flavour::Blocking if method.oneway => String::new(),
        Flavour::Blocking => format!("-> {result}"),
        Flavour::Tokio => {
            format!("-> impl ::std::future::Future<Output = {result}> + {}", maker.scope.prelude.send)
        }
    }
}
