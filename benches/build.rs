//! Makes the stubs of `idl/bench.rpc`, with the traits that other codecs want.

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
    let mut builder = rpcgen::Builder::new().tokio(true);
    if cfg!(feature = "peers") {
        builder = TRAITS.into_iter().fold(builder, |builder, name| builder.derive_all(name));
    }
    builder.compile(["idl/bench.rpc"])
}
