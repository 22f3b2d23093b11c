//! One remote call, step by step, with its real bytes: `cargo run -p quickstart`.

mod show;

use std::time::Duration;

use calculator_stubs::{CalculatorClient, CalculatorServer, MathError};
use quickstart::Memory;
use quickstart::tap::Tap;
use rpcgen_runtime::{CallError, Channel, Endpoint, Router, ThreadServer};

fn main() -> anyhow::Result<()> {
    let router = Router::new().add(CalculatorServer::new(Memory::default()));
    let server = ThreadServer::bind("tcp://127.0.0.1:0")?.start(router)?;
    println!("A server of demo.calculator.Calculator listens on {}.\n", server.endpoint());

    let tap = Tap::default();
    let channel = Channel::connect(&tap.start(address(server.endpoint()))?)?;
    let calculator = CalculatorClient::new(channel);
    calculator.ping()?;
    let (hello, welcome) = tap.take();
    show::prefaces(&hello, &welcome)?;

    let quotient = calculator.divide(7, 2)?;
    let (request, reply) = tap.take();
    show::call(&request, &reply, quotient)?;

    match calculator.divide(7, 0) {
        Err(CallError::Declared(MathError::DivideByZero)) => {
            println!("\ndivide(7, 0) fails as the interface declares: Err(MathError::DivideByZero)");
        }
        other => anyhow::bail!("divide(7, 0) gave {other:?}"),
    }
    let (a, b) = (calculator.start_add(1, 2)?, calculator.start_add(3, 4)?);
    println!("Two calls at once on the same connection: 1 + 2 = {}, 3 + 4 = {}", a.wait()?, b.wait()?);

    drop(calculator);
    let report = server.shutdown(Duration::from_secs(5));
    println!("The server has shut down; it had {} connection.", report.connections);
    Ok(())
}

/// What a plain socket connects to.
fn address(endpoint: &Endpoint) -> String {
    endpoint.to_string().trim_start_matches("tcp://").to_owned()
}
