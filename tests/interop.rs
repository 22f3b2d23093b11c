//! Ours against a client and a server in Python, which were written from `docs/wire.md` alone.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use calculator_stubs::{CalculatorClient, CalculatorServer, MathError, Op};
use rpcgen_runtime::{CallError, Channel, Code, Router, ThreadServer};
use rpcgen_tests::{folder, project};
use tokio::runtime::Builder;

#[path = "interop/saying.rs"]
mod saying;
#[path = "interop/shapes.rs"]
mod shapes;
#[path = "interop/streams.rs"]
mod streams;

fn python(script: &str) -> Command {
    let mut command = Command::new("python3");
    command.arg("-B").arg(folder().join("interop").join(script));
    command
}

fn is_there() -> bool {
    let there = Command::new("python3").arg("--version").output().is_ok_and(|output| output.status.success());
    if !there {
        eprintln!("python3 is not there: nothing was tested");
    }
    there
}

/// Runs the Python client of this name against our server.
fn their_client(script: &str, router: Router, options: &[&str]) -> Result<()> {
    if !is_there() {
        return Ok(());
    }
    let server = ThreadServer::bind("tcp://127.0.0.1:0")?.start(router)?;
    let address = server.endpoint().to_string().replace("tcp://", "");
    let output = python(script).arg(address).args(options).output()?;
    server.shutdown(Duration::from_secs(5));
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success() && said.contains(" passed"), "{said}");
    Ok(())
}

fn calculator() -> Router {
    Router::new().add(CalculatorServer::new(saying::Saying::default()))
}

/// The Python server, as long as its standard input is held.
struct Theirs {
    process: Child,
    url: String,
}

impl Theirs {
    fn start(options: &[&str]) -> Result<Self> {
        let mut command = python("server.py");
        let mut process = command.args(options).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let mut line = String::new();
        BufReader::new(process.stdout.take().context("no output")?).read_line(&mut line)?;
        let address = line.trim().strip_prefix("listening ").with_context(|| format!("{line:?}"))?;
        Ok(Self { url: format!("tcp://{address}"), process })
    }
}

impl Drop for Theirs {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        self.process.wait().expect("the server ends with its input");
    }
}

/// Calls every method of the Python server with our client.
fn their_server(options: &[&str]) -> Result<()> {
    if !is_there() {
        return Ok(());
    }
    let server = Theirs::start(options)?;
    let calculator = CalculatorClient::new(Channel::connect(&server.url)?);
    calculator.ping()?;
    calculator.log("a line from Rust")?;
    ensure!(calculator.add(2, 3)? == 5);
    ensure!(calculator.divide(-7, 2)? == -3);
    ensure!(calculator.apply(Op::Multiply, 6, 7)? == 42);
    ensure!(calculator.divide(1, 0) == Err(CallError::Declared(MathError::DivideByZero)));
    ensure!(calculator.add(i32::MAX, 1) == Err(CallError::Declared(MathError::Overflow { bits: 33 })));
    let status = calculator.apply(Op::from(9), 1, 1).err().and_then(|error| error.status().cloned());
    ensure!(status.is_some_and(|status| status.code() == Code::InvalidArgument));
    let steps = calculator.history(2)?;
    ensure!(steps.len() == 2 && steps.iter().any(|step| step.result.is_none()), "{steps:?}");
    many_values(&calculator)?;
    many_calls(&calculator)
}

/// Long enough that it travels in parts where frames are small.
fn many_values(calculator: &CalculatorClient) -> Result<()> {
    let values = [1.0, 2.0].repeat(20_000);
    ensure!(calculator.stats(&values)? == (1.5, 0.5));
    let Err(status) = calculator.stats(&vec![0.0; 65_537]) else { bail!("over the bound") };
    ensure!((status.code(), status.may_have_run()) == (Code::InvalidArgument, false), "{status}");
    Ok(())
}

fn many_calls(calculator: &CalculatorClient) -> Result<()> {
    let calls = (0..50).map(|n| calculator.start_add(n, n)).collect::<Result<Vec<_>, _>>()?;
    for (n, call) in calls.into_iter().enumerate().rev() {
        ensure!(usize::try_from(call.wait()?)? == 2 * n);
    }
    Ok(())
}

#[test]
fn their_client_calls_our_server() -> Result<()> {
    their_client("client.py", calculator(), &[])
}

#[test]
fn their_client_calls_our_server_byte_by_byte() -> Result<()> {
    their_client("client.py", calculator(), &["--split", "1"])
}

#[test]
fn their_client_calls_our_server_in_small_frames() -> Result<()> {
    their_client("client.py", calculator(), &["--frame", "16", "--split", "7"])
}

#[test]
fn our_client_calls_their_server() -> Result<()> {
    their_server(&[])
}

#[test]
fn our_client_calls_their_server_that_answers_byte_by_byte() -> Result<()> {
    their_server(&["--split", "1"])
}

#[test]
fn our_client_calls_their_server_that_answers_in_small_frames() -> Result<()> {
    their_server(&["--frame", "16"])
}

/// Calls the Python server with our client, which says something beside its calls.
fn their_saying(options: &[&str]) -> Result<()> {
    if is_there() { saying::call_theirs(&Theirs::start(options)?.url) } else { Ok(()) }
}

#[test]
fn our_client_gets_metadata_back_from_their_server() -> Result<()> {
    their_saying(&[])
}

#[test]
fn our_client_gets_metadata_back_byte_by_byte() -> Result<()> {
    their_saying(&["--split", "1"])
}

#[test]
fn our_client_gets_metadata_back_in_small_frames() -> Result<()> {
    their_saying(&["--frame", "16"])
}

/// Calls the Python server with our client, for tables, unions and flags.
fn their_shapes(options: &[&str]) -> Result<()> {
    if is_there() { shapes::call_theirs(&Theirs::start(options)?.url) } else { Ok(()) }
}

#[test]
fn their_client_sends_tables_and_unions_to_our_server() -> Result<()> {
    their_client("shapes_client.py", shapes::router(), &[])
}

#[test]
fn their_client_sends_tables_and_unions_byte_by_byte() -> Result<()> {
    their_client("shapes_client.py", shapes::router(), &["--split", "1"])
}

#[test]
fn their_client_sends_tables_and_unions_in_small_frames() -> Result<()> {
    their_client("shapes_client.py", shapes::router(), &["--frame", "16", "--split", "7"])
}

#[test]
fn our_client_sends_tables_and_unions_to_their_server() -> Result<()> {
    their_shapes(&[])
}

#[test]
fn our_client_gets_tables_and_unions_byte_by_byte() -> Result<()> {
    their_shapes(&["--split", "1"])
}

#[test]
fn our_client_gets_tables_and_unions_in_small_frames() -> Result<()> {
    their_shapes(&["--frame", "16"])
}

/// Calls the Python server with both our clients, for streams.
fn their_streams(options: &[&str]) -> Result<()> {
    if !is_there() {
        return Ok(());
    }
    let server = Theirs::start(options)?;
    streams::call_theirs(&server.url)?;
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(streams::call_theirs_in_a_task(server.url.clone()))
}

fn their_client_of_streams(options: &[&str]) -> Result<()> {
    their_client("streams_client.py", streams::serve(calculator()), options)
}

/// R28, R29, R37, R41, R46: of streams, with credit that is counted at both ends.
#[test]
fn their_client_has_streams_with_our_server() -> Result<()> {
    their_client_of_streams(&[])
}

#[test]
fn their_client_has_streams_byte_by_byte() -> Result<()> {
    their_client_of_streams(&["--split", "1"])
}

/// R22, R23: items of many parts.
#[test]
fn their_client_has_streams_in_small_frames() -> Result<()> {
    their_client_of_streams(&["--frame", "16", "--split", "7"])
}

/// R37: our client never overdraws a window of 16,384.
#[test]
fn our_clients_have_streams_with_their_server() -> Result<()> {
    their_streams(&[])
}

#[test]
fn our_clients_have_streams_byte_by_byte() -> Result<()> {
    their_streams(&["--split", "1"])
}

#[test]
fn our_clients_have_streams_in_small_frames() -> Result<()> {
    their_streams(&["--frame", "16"])
}

/// The Python side knows every example of the page, every vector, and every number of the interface.
#[test]
fn their_packing_is_that_of_the_page() -> Result<()> {
    if !is_there() {
        return Ok(());
    }
    let page = project().join("docs/wire.md");
    let output = python("selftest.py").arg(page).arg(folder().join("golden/shapes/layout.txt")).output()?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}

#[test]
fn the_client_in_the_page_calls_our_server() -> Result<()> {
    if !is_there() {
        return Ok(());
    }
    let page = std::fs::read_to_string(project().join("docs/wire.md"))?;
    let code = page.rsplit("```python\n").next().and_then(|rest| rest.split("```").next()).context("no example")?;
    let server = ThreadServer::bind("tcp://127.0.0.1:0")?.start(calculator())?;
    let url = server.endpoint().to_string();
    let port = url.rsplit(':').next().context("no port")?;
    let mut client = Command::new("python3").arg("-").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    client.stdin.take().context("no input")?.write_all(code.replace("7000", port).as_bytes())?;
    let output = client.wait_with_output()?;
    ensure!(output.stdout == b"3\n", "{}", String::from_utf8_lossy(&output.stdout));
    Ok(())
}
