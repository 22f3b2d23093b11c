//! Integer arithmetic on 128 bits, as Rust does it, where nothing is lost silently.

use crate::ast::{Binary, Unary};

/// Why an operation has no result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trouble {
    /// It takes more than 128 bits.
    Overflow,
    DivisionByZero,
    /// By this many bits.
    Shift(i128),
}

pub(super) fn unary(op: Unary, value: i128) -> Result<i128, Trouble> {
    match op {
        Unary::Negate => value.checked_neg().ok_or(Trouble::Overflow),
        Unary::Not => Ok(!value),
    }
}

pub(super) fn binary(op: Binary, left: i128, right: i128) -> Result<i128, Trouble> {
    let result = match op {
        Binary::Add => left.checked_add(right),
        Binary::Subtract => left.checked_sub(right),
        Binary::Multiply => left.checked_mul(right),
        Binary::Divide | Binary::Remainder if right == 0 => return Err(Trouble::DivisionByZero),
        Binary::Divide => left.checked_div(right),
        Binary::Remainder => left.checked_rem(right),
        Binary::ShiftLeft => shift_left(left, shift(right)?),
        Binary::ShiftRight => Some(left >> shift(right)?),
        Binary::And => Some(left & right),
        Binary::Or => Some(left | right),
        Binary::Xor => Some(left ^ right),
    };
    result.ok_or(Trouble::Overflow)
}

fn shift(by: i128) -> Result<u32, Trouble> {
    u32::try_from(by).ok().filter(|by| *by < i128::BITS).ok_or(Trouble::Shift(by))
}

/// Unlike Rust's `<<`, a bit that falls out is an overflow.
fn shift_left(value: i128, by: u32) -> Option<i128> {
    Some(value << by).filter(|result| result >> by == value)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn plain(op: Binary, left: i128, right: i128) -> Option<i128> {
        let by = u32::try_from(right).ok();
        match op {
            Binary::Add => left.checked_add(right),
            Binary::Subtract => left.checked_sub(right),
            Binary::Multiply => left.checked_mul(right),
            Binary::Divide => left.checked_div(right),
            Binary::Remainder => left.checked_rem(right),
            Binary::ShiftLeft => by.and_then(|by| 2_i128.checked_pow(by)).and_then(|power| left.checked_mul(power)),
            Binary::ShiftRight => by.and_then(|by| left.checked_shr(by)),
            Binary::And => Some(left & right),
            Binary::Or => Some(left | right),
            Binary::Xor => Some(left ^ right),
        }
    }

    const OPERATORS: [Binary; 10] = [
        Binary::Add,
        Binary::Subtract,
        Binary::Multiply,
        Binary::Divide,
        Binary::Remainder,
        Binary::ShiftLeft,
        Binary::ShiftRight,
        Binary::And,
        Binary::Or,
        Binary::Xor,
    ];

    fn number() -> impl Strategy<Value = i128> {
        prop_oneof![any::<i128>(), -200..200_i128, Just(i128::MIN), Just(i128::MAX)]
    }

    proptest! {
        #[test]
        fn it_is_checked_arithmetic_of_i128(at in 0..OPERATORS.len(), left in number(), right in number()) {
            let (ours, theirs) = (binary(OPERATORS[at], left, right).ok(), plain(OPERATORS[at], left, right));
            // 2^127 is no i128, so the plain way cannot shift by 127 bits.
            if OPERATORS[at] != Binary::ShiftLeft || right != 127 {
                prop_assert_eq!(ours, theirs);
            }
        }

        #[test]
        fn a_shift_back_gives_what_was_shifted(value in number(), by in 0..128_i128) {
            if let Ok(shifted) = binary(Binary::ShiftLeft, value, by) {
                prop_assert_eq!(binary(Binary::ShiftRight, shifted, by), Ok(value));
            }
        }
    }

    #[test]
    fn troubles_say_what_they_are() {
        assert_eq!(binary(Binary::Divide, 1, 0), Err(Trouble::DivisionByZero));
        assert_eq!(binary(Binary::Remainder, 1, 0), Err(Trouble::DivisionByZero));
        assert_eq!(binary(Binary::Divide, i128::MIN, -1), Err(Trouble::Overflow));
        assert_eq!(binary(Binary::ShiftLeft, 1, 128), Err(Trouble::Shift(128)));
        assert_eq!(binary(Binary::ShiftRight, 1, -1), Err(Trouble::Shift(-1)));
        assert_eq!(binary(Binary::ShiftLeft, -1, 127), Ok(i128::MIN));
        assert_eq!(binary(Binary::ShiftLeft, 1, 127), Err(Trouble::Overflow));
        assert_eq!(unary(Unary::Negate, i128::MIN), Err(Trouble::Overflow));
        assert_eq!(unary(Unary::Not, 0), Ok(-1));
    }
}
