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
