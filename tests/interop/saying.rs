//! A calculator that says its callers' metadata back, and theirs between generated stubs and the Python speaker.

use anyhow::{Result, ensure};
use calculator_stubs::{Calculator, CalculatorClient, MathError, Op, Step};
use quickstart::Memory;
use rpcgen_runtime::{CallError, Channel, Code, Context, Fault, Metadata, Status, TraceContext};

/// Its answers say who they are of, then what their caller said, then the trace.
#[derive(Default)]
pub(crate) struct Saying(Memory);

fn say_back(context: &Context) {
    context.append_reply_metadata("served-by", "rust");
    for (key, value) in context.metadata() {
        context.append_reply_metadata(key, value);
    }
    if let Some(trace) = context.trace() {
        context.append_reply_metadata("traceparent", trace.to_string());
    }
}

impl Calculator for Saying {
    fn add(&self, context: &Context, a: i32, b: i32) -> Result<i32, Fault<MathError>> {
        say_back(context);
        self.0.add(context, a, b)
    }

    fn divide(&self, context: &Context, a: i32, b: i32) -> Result<i32, Fault<MathError>> {
        say_back(context);
        self.0.divide(context, a, b)
    }

    fn apply(&self, context: &Context, op: Op, a: i32, b: i32) -> Result<i32, Fault<MathError>> {
        say_back(context);
        self.0.apply(context, op, a, b)
    }

    fn stats(&self, context: &Context, values: Vec<f64>) -> Result<(f64, f64), Status> {
        say_back(context);
        self.0.stats(context, values)
    }

    fn history(&self, context: &Context, limit: u32) -> Result<Vec<Step>, Status> {
        say_back(context);
        self.0.history(context, limit)
    }

    fn log(&self, context: &Context, line: &str) {
        say_back(context);
        self.0.log(context, line);
    }

    fn ping(&self, context: &Context) -> Result<(), Status> {
        say_back(context);
        self.0.ping(context)
    }
}

const TRACE: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

/// Calls the Python server with our client; it says back what it hears.
pub(crate) fn call_theirs(url: &str) -> Result<()> {
    let said =
        Metadata::from([("request-id", &b"4711"[..]), ("token", &[0, 0xff].repeat(20_000)), ("request-id", b"")]);
    let calculator = CalculatorClient::new(Channel::connect(url)?).with_metadata(said.clone());
    let (sum, back) = calculator.start_add(2, 3)?.wait_with_metadata();
    ensure!((sum?, &back) == (5, &said), "{back:?}");
    let traced = calculator.with_trace(TRACE.parse::<TraceContext>()?);
    let mut more = said;
    more.append("traceparent", TRACE);
    let (failed, back) = traced.start_divide(1, 0)?.wait_with_metadata();
    ensure!((failed, &back) == (Err(CallError::Declared(MathError::DivideByZero)), &more), "{back:?}");
    let Err(status) = traced.stats(&[]) else { anyhow::bail!("there is no mean of nothing") };
    ensure!((status.code(), status.metadata()) == (Code::InvalidArgument, &more), "{status:?}");
    traced.log("a line with metadata")?;
    let (pong, back) = CalculatorClient::new(Channel::connect(url)?).start_ping()?.wait_with_metadata();
    ensure!((pong, back.len()) == (Ok(()), 0));
    Ok(())
}
