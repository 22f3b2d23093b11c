//! `service`: the numbers that travel, the clients, the traits of servers, and what serves them.

use askama::Template;

use super::flavour::Flavour;
use super::{Maker, client, print, server};
use crate::backend::rust::docs::{self, Rustdoc};
use crate::backend::rust::plan::{Condition, Plan};
use crate::backend::rust::{literals, names, types};
use crate::ir::{Field, Item, Method, Service};

#[derive(Template)]
#[template(path = "service_numbers.rs.askama")]
struct NumbersView {
    module: String,
    /// `demo.calculator.Calculator`, and that as a string literal.
    interface: String,
    literal: String,
    /// The static that lists the methods, where servers need it, and the attribute that says when.
    service: String,
    has_service: bool,
    service_condition: String,
    methods: Vec<NumberView>,
}

struct NumberView {
    name: String,
    /// `new` or `oneway`.
    constructor: &'static str,
    /// What else the interface says about calls: `.with_server_stream()`, `.idempotent()`, `.with_deadline(…)`.
    annotations: String,
    /// `"demo.calculator.Calculator/add"`
    path: String,
    number: String,
    shape: String,
}

/// The parts, and when each is there.
pub(super) fn render(maker: &Maker<'_>, item: &Item, service: &Service) -> [(Condition, String); 5] {
    let Plan { client, server, blocking, tokio, .. } = maker.plan;
    let any = blocking.or(*tokio);
    // A client needs the numbers of the methods only.
    let numbers_needed = if service.methods.is_empty() { server.and(any) } else { client.or(*server).and(any) };
    [
        (numbers_needed, numbers(maker, item, service, numbers_needed)),
        (client.and(*blocking), client::render(maker, Flavour::Blocking, item, service)),
        (client.and(*tokio), client::render(maker, Flavour::Tokio, item, service)),
        (server.and(*blocking), server::render(maker, Flavour::Blocking, item, service)),
        (server.and(*tokio), server::render(maker, Flavour::Tokio, item, service)),
    ]
}

fn numbers(maker: &Maker<'_>, item: &Item, service: &Service, needed: Condition) -> String {
    let interface = maker.scope.program.full_name(item);
    let Plan { server, blocking, tokio, .. } = maker.plan;
    let server = server.and(blocking.or(*tokio));
    let method = |method: &Method| NumberView {
        name: names::const_name(&method.name),
        constructor: if method.oneway { "oneway" } else { "new" },
        path: literals::string(&format!("{interface}/{}", method.name)),
        number: literals::hex(method.number),
        shape: literals::hex(method.shape),
        annotations: annotations(method),
    };
    print(&NumbersView {
        module: names::numbers_module(&item.name),
        literal: literals::string(&interface),
        service: service_static(service),
        has_service: server != Condition::NEVER,
        service_condition: if server == needed { None } else { server.attribute() }.unwrap_or_default(),
        methods: service.methods.iter().map(method).collect(),
        interface,
    })
}

fn annotations(method: &Method) -> String {
    let client_stream = if method.stream_in.is_some() { ".with_client_stream()" } else { "" };
    let server_stream = if method.stream_out.is_some() { ".with_server_stream()" } else { "" };
    let idempotent = if method.idempotent { ".idempotent()" } else { "" };
    let deadline = method.deadline.map(|time| format!(".with_deadline({})", literals::duration(time)));
    [client_stream, server_stream, idempotent, deadline.as_deref().unwrap_or_default()].concat()
}

/// The static that lists a service's methods: `SERVICE`, unless a method is called that.
pub(super) fn service_static(service: &Service) -> String {
    let taken = service.methods.iter().any(|method| names::const_name(&method.name) == "SERVICE");
    if taken { "RPC_SERVICE".to_owned() } else { "SERVICE".to_owned() }
}

/// The docs of a method: what it does, its parameters, its results, what annotations say.
pub(super) fn method_docs(method: &Method) -> Rustdoc {
    let docs = Rustdoc::new(&method.docs);
    let docs = if docs.is_empty() { docs.paragraph(format!("Calls `{}`.", method.name)) } else { docs };
    let params: Vec<_> =
        method.params.iter().chain(&method.stream_in).filter(|field| has_docs(field)).map(described).collect();
    let docs = if params.is_empty() { docs } else { docs.paragraph(params.join("\n")) };
    let docs = match method.results.as_slice() {
        [] => docs,
        [only] if !has_docs(only) => docs,
        results => {
            docs.paragraph("Gives back:").paragraph(results.iter().map(described).collect::<Vec<_>>().join("\n"))
        }
    };
    if method.idempotent { docs.paragraph("It does no harm to call it twice: it is idempotent.") } else { docs }
}

fn has_docs(field: &Field) -> bool {
    !docs::are_empty(&field.docs) || field.deprecated.is_some()
}

/// A list item about a parameter or a result.
fn described(field: &Field) -> String {
    let docs = Rustdoc::new(&field.docs);
    let docs = match &field.deprecated {
        Some(why) => docs.and(&[format!("Deprecated: {why}")]),
        None => docs,
    };
    docs.list_item(&field.name)
}

/// The type of what a method raises, where it declares that.
pub(super) fn raised(maker: &Maker<'_>, method: &Method) -> Option<String> {
    method.throws.map(|id| maker.scope.type_path(id))
}

/// What a method gives back when all is well.
pub(super) fn result_type(maker: &Maker<'_>, method: &Method) -> String {
    types::results(maker.scope, &method.results)
}

/// A link in docs to a type, shown by its name without the path.
pub(super) fn link(path: &str) -> String {
    match path.rsplit_once("::") {
        Some((_, name)) => format!("[`{name}`]({path})"),
        None => format!("[`{path}`]"),
    }
}

/// Whether what a method raises may be larger than clippy likes in a `Result`, with what the runtime puts around it.
pub(super) fn is_large_error(maker: &Maker<'_>, method: &Method) -> bool {
    method.throws.is_some_and(|id| maker.memory.most_of_item(id) > 112)
}
