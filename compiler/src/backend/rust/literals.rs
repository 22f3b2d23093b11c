//! Values as Rust literals that read well and that no lint minds.

use super::boxing::Place;
use super::scope::Scope;
use super::{names, zero};
use crate::ir::{ItemId, ItemKind, Scalar, Type, Value};

/// A constant's value.
pub(super) fn value(scope: &Scope<'_>, ty: &Type, value: &Value) -> String {
    match value {
        Value::Int(number) => int(*number),
        Value::Float(number) => float(*number, scope.program.peel(ty) == &Type::Scalar(Scalar::F32)),
        Value::Bool(truth) => truth.to_string(),
        Value::String(text) => string(text),
        Value::Duration(nanoseconds) => duration(*nanoseconds),
        Value::Empty => zero::expression(scope, ty, Place::Plain),
        Value::Member(id, index) => member(scope, *id, *index),
    }
}

/// `Op::Add`, or of flags `Access::READ`.
fn member(scope: &Scope<'_>, id: ItemId, index: usize) -> String {
    let name = match &scope.program.item(id).kind {
        ItemKind::Enum(of) => of.members.get(index).map(|member| names::variant_name(&member.name)),
        ItemKind::Flags(of) => of.members.get(index).map(|member| names::const_name(&member.name)),
        _ => None,
    };
    format!("{}::{}", scope.type_path(id), name.unwrap_or_default())
}

/// A duration, by the largest unit that tells it.
pub(super) fn duration(nanoseconds: u64) -> String {
    let units = [("secs", 1_000_000_000), ("millis", 1_000_000), ("micros", 1_000)];
    let fits = |(_, size): &(&str, u64)| nanoseconds.is_multiple_of(*size);
    let (unit, size) = units.into_iter().find(fits).unwrap_or(("nanos", 1));
    format!("::std::time::Duration::from_{unit}({})", int((nanoseconds / size).into()))
}

/// An integer, its digits in groups of three from five digits on.
pub(super) fn int(number: i128) -> String {
    let sign = if number < 0 { "-" } else { "" };
    let digits = number.unsigned_abs().to_string();
    format!("{sign}{}", if digits.len() > 4 { grouped(&digits) } else { digits })
}

/// A size in bytes or elements.
pub(super) fn size(number: u64) -> String {
    int(number.into())
}

/// The bits of flags.
pub(super) fn bits(number: i128) -> String {
    let digits = format!("{number:x}");
    let groups: Vec<_> = digits.as_bytes().rchunks(4).rev().map(|group| String::from_utf8_lossy(group)).collect();
    format!("0x{}", groups.join("_"))
}

/// The number of a method or shape.
pub(super) fn hex(number: u32) -> String {
    format!("0x{:04x}_{:04x}", number >> 16, number & 0xffff)
}

/// A string, on one line whatever it holds.
pub(super) fn string(text: &str) -> String {
    let escaped = text.chars().map(|char| match char {
        '\0' => "\\u{0}".to_owned(), // `\0` before a digit reads as an octal escape
        '\'' => "'".to_owned(),
        _ => char.escape_debug().to_string(),
    });
    format!("\"{}\"", escaped.collect::<String>())
}

/// Whether a float is near a constant that the standard library has.
pub(super) fn is_famous(value: &Value) -> bool {
    use std::f64::consts::{
        E, FRAC_1_PI, FRAC_1_SQRT_2, FRAC_2_PI, FRAC_2_SQRT_PI, FRAC_PI_2, FRAC_PI_3, FRAC_PI_4, FRAC_PI_6, FRAC_PI_8,
        LN_2, LN_10, LOG2_10, LOG2_E, LOG10_2, LOG10_E, PI, SQRT_2, TAU,
    };
    const GOLDEN_RATIO: f64 = 1.618_033_988_749_895;
    const EULER_GAMMA: f64 = 0.577_215_664_901_532_9;
    let famous = [
        E,
        FRAC_1_PI,
        FRAC_1_SQRT_2,
        FRAC_2_PI,
        FRAC_2_SQRT_PI,
        FRAC_PI_2,
        FRAC_PI_3,
        FRAC_PI_4,
        FRAC_PI_6,
        FRAC_PI_8,
        LN_2,
        LN_10,
        LOG2_10,
        LOG2_E,
        LOG10_2,
        LOG10_E,
        PI,
        SQRT_2,
        TAU,
        GOLDEN_RATIO,
        EULER_GAMMA,
    ];
    matches!(value, Value::Float(value) if famous.iter().any(|known| (value.abs() - known).abs() < 0.01))
}

fn float(number: f64, single: bool) -> String {
    let ty = if single { "f32" } else { "f64" };
    if number.is_nan() {
        format!("{ty}::NAN")
    } else if number.is_infinite() {
        format!("{ty}::{}", if number > 0.0 { "INFINITY" } else { "NEG_INFINITY" })
    } else if single {
        #[expect(clippy::cast_possible_truncation, reason = "a constant of type `f32` was rounded to one")]
        let number = number as f32;
        group_float(&format!("{number:?}"))
    } else {
        group_float(&format!("{number:?}"))
    }
}

/// Groups the digits before and after the point alike, where either are many.
fn group_float(text: &str) -> String {
    let (sign, text) = text.strip_prefix('-').map_or(("", text), |rest| ("-", rest));
    let (number, exponent) = text.find('e').map_or((text, ""), |at| text.split_at(at));
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.len() <= 4 && fraction.len() <= 4 {
        return format!("{sign}{text}");
    }
    let point = if number.contains('.') { "." } else { "" };
    format!("{sign}{}{point}{}{exponent}", grouped(whole), groups(fraction.chars()))
}

/// Groups of three, counted from the last digit.
fn grouped(digits: &str) -> String {
    groups(digits.chars().rev()).chars().rev().collect()
}

fn groups(digits: impl Iterator<Item = char>) -> String {
    let mut text = String::new();
    for (at, digit) in digits.enumerate() {
        if at > 0 && at % 3 == 0 {
            text.push('_');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_grouped_from_five_on() {
        assert_eq!(int(1024), "1024");
        assert_eq!(int(65_536), "65_536");
        assert_eq!(int(i128::from(i64::MIN)), "-9_223_372_036_854_775_808");
        assert_eq!(hex(0x1f), "0x0000_001f");
    }

    #[test]
    fn floats_keep_their_value_and_their_point() {
        assert_eq!(float(1.0, false), "1.0");
        assert_eq!(float(0.1, true), "0.1");
        assert_eq!(float(1e300, false), "1e300");
        assert_eq!(float(-12_345.678_912, false), "-12_345.678_912");
        assert_eq!(float(f64::NEG_INFINITY, true), "f32::NEG_INFINITY");
    }

    proptest::proptest! {
        #[test]
        fn a_literal_is_read_back_as_the_same_value(text: String, number: f64, whole: i128) {
            let read: syn::LitStr = syn::parse_str(&string(&text)).unwrap();
            proptest::prop_assert_eq!(read.value(), text);
            proptest::prop_assert!(!string(&read.value()).contains('\n'));
            if number.is_finite() {
                let back: f64 = float(number, false).replace('_', "").parse().unwrap();
                proptest::prop_assert_eq!(back.to_bits(), number.to_bits());
            }
            proptest::prop_assert_eq!(int(whole).replace('_', "").parse::<i128>().unwrap(), whole);
        }
    }
}
