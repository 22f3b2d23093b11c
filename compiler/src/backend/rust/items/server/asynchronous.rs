//! The server stub whose methods are futures.

use super::{EntryView, MethodView, allows, call, function, open, pack_results, unpack, used};
use crate::backend::rust::items::{Maker, print};
use crate::backend::rust::pack::Packing;
use crate::ir::{Method, Service};

/// What holds the service while a call runs.
const SERVICE: &str = "rpc_service";

/// `call`, for all methods.
pub(super) fn entries(maker: &Maker<'_>, service: &Service) -> Vec<String> {
    let boxed = &maker.scope.prelude.boxed;
    let is_used = !service.methods.is_empty();
    let arm = |(index, method)| format!("{index} => {boxed}::pin(Self::{}({SERVICE}, rpc_call))", function(method));
    vec![print(&EntryView {
        name: "call",
        params: format!(
            "&self, {}: usize, {}: stub::AsyncCall",
            used("rpc_method", is_used),
            used("rpc_call", is_used)
        ),
        returns: "stub::AsyncAnswer".to_owned(),
        steps: is_used.then(|| format!("let {SERVICE} = ::std::sync::Arc::clone(&self.0)")).into_iter().collect(),
        arms: service.methods.iter().enumerate().map(arm).collect(),
        unknown: format!("{boxed}::pin(::std::future::ready(Err(stub::AsyncFailure::unknown_method())))"),
    })]
}

/// The functions of the methods.
pub(super) fn methods(maker: &Maker<'_>, name: &str, service: &Service) -> Vec<String> {
    service.methods.iter().map(|method| self::method(maker, name, method)).collect()
}

fn method(maker: &Maker<'_>, service: &str, method: &Method) -> String {
    let parameter = maker.scope.service_parameter();
    let streams = method.has_stream().then(|| "let rpc_streams = rpc_call.streams()?".to_owned());
    let open = streams.into_iter().chain(open(maker, method, "async_"));
    print(&MethodView {
        allow: allows(method).text(),
        asyncness: "async ",
        name: function(method),
        params: format!("{SERVICE}: ::std::sync::Arc<{parameter}>, rpc_call: stub::AsyncCall"),
        returns: format!("{}<stub::Packed, stub::AsyncFailure>", maker.scope.prelude.result),
        steps: input(maker, method).into_iter().chain(open).collect(),
        last: last(maker, service, method),
    })
}

/// Unpacks the arguments that are sent at once.
fn input(maker: &Maker<'_>, method: &Method) -> Vec<String> {
    if method.params.is_empty() {
        return vec!["rpc_call.input().end()?".to_owned()];
    }
    ["let mut rpc_in = rpc_call.input()".to_owned()].into_iter().chain(unpack(maker, method)).collect()
}

/// The call of the service's method, and what becomes of its results.
fn last(maker: &Maker<'_>, service: &str, method: &Method) -> String {
    let call = call(service, method, [&format!("&*{SERVICE}"), "rpc_call.context()"]);
    let raise = match method.throws {
        Some(_) => ".map_err(|rpc_fault| rpc_call.raise(rpc_fault))?",
        None if method.oneway => "",
        None => "?",
    };
    let packing = Packing { scope: maker.scope, out: "rpc_out" };
    let pack = packing.function(&pack_results(maker, &packing, method));
    let bind = if method.results.is_empty() { "" } else { "let rpc_result = " };
    format!("{bind}{call}.await{raise};\nrpc_call.reply({pack})")
}
