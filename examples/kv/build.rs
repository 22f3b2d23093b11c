//! Makes the stubs of `idl/kv.rpc`.

fn main() -> anyhow::Result<()> {
    rpcgen::Builder::new().compile(["../../idl/kv.rpc"])
}
