//! The `rpcgen` command.

fn main() {}
