//! Makes the stubs of `idl/bench.rpc`, with the traits that other codecs want, and tonic's.

const TRAITS: [&str; 11] = [
    "bincode::Encode",
    "bincode::Decode",
    "bitcode::Encode",
    "bitcode::Decode",
    "rkyv::Archive",
    "rkyv::Serialize",
    "rkyv::Deserialize",
    "serde::Deserialize",
    "serde::Serialize",
    "speedy::Readable",
    "speedy::Writable",
];

fn main() -> anyhow::Result<()> {
    let mut builder = rpcgen::Builder::new().tokio(true).views("bench.Mirror");
    if cfg!(feature = "peers") {
        builder = TRAITS.into_iter().fold(builder, |builder, name| builder.derive_all(name));
    }
    #[cfg(feature = "peers")]
    tonic();
    builder.compile(["idl/bench.rpc"])
}

/// The service of `src/peers/tonic.rs`, with its messages and those that a codec has too.
#[cfg(feature = "peers")]
fn tonic() {
    use tonic_build::manual::{Builder, Method, Service};
    let method = |name: &str, route: &str, input: &str, output: &str| {
        let method = Method::builder().name(name).route_name(route).input_type(input).output_type(output);
        method.codec_path("tonic_prost::ProstCodec").build()
    };
    let service = Service::builder()
        .package("bench")
        .name("Bench")
        .method(method("add", "Add", "crate::peers::tonic::Numbers", "crate::peers::tonic::Sum"))
        .method(method("echo_users", "EchoUsers", "crate::proto::Users", "crate::proto::Users"))
        .method(method("echo", "Echo", "crate::peers::tonic::Data", "crate::peers::tonic::Data"));
    Builder::new().compile(&[service.build()]);
}
