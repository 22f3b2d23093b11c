//! The twin of a client's method that reads the results in place.

use askama::Template;

use super::docs;
use super::{allows, error, numbers, pack, params};
use crate::backend::rust::items::flavour::Flavour;
use crate::backend::rust::items::{Maker, deprecation, print};
use crate::backend::rust::names;
use crate::backend::rust::views::of_parameters;
use crate::ir::{Field, Method};

#[derive(Template)]
#[template(path = "client_in_place.rs.askama")]
struct View {
    docs: String,
    allow: String,
    /// Nothing, or `async ` and `.await`.
    asyncness: &'static str,
    awaited: &'static str,
    name: String,
    params: String,
    /// The function that is handed the results.
    read: String,
    returns: String,
    /// Where the method's numbers are.
    numbers: String,
    pack: String,
    unpack: String,
}

/// Nothing for a method whose results are of fixed size, or are not asked to be read in place.
pub(super) fn render(maker: &Maker<'_>, flavour: Flavour, module: &str, method: &Method) -> String {
    let viewing = of_parameters(maker.scope);
    if !maker.plan.is_in_place(method) || !method.results.iter().any(|field| viewing.borrows(&field.ty)) {
        return String::new();
    }
    let read = read(maker, flavour, &method.results);
    print(&View {
        docs: docs::of_in_place(&names::method_name(&method.name)) + &deprecation(method.deprecated.as_deref()),
        allow: allows(maker, method, read.clone()).with_parameters(&method.params, 2).text(),
        asyncness: flavour.asyncness(),
        awaited: flavour.awaited(),
        name: names::in_place_name(&method.name),
        params: params(maker, method),
        read,
        returns: format!("{}<RpcR, {}>", maker.scope.prelude.result, error(maker, method)),
        numbers: numbers(module, method),
        pack: pack(maker, method),
        unpack: viewing.function(&method.results, "rpc_read"),
    })
}

/// `impl FnOnce(OrderView<'_>) -> RpcR`
fn read(maker: &Maker<'_>, flavour: Flavour, results: &[Field]) -> String {
    let viewing = of_parameters(maker.scope);
    let types: Vec<_> = results.iter().map(|field| viewing.parameter_type(&field.ty)).collect();
    let send = match flavour {
        Flavour::Blocking => String::new(),
        Flavour::Tokio => format!(" + {}", maker.scope.prelude.send),
    };
    format!("impl ::core::ops::FnOnce({}) -> RpcR{send}", types.join(", "))
}
