//! Whether a value fits the type it is given to.

use std::borrow::Cow;

use super::{
    collect::Names,
    types::{Form, Types},
};
use crate::{
    ast::{Item as Tree, TypeKind},
    diag::{Code, Diagnostic},
    ir::{ItemId, Value},
    scalar::Scalar,
    source::Location,
};

/// The kinds of types that a constant may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Want {
    Scalar(Scalar),
    String,
    Duration,
    /// An enum or flags.
    Enum(ItemId),
    /// A list, a map or bytes: the one value is `[]`. Only of defaults.
    Empty,
}

impl Want {
    /// `None` for a type that no constant can have.
    pub(super) fn of(types: &Types<'_>, form: Form<'_>) -> Option<Self> {
        match form {
            Form::Item(id) if matches!(types.names.item(id).tree, Tree::Enum(_) | Tree::Flags(_)) => {
                Some(Self::Enum(id))
            }
            Form::Item(_) => None,
            Form::BuiltIn(written) => match &written.ty.kind {
                TypeKind::Scalar(scalar) => Some(Self::Scalar(*scalar)),
                TypeKind::String(_) => Some(Self::String),
                TypeKind::Duration => Some(Self::Duration),
                _ => None,
            },
        }
    }

    /// As [`of`](Self::of), for the default of a table's field.
    pub(super) fn of_default(types: &Types<'_>, form: Form<'_>) -> Option<Self> {
        match form {
            Form::BuiltIn(written)
                if matches!(written.ty.kind, TypeKind::List(..) | TypeKind::Map(..) | TypeKind::Bytes(_)) =>
            {
                Some(Self::Empty)
            }
            _ => Self::of(types, form),
        }
    }

    fn describe(self, names: &Names<'_>) -> String {
        match self {
            Self::Scalar(scalar) => format!("`{}`", scalar.word()),
            Self::String => "`string`".to_owned(),
            Self::Duration => "`duration`".to_owned(),
            Self::Empty => "`[]`".to_owned(),
            Self::Enum(id) => format!("`{}`", names.item(id).name.text),
        }
    }
}

/// The value as one of the wanted type, floats rounded to it.
pub(super) fn fit<'v>(
    names: &Names<'_>,
    value: Cow<'v, Value>,
    want: Want,
    at: Location,
) -> Result<Cow<'v, Value>, Diagnostic> {
    match (want, &*value) {
        (Want::Scalar(Scalar::Bool), Value::Bool(_))
        | (Want::String, Value::String(_))
        | (Want::Duration, Value::Duration(_))
        | (Want::Empty, Value::Empty) => Ok(value),
        (Want::Enum(id), Value::Member(of, _)) if *of == id => Ok(value),
        (Want::Scalar(Scalar::F32 | Scalar::F64), Value::Int(number)) => {
            exact(*number, want, at, names).map(Cow::Owned)
        }
        (Want::Scalar(scalar @ (Scalar::F32 | Scalar::F64)), Value::Float(number)) => {
            rounded(scalar, *number, at).map(Cow::Owned)
        }
        (Want::Scalar(scalar), Value::Int(number)) if scalar.range().is_some() => {
            in_range(scalar, *number, at).map(|number| Cow::Owned(Value::Int(number)))
        }
        _ => Err(mismatch(names, &value, want, at)),
    }
}

/// An integer that must be in the range of an integer type.
pub(super) fn in_range(scalar: Scalar, number: i128, at: Location) -> Result<i128, Diagnostic> {
    let Some((least, most)) = scalar.range() else { return Ok(number) };
    if (least..=most).contains(&number) {
        return Ok(number);
    }
    let word = scalar.word();
    let message = format!("{number} does not fit `{word}`");
    Err(Diagnostic::new(Code::OutOfRange, at, message).help(format!("`{word}` holds {least} to {most}")))
}

/// What a value is, in words.
pub(super) fn describe(names: &Names<'_>, value: &Value) -> String {
    match value {
        Value::Int(_) => "an integer".to_owned(),
        Value::Float(_) => "a float".to_owned(),
        Value::Bool(_) => "a bool".to_owned(),
        Value::String(_) => "a string".to_owned(),
        Value::Duration(_) => "a duration".to_owned(),
        Value::Empty => "`[]`".to_owned(),
        Value::Member(id, _) => format!("a member of `{}`", names.item(*id).name.text),
    }
}

fn mismatch(names: &Names<'_>, value: &Value, want: Want, at: Location) -> Diagnostic {
    let message = format!("{} is needed here, and this is {}", want.describe(names), describe(names, value));
    let finding = Diagnostic::new(Code::WrongValue, at, message);
    match (want, value) {
        (Want::String, Value::Empty) => finding.help("the empty string is `\"\"`"),
        (Want::Duration, Value::Int(_)) => finding.help("write its unit: `250ms`, `3s`"),
        _ => finding,
    }
}

/// An integer given to a float, where the float can hold just that.
fn exact(number: i128, want: Want, at: Location, names: &Names<'_>) -> Result<Value, Diagnostic> {
    let digits = if want == Want::Scalar(Scalar::F32) { f32::MANTISSA_DIGITS } else { f64::MANTISSA_DIGITS };
    if number.unsigned_abs() > 1 << digits {
        let message = format!("{number} cannot be held exactly by {}", want.describe(names));
        return Err(Diagnostic::new(Code::OutOfRange, at, message).help("write it as a float to have it rounded"));
    }
    #[expect(clippy::cast_precision_loss, reason = "it was checked that nothing is lost")]
    Ok(Value::Float(number as f64))
}

fn rounded(scalar: Scalar, number: f64, at: Location) -> Result<Value, Diagnostic> {
    #[expect(clippy::cast_possible_truncation, reason = "rounding to the nearest f32 is what is meant")]
    let value = if scalar == Scalar::F32 { f64::from(number as f32) } else { number };
    if value.is_finite() {
        return Ok(Value::Float(value));
    }
    let message = format!("this number is too large for `{}`", scalar.word());
    Err(Diagnostic::new(Code::OutOfRange, at, message))
}
