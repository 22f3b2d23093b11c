//! The `rpcgen` command as people and programs run it: exit codes, streams, and what happens on the disk.

#[path = "cli/breaking.rs"]
mod breaking;
#[path = "cli/compile.rs"]
mod compile;
#[path = "cli/explain.rs"]
mod explain;
#[path = "cli/fmt.rs"]
mod fmt;
#[path = "cli/input.rs"]
mod input;
#[path = "cli/layout.rs"]
mod layout;
#[path = "cli/scene.rs"]
mod scene;
#[path = "cli/shell.rs"]
mod shell;
#[path = "cli/stub_crate.rs"]
mod stub_crate;
#[path = "cli/stubs.rs"]
mod stubs;
#[path = "cli/usage.rs"]
mod usage;
