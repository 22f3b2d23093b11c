//! What implements the interface in `idl/calculator.rpc`.

mod arithmetic;
pub mod tap;

use std::sync::{Mutex, PoisonError};

use calculator_stubs::{Calculator, MathError, Op, Step};
use rpcgen_runtime::{Context, Fault, Status};

/// How many calculations are remembered.
const REMEMBERED: usize = 1000;

/// A calculator that remembers what it has calculated.
#[derive(Debug, Default)]
pub struct Memory {
    /// The latest last.
    steps: Mutex<Vec<Step>>,
}

impl Memory {
    fn calculate(&self, op: Op, a: i32, b: i32) -> Result<i32, Fault<MathError>> {
        let result = arithmetic::apply(op, a, b);
        self.remember(Step { op, a, b, result: result.as_ref().ok().copied() });
        result
    }

    fn remember(&self, step: Step) {
        let mut steps = self.steps.lock().unwrap_or_else(PoisonError::into_inner);
        if steps.len() == REMEMBERED {
            steps.remove(0);
        }
        steps.push(step);
    }
}

impl Calculator for Memory {
    fn add(&self, _: &Context, a: i32, b: i32) -> Result<i32, Fault<MathError>> {
        self.calculate(Op::Add, a, b)
    }

    fn divide(&self, _: &Context, a: i32, b: i32) -> Result<i32, Fault<MathError>> {
        self.calculate(Op::Divide, a, b)
    }

    fn apply(&self, _: &Context, op: Op, a: i32, b: i32) -> Result<i32, Fault<MathError>> {
        self.calculate(op, a, b)
    }

    fn stats(&self, _: &Context, values: Vec<f64>) -> Result<(f64, f64), Status> {
        arithmetic::stats(&values).ok_or_else(|| Status::invalid_argument("there is no mean of no values"))
    }

    fn history(&self, _: &Context, limit: u32) -> Result<Vec<Step>, Status> {
        let steps = self.steps.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(steps.iter().rev().take(limit as usize).copied().collect())
    }

    fn log(&self, context: &Context, line: &str) {
        eprintln!("{}: {line}", context.peer());
    }

    fn ping(&self, _: &Context) -> Result<(), Status> {
        Ok(())
    }
}
