//! Makes the stubs of `idl/bench.rpc`.

fn main() -> anyhow::Result<()> {
    rpcgen::Builder::new().tokio(true).compile(["idl/bench.rpc"])
}
