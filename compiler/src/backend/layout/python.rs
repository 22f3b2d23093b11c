//! The format with which Python's `struct` module packs values of fixed size.

use crate::ir::{Field, ItemKind, Program, Scalar, Type};

/// Longer formats than this help nobody.
const MAX_LENGTH: usize = 120;

/// The format of values one after the other; `None` where their size varies or the format would be too long.
///
/// Declarations may be nested as deep as a user likes, so this keeps its own stack.
pub(super) fn format(program: &Program, types: &[&Type]) -> Option<String> {
    let mut text = "!".to_owned();
    let mut waiting: Vec<&Type> = types.iter().rev().copied().collect();
    for _ in 0..10_000 {
        let Some(ty) = waiting.pop() else { return Some(text) };
        match (program.peel(ty), fields(program, ty)) {
            (_, Some(fields)) => waiting.extend(fields.iter().rev().map(|field| &field.ty)),
            (Type::Array { element, len }, _) => match letter(program, element) {
                Some(letter) => text.extend([len.to_string(), letter.to_string()]),
                None if *len as usize > MAX_LENGTH => return None,
                None => waiting.extend((0..*len).map(|_| &**element)),
            },
            (ty, _) => text.push(letter(program, ty)?),
        }
        if text.len() > MAX_LENGTH {
            return None;
        }
    }
    None
}

/// The fields of a struct.
fn fields<'a>(program: &'a Program, ty: &'a Type) -> Option<&'a [Field]> {
    let Type::Item(id) = program.peel(ty) else { return None };
    match &program.item(*id).kind {
        ItemKind::Struct(of) => Some(&of.fields),
        _ => None,
    }
}

/// The letter of a type that is a number.
fn letter(program: &Program, ty: &Type) -> Option<char> {
    Some(match program.peel(ty) {
        Type::Scalar(scalar) => scalar_letter(*scalar),
        Type::Timestamp => 'q',
        Type::Duration => 'Q',
        Type::Item(id) => match &program.item(*id).kind {
            ItemKind::Enum(of) | ItemKind::Flags(of) => scalar_letter(of.base),
            _ => return None,
        },
        _ => return None,
    })
}

fn scalar_letter(scalar: Scalar) -> char {
    match scalar {
        Scalar::Bool => '?',
        Scalar::I8 => 'b',
        Scalar::I16 => 'h',
        Scalar::I32 => 'i',
        Scalar::I64 => 'q',
        Scalar::U8 => 'B',
        Scalar::U16 => 'H',
        Scalar::U32 => 'I',
        Scalar::U64 => 'Q',
        Scalar::F32 => 'f',
        Scalar::F64 => 'd',
    }
}
