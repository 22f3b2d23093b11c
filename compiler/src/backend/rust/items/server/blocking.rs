//! The server stub that blocks the thread which it is called in.

use super::{EntryView, MethodView, allows, call, function, open, pack_results, unpack, used};
use crate::backend::rust::items::{Maker, print};
use crate::backend::rust::pack::{Packing, sequence};
use crate::ir::{Method, Service};

/// The streams of a call: owned by the function that finds the method, and lent to that of the method.
const STREAMS: &str = "rpc_streams";

const UNKNOWN: &str = "Err(stub::Failure::unknown_method())";

/// `call`, and `stream` where methods have streams.
pub(super) fn entries(maker: &Maker<'_>, service: &Service) -> Vec<String> {
    let has_streams = service.methods.iter().any(Method::has_stream);
    let plain = entry(maker, service, false);
    let streams = has_streams.then(|| entry(maker, service, true));
    [plain].into_iter().chain(streams).collect()
}

/// The function for the methods with streams, or for those without.
fn entry(maker: &Maker<'_>, service: &Service, streams: bool) -> String {
    let methods = service.methods.iter().enumerate();
    let methods: Vec<_> = methods.filter(|(_, method)| method.has_stream() == streams).collect();
    let is_used = !methods.is_empty();
    let has_out = methods.iter().any(|(_, method)| packs(method));
    let params = [
        Some("&self".to_owned()),
        Some(format!("{}: usize", used("rpc_method", is_used))),
        Some(format!("{}: &stub::Context", used("rpc_context", is_used))),
        Some(format!("{}: &mut stub::Unpacker<'_>", used("rpc_in", is_used))),
        Some(format!("{}: &mut stub::Packer<'_>", used("rpc_out", has_out))),
        streams.then(|| format!("{STREAMS}: stub::CallStreams")),
    ];
    print(&EntryView {
        name: if streams { "stream" } else { "call" },
        params: params.into_iter().flatten().collect::<Vec<_>>().join(", "),
        returns: returns(maker),
        steps: Vec::new(),
        arms: methods.into_iter().map(|(index, method)| arm(index, method)).collect(),
        unknown: UNKNOWN.to_owned(),
    })
}

fn arm(index: usize, method: &Method) -> String {
    let arg = |(name, _): (&str, _)| if name == STREAMS { format!("&{name}") } else { name.to_owned() };
    let args: Vec<_> = variables(method).map(arg).collect();
    format!("{index} => self.{}({})", function(method), args.join(", "))
}

/// What the function of a method is given, each with its type.
fn variables(method: &Method) -> impl Iterator<Item = (&'static str, &'static str)> {
    let variables = [
        Some(("rpc_context", "&stub::Context")),
        Some(("rpc_in", "&mut stub::Unpacker<'_>")),
        packs(method).then_some(("rpc_out", "&mut stub::Packer<'_>")),
        method.has_stream().then_some((STREAMS, "&stub::CallStreams")),
    ];
    variables.into_iter().flatten()
}

/// Whether there is anything to pack: results, or what is thrown.
fn packs(method: &Method) -> bool {
    method.throws.is_some() || !method.results.is_empty()
}

fn returns(maker: &Maker<'_>) -> String {
    format!("{}<(), stub::Failure>", maker.scope.prelude.result)
}

/// The functions of the methods.
pub(super) fn methods(maker: &Maker<'_>, name: &str, service: &Service) -> Vec<String> {
    service.methods.iter().map(|method| self::method(maker, name, method)).collect()
}

fn method(maker: &Maker<'_>, service: &str, method: &Method) -> String {
    let param = |(name, ty): (&str, &str)| format!(", {name}: {ty}");
    let params: String = variables(method).map(param).collect();
    print(&MethodView {
        allow: allows(method).text(),
        asyncness: "",
        name: function(method),
        params: format!("&self{params}"),
        returns: returns(maker),
        steps: unpack(maker, method).chain(open(maker, method, "")).collect(),
        last: last(maker, service, method),
    })
}

/// The call of the service's method, and what becomes of its results.
fn last(maker: &Maker<'_>, service: &str, method: &Method) -> String {
    let call = call(service, method, ["&self.0", "rpc_context"]);
    let failure = match method.throws {
        Some(_) => "|rpc_fault| stub::raise(rpc_fault, rpc_out)",
        None => "stub::Failure::from",
    };
    match method.results.as_slice() {
        [] if method.oneway => format!("{call}; Ok(())"),
        [] => format!("{call}.map_err({failure})"),
        _ => {
            let raise = if method.throws.is_some() { format!(".map_err({failure})") } else { String::new() };
            let packing = Packing { scope: maker.scope, out: "rpc_out" };
            let steps = pack_results(maker, &packing, method).into_iter();
            let steps: Vec<_> = steps.map(|step| step + ".map_err(stub::Failure::from_reply)").collect();
            format!("let rpc_result = {call}{raise}?;\n{}", sequence(&steps))
        }
    }
}
