//! The arithmetic itself, which knows nothing of calls.

use calculator_stubs::{MathError, Op};
use rpcgen_runtime::{Fault, Status};

/// Applies an operation.
pub(crate) fn apply(op: Op, a: i32, b: i32) -> Result<i32, Fault<MathError>> {
    let (a, b) = (i64::from(a), i64::from(b));
    let exact = match op {
        Op::Add => a + b,
        Op::Subtract => a - b,
        Op::Multiply => a * b,
        Op::Divide if b == 0 => return Err(MathError::DivideByZero.into()),
        Op::Divide => a / b,
        Op::Unknown(op) => {
            return Err(Status::invalid_argument(format!("there is no operation {}", op.value())).into());
        }
    };
    i32::try_from(exact).map_err(|_| MathError::Overflow { bits: bits(exact) }.into())
}

/// How many bits a number needs, its sign included.
fn bits(number: i64) -> u32 {
    let magnitude = if number < 0 { !number } else { number };
    65 - magnitude.leading_zeros()
}

/// Mean and standard deviation; `None` for no values.
pub(crate) fn stats(values: &[f64]) -> Option<(f64, f64)> {
    let count = f64::from(u32::try_from(values.len()).ok().filter(|count| *count > 0)?);
    let mean = values.iter().sum::<f64>() / count;
    let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count;
    Some((mean, variance.sqrt()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_that_do_not_fit_say_how_many_bits_they_need() {
        let overflow = |bits| Err(Fault::Declared(MathError::Overflow { bits }));
        assert_eq!(apply(Op::Add, i32::MAX, 1), overflow(33));
        assert_eq!(apply(Op::Subtract, i32::MIN, 1), overflow(33));
        assert_eq!(apply(Op::Divide, i32::MIN, -1), overflow(33));
        assert_eq!(apply(Op::Multiply, i32::MIN, i32::MIN), overflow(64));
        assert_eq!(apply(Op::Add, i32::MAX, 0), Ok(i32::MAX));
    }

    #[test]
    fn division_rounds_towards_zero() {
        assert_eq!(apply(Op::Divide, -7, 2), Ok(-3));
        assert_eq!(apply(Op::Divide, 7, 0), Err(Fault::Declared(MathError::DivideByZero)));
    }

    #[test]
    fn stats_of_values() {
        assert_eq!(stats(&[1.0, 2.0]), Some((1.5, 0.5)));
        assert_eq!(stats(&[]), None);
    }
}
