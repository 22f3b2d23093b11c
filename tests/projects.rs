//! Whole projects that depend on this checkout, built by Cargo as their authors would build them.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use anyhow::{Context as _, Result, ensure};

/// The folder of this project.
fn checkout() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_owned).unwrap_or_default()
}

/// A folder of built crates that all tests which run Cargo share.
fn built() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("tour")
}

/// An empty folder for the projects of one test.
fn place(name: &str) -> Result<PathBuf> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("projects").join(name);
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    Ok(folder)
}

fn shown(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Runs the command in a folder; what it printed.
fn rpcgen(folder: &Path, line: &str) -> Result<String> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rpcgen"));
    let output = command.args(line.split_whitespace()).current_dir(folder).output()?;
    ensure!(output.status.success(), "`rpcgen {line}`: {}", shown(&output));
    Ok(shown(&output))
}

/// Runs Cargo in a folder, where a warning is an error; what it printed. Nothing is fetched: the versions are this project's.
fn cargo(folder: &Path, line: &str) -> Result<String> {
    if !folder.join("Cargo.lock").exists() {
        fs::copy(checkout().join("Cargo.lock"), folder.join("Cargo.lock"))?;
    }
    let mut command = Command::new(env!("CARGO"));
    command.args(line.split_whitespace()).current_dir(folder).env("CARGO_NET_OFFLINE", "true");
    command.env("CARGO_TARGET_DIR", built()).env("RUSTFLAGS", "-D warnings");
    let output = command.output().context("cannot run cargo")?;
    ensure!(output.status.success(), "`cargo {line}`: {}", shown(&output));
    Ok(shown(&output))
}

/// A server that runs until this is dropped.
struct Server {
    child: Child,
    address: String,
}

impl Server {
    fn start(program: &str) -> Result<Self> {
        let mut command = Command::new(built().join("debug").join(program));
        let mut child = command.arg("tcp://127.0.0.1:0").stdout(Stdio::piped()).spawn()?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().context("its output is piped")?).read_line(&mut line)?;
        let address = line.trim().strip_prefix("listening on ").map(str::to_owned);
        Ok(Self { child, address: address.with_context(|| format!("the server says {line:?}"))? })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill().and_then(|()| self.child.wait());
    }
}

#[test]
fn a_new_project_builds_runs_and_passes_its_tests() -> Result<()> {
    let folder = place("new")?;
    let printed = rpcgen(&folder, "new the-demo")?;
    ensure!(printed.ends_with("wrote the-demo/tests/greeter.rs\n\nNext: cd the-demo && cargo test\n"), "{printed}");
    let project = folder.join("the-demo");
    let tested = cargo(&project, "test")?;
    ensure!(tested.contains("2 passed"), "{tested}");

    let server = Server::start("the-demo-server")?;
    let call = |name: &str| cargo(&project, &format!("run --quiet --bin the-demo-client -- {name} {}", server.address));
    ensure!(call("Ada")? == "Good day, Ada!\ngreeted so far: 1\n", "the first call");
    ensure!(call("Grace")? == "Good day, Grace!\ngreeted so far: 2\n", "the second call");
    cargo(&project, "fmt --check")?;
    Ok(())
}

/// Writes files below a folder.
fn write(folder: &Path, files: &[(&str, &str)]) -> Result<()> {
    files.iter().try_for_each(|(name, text)| {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap_or(folder))?;
        Ok(fs::write(path, text)?)
    })
}

/// A manifest: a name, and lines of dependencies. The folder of this project stands for `RPCGEN`.
fn manifest(name: &str, dependencies: &str) -> String {
    let text = format!(
        "[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dependencies]\n{dependencies}\n\
         rpcgen-runtime = {{ path = \"RPCGEN/runtime\" }}\n\n[build-dependencies]\nanyhow = \"1\"\n\
         rpcgen = {{ path = \"RPCGEN/compiler\", default-features = false }}\n\n[workspace]\n"
    );
    text.replace("RPCGEN", &checkout().display().to_string())
}

/// Makes a stub crate that lies in no workspace.
fn stub_crate(folder: &Path, name: &str, line: &str) -> Result<PathBuf> {
    let runtime = checkout().join("runtime");
    rpcgen(folder, &format!("crate {line} --name {name} --out {name} --runtime-path {}", runtime.display()))?;
    let manifest = folder.join(name).join("Cargo.toml");
    fs::write(&manifest, fs::read_to_string(&manifest)? + "\n[workspace]\n")?;
    Ok(folder.join(name))
}

#[test]
fn a_stub_crate_builds_without_a_warning_whatever_its_features() -> Result<()> {
    let folder = place("features")?;
    write(
        &folder,
        &[
            ("alone.rpc", "package alone;\nservice Alone { ping(); }\n"),
            ("empty.rpc", "package empty;\nservice Empty {}\n"),
            ("nothing.rpc", "package nothing;\n"),
            ("told.rpc", "package told;\nservice Told { oneway tell(text: string); }\n"),
        ],
    )?;
    let golden = |name: &str| checkout().join("tests/golden").join(name).display().to_string();
    let names =
        ["services.rpc", "errors.rpc", "shadowing.rpc", "keywords.rpc", "imports.rpc", "streams.rpc"].map(golden);
    let many = stub_crate(&folder, "many-stubs", &format!("empty.rpc nothing.rpc told.rpc {}", names.join(" ")))?;
    cargo(&stub_crate(&folder, "nothing-stubs", "nothing.rpc")?, "build")?;
    for project in [stub_crate(&folder, "alone-stubs", "alone.rpc")?, many] {
        cargo(&project, "build")?;
        for features in ["", "client", "server", "tokio", "client,tokio", "server,tokio", "client,server,tokio"] {
            cargo(&project, &format!("check --no-default-features --features={features}"))?;
        }
    }
    Ok(())
}

/// What the services of two crates share.
const MONEY: [(&str, &str); 2] = [
    ("idl/units.rpc", "package shop.units;\nalias Cents = u64;\n"),
    (
        "idl/money.rpc",
        "package shop.money;\nimport \"units.rpc\";\nenum Currency: u8 { Euro = 1 }\n\
         struct Price { amount: units.Cents, currency: Currency }\nerror PriceError { Unknown_ware @1 { ware: string } }\n",
    ),
];

const ORDERS: &str = "package shop.orders;\nimport \"money.rpc\";\nstruct Line { ware: string, count: u32 }\n\
    service Orders { price(lines: list<Line>, limit: money.Price?) -> money.Price throws money.PriceError; }\n";

const ELSEWHERE: &str = "--extern-package shop.money=::money_stubs::shop::money \
    --extern-package shop.units=::money_stubs::shop::units";

/// Derives a trait that says how a type is called.
const NAMED: &str = r#"extern crate proc_macro;

use proc_macro::TokenStream;

#[proc_macro_derive(Named)]
pub fn named(item: TokenStream) -> TokenStream {
    let words: Vec<String> = item.into_iter().map(|token| token.to_string()).collect();
    let at = words.iter().position(|word| word == "struct").expect("it is a struct");
    format!("impl {0} {{ pub const NAME: &str = \"{0}\"; }}", words[at + 1]).parse().expect("it is Rust")
}
"#;

const SHOP_BUILD: &str = r#"fn main() -> anyhow::Result<()> {
    rpcgen::Builder::new()
        .client(false)
        .derive("shop.orders.Line", "named::Named")
        .extern_package("shop.money", "::money_stubs::shop::money")
        .extern_package("shop.units", "::money_stubs::shop::units")
        .compile(["../idl/orders.rpc"])
}
"#;

const SHOP: &str = r#"use money_stubs::shop::money::{Currency, Price, PriceError};
use rpcgen_runtime::{CallError, Channel, Context, Fault, Router};

mod stubs {
    rpcgen_runtime::include_stubs!();
}

use stubs::shop::orders::{Line, Orders, OrdersServer};

struct Shop;

impl Orders for Shop {
    fn price(&self, _: &Context, lines: Vec<Line>, limit: Option<Price>) -> Result<Price, Fault<PriceError>> {
        match lines.iter().find(|line| line.ware != "apple") {
            Some(line) => Err(PriceError::UnknownWare { ware: line.ware.clone() }.into()),
            None => Ok(limit.unwrap_or(Price { amount: lines.iter().map(|line| u64::from(line.count)).sum(), currency: Currency::Euro })),
        }
    }
}

fn main() {
    let channel = Channel::in_process(Router::new().add(OrdersServer::new(Shop))).expect("it is served");
    let orders = orders_stubs::OrdersClient::new(channel);
    let line = |ware: &str| orders_stubs::Line { ware: ware.to_owned(), count: 3 };
    let price: Price = orders.price(&[line("apple")], None).expect("there are apples");
    println!("{}: {}", Line::NAME, price.amount);
    match orders.price(&[line("pear")], Some(&price)) {
        Err(CallError::Declared(PriceError::UnknownWare { ware })) => println!("no {ware}"),
        other => println!("{other:?}"),
    }
}
"#;

#[test]
fn packages_find_one_another_across_crates() -> Result<()> {
    let folder = place("crates")?;
    write(&folder, &MONEY)?;
    write(&folder, &[("idl/orders.rpc", ORDERS)])?;
    stub_crate(&folder, "money-stubs", "idl/money.rpc idl/units.rpc")?;
    stub_crate(
        &folder,
        "orders-stubs",
        &format!("idl/orders.rpc {ELSEWHERE} --dependency money-stubs=../money-stubs"),
    )?;
    let named = "[package]\nname = \"named\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[lib]\nproc-macro = true\n";
    write(&folder, &[("named/Cargo.toml", named), ("named/src/lib.rs", NAMED)])?;
    let crates = ["money-stubs", "orders-stubs", "named"].map(|name| format!("{name} = {{ path = \"../{name}\" }}\n"));
    let files =
        [("build.rs", SHOP_BUILD), ("src/main.rs", SHOP), ("Cargo.toml", &manifest("crates", &crates.concat()))];
    write(&folder.join("shop"), &files)?;
    let printed = cargo(&folder.join("shop"), "run --quiet")?;
    ensure!(printed == "Line: 3\nno pear\n", "{printed}");
    ensure!(!folder.join("orders-stubs/src/shop.money.rs").exists(), "there is no code for what is elsewhere");
    Ok(())
}

/// The crates that Cargo builds again.
fn compiled(project: &Path) -> Result<Vec<String>> {
    let printed = cargo(project, "build")?;
    let names = printed.lines().filter_map(|line| line.trim().strip_prefix("Compiling ")?.split(' ').next());
    Ok(names.map(str::to_owned).collect())
}

#[test]
fn a_second_build_compiles_nothing_and_a_changed_import_everything_that_depends_on_it() -> Result<()> {
    let folder = place("watch")?;
    let build = "fn main() -> anyhow::Result<()> {\n    rpcgen::Builder::new().include(\"far\").include(\"idl\").compile([\"top.rpc\"])\n}\n";
    let library = "pub mod stubs {\n    rpcgen_runtime::include_stubs!();\n}\n";
    let top = "package top;\nimport \"money.rpc\";\nstruct Top { price: money.Price }\n";
    write(&folder, &MONEY)?;
    write(&folder, &[("idl/other.rpc", "package other;\n"), ("far/other.rpc", "package other;\n")])?;
    write(&folder, &[("top.rpc", top), ("build.rs", build), ("src/lib.rs", library)])?;
    write(&folder, &[("Cargo.toml", &manifest("watch", ""))])?;
    // What it depends on may come before or after its build script.
    ensure!(compiled(&folder)?.iter().any(|name| name == "watch"), "the first build");
    ensure!(compiled(&folder)?.is_empty(), "the second build");
    write(&folder, &[("idl/other.rpc", "package other;\nstruct New {}\n"), ("idl/new.rpc", "package new;\n")])?;
    ensure!(compiled(&folder)?.is_empty(), "files that are not imported");
    for (name, text) in MONEY {
        write(&folder, &[(name, &(text.to_owned() + "// A comment.\n"))])?;
        ensure!(compiled(&folder)? == ["watch"], "{name}, which is imported");
        ensure!(compiled(&folder)?.is_empty(), "the build after that");
    }
    Ok(())
}
