//! Makes the stubs of `idl/chat.rpc`, those that block and those for tokio.

fn main() -> anyhow::Result<()> {
    rpcgen::Builder::new().tokio(true).compile(["../../idl/chat.rpc"])
}
