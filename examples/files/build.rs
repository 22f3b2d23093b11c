//! Makes the stubs of `idl/files.rpc`.

fn main() -> anyhow::Result<()> {
    rpcgen::Builder::new().compile(["../../idl/files.rpc"])
}
