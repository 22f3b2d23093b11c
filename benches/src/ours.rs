//! The product, as its users have it: generated stubs and default options.

use std::collections::VecDeque;

use anyhow::{Result, ensure};
use calculator_stubs::{Calculator, CalculatorClient, CalculatorServer, MathError, Op, Step};
use rpcgen_runtime::{Channel, Context, Fault, Router, Status, ThreadServer};

/// A calculator that only adds.
struct Adder;

impl Calculator for Adder {
    fn add(&self, _: &Context, a: i32, b: i32) -> Result<i32, Fault<MathError>> {
        Ok(a.wrapping_add(b))
    }

    fn divide(&self, _: &Context, _: i32, _: i32) -> Result<i32, Fault<MathError>> {
        Err(unmeasured().into())
    }

    fn apply(&self, _: &Context, _: Op, _: i32, _: i32) -> Result<i32, Fault<MathError>> {
        Err(unmeasured().into())
    }

    fn stats(&self, _: &Context, _: Vec<f64>) -> Result<(f64, f64), Status> {
        Err(unmeasured())
    }

    fn history(&self, _: &Context, _: u32) -> Result<Vec<Step>, Status> {
        Err(unmeasured())
    }

    fn log(&self, _: &Context, _: &str) {}

    fn ping(&self, _: &Context) -> Result<(), Status> {
        Ok(())
    }
}

fn unmeasured() -> Status {
    Status::unimplemented("only `add` is measured")
}

pub(crate) fn serve() -> Result<()> {
    let server = ThreadServer::bind("tcp://127.0.0.1:0")?.start(Router::new().add(CalculatorServer::new(Adder)))?;
    println!("{}", server.endpoint());
    Ok(server.wait()?)
}

/// One call after the other.
pub(crate) fn run(address: &str, count: u32) -> Result<()> {
    let calculator = CalculatorClient::new(Channel::connect(address)?);
    for number in 0..i32::try_from(count)? {
        ensure!(calculator.add(number, 1)? == number + 1, "a wrong sum");
    }
    Ok(())
}

/// Always `depth` calls in flight: a new one is started when the oldest has come back.
pub(crate) fn run_pipelined(address: &str, depth: usize, count: u32) -> Result<()> {
    let calculator = CalculatorClient::new(Channel::connect(address)?);
    let mut in_flight = VecDeque::with_capacity(depth);
    let mut sums = 1..;
    for number in 0..i32::try_from(count)? {
        if in_flight.len() == depth
            && let Some(call) = in_flight.pop_front()
        {
            ensure!(take(call)? == sums.next(), "a wrong sum");
        }
        in_flight.push_back(calculator.start_add(number, 1)?);
    }
    for call in in_flight {
        ensure!(take(call)? == sums.next(), "a wrong sum");
    }
    Ok(())
}

type Call = rpcgen_runtime::PendingCall<i32, rpcgen_runtime::CallError<MathError>>;

fn take(call: Call) -> Result<Option<i32>> {
    Ok(Some(call.wait()?))
}
