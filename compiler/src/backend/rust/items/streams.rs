//! The streams of a method: the types that hold them, and how an item is packed and unpacked.

use super::Maker;
use super::flavour::Flavour;
use crate::backend::rust::boxing::Place;
use crate::backend::rust::pack::{Packing, Source};
use crate::backend::rust::unpack::Unpacking;
use crate::backend::rust::{names, types};
use crate::ir::{Method, Type};

/// What an item of a stream that goes back is called in the path of an error, as a result without a name is.
const RESULT: &str = "result";

/// The type of a stream that comes in, and what an item may be in its place: nothing is said where that is a status.
pub(super) fn receiver(maker: &Maker<'_>, flavour: Flavour, item: &Type, error: Option<&str>) -> String {
    let error = error.map(|error| format!(", {error}")).unwrap_or_default();
    format!("{}<{}{error}>", flavour.runtime("Receiver"), types::owned(maker.scope, item))
}

/// The type of a stream that goes out: on the side of a server, or of a client.
pub(super) fn sender(maker: &Maker<'_>, flavour: Flavour, name: &str, item: &Type) -> String {
    format!("{}<{}>", flavour.runtime(name), types::sent(maker.scope, item))
}

/// The variable of the stream that a method sends: `items`, unless a parameter is called so.
pub(super) fn sender_name(method: &Method) -> &'static str {
    let mut params = method.params.iter().chain(&method.stream_in);
    if params.any(|field| names::field_name(&field.name) == "items") { "rpc_items" } else { "items" }
}

/// A function that packs an item of the stream to the server.
pub(super) fn pack_in(maker: &Maker<'_>, method: &Method) -> Option<String> {
    method.stream_in.as_ref().map(|field| pack(maker, &field.name, &field.ty))
}

/// A function that packs an item of the stream from the server.
pub(super) fn pack_out(maker: &Maker<'_>, method: &Method) -> Option<String> {
    method.stream_out.as_ref().map(|item| pack(maker, RESULT, item))
}

/// A function that unpacks an item of the stream to the server.
pub(super) fn unpack_in(maker: &Maker<'_>, method: &Method) -> Option<String> {
    method.stream_in.as_ref().map(|field| unpack(maker, &field.name, &field.ty))
}

/// A function that unpacks an item of the stream from the server.
pub(super) fn unpack_out(maker: &Maker<'_>, method: &Method) -> Option<String> {
    method.stream_out.as_ref().map(|item| unpack(maker, RESULT, item))
}

fn pack(maker: &Maker<'_>, name: &str, item: &Type) -> String {
    let packing = Packing { scope: maker.scope, out: "rpc_out" };
    let step = packing.field(name, item, &Source::Reference("rpc_item".to_owned()), Place::Plain);
    format!("|rpc_out, rpc_item: &{}| {step}", types::sent(maker.scope, item))
}

fn unpack(maker: &Maker<'_>, name: &str, item: &Type) -> String {
    let unpacking = Unpacking { scope: maker.scope, input: "rpc_in" };
    format!("|rpc_in| {}", unpacking.field(name, item, Place::Plain))
}
