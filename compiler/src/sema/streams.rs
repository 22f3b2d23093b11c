//! Where a stream may be: the last parameter of a method, and its only result.

use super::walk;
use crate::{
    ast::{Field, Method, Results, Type, TypeKind},
    diag::{Code, Diagnostic, Diagnostics},
    source::FileId,
};

/// What is said of a stream that stands in a type, or in what is no method.
const ELSEWHERE: (&str, &str) = (
    "a stream cannot be here",
    "a stream is the last parameter of a method, or its result: `sum(values: stream i64) -> i64`",
);

/// Looks at the streams of a method.
pub(super) fn check_method(file: FileId, method: &Method, found: &mut Diagnostics) {
    check_params(file, &method.params, found);
    match &method.results {
        Results::None => {}
        Results::One(ty) => refuse_inner(file, ty, found),
        Results::Named(fields, _) => {
            for Field { ty, .. } in fields {
                refuse_inner(file, ty, found);
                if is_stream(ty) {
                    let said = ("a stream is the only result, and has no name", "write `-> stream T`");
                    refuse(file, ty, said, found);
                }
            }
        }
    }
}

fn check_params(file: FileId, params: &[Field], found: &mut Diagnostics) {
    for param in params {
        refuse_inner(file, &param.ty, found);
    }
    let mut streams = params.iter().enumerate().filter(|(_, param)| is_stream(&param.ty));
    let Some((at, first)) = streams.next() else { return };
    let others: Vec<&Type> = streams.map(|(_, param)| &param.ty).collect();
    if others.is_empty() && at + 1 < params.len() {
        let said = ("a stream is the last parameter", "move it behind the others: they are sent first");
        refuse(file, &first.ty, said, found);
    }
    for ty in others {
        let finding = Diagnostic::new(Code::BadStream, ty.span.within(file), "a method takes one stream");
        let finding = finding.other(first.ty.span.within(file), "this is the first");
        found.push(finding.help("a stream of a union carries items of several types"));
    }
}

/// Whether items go one way or the other.
pub(super) fn has_stream(method: &Method) -> bool {
    let goes_back = matches!(&method.results, Results::One(ty) if is_stream(ty));
    goes_back || method.params.iter().any(|param| is_stream(&param.ty))
}

/// Reports a stream that a type is, or that is in it.
pub(super) fn refuse_all(file: FileId, ty: &Type, found: &mut Diagnostics) {
    if is_stream(ty) {
        refuse(file, ty, ELSEWHERE, found);
    } else {
        refuse_inner(file, ty, found);
    }
}

/// Reports the outermost streams that are in a type. The parser nests types at most 32 deep.
fn refuse_inner(file: FileId, ty: &Type, found: &mut Diagnostics) {
    for part in walk::parts(ty) {
        refuse_all(file, part, found);
    }
}

fn refuse(file: FileId, ty: &Type, (message, help): (&str, &str), found: &mut Diagnostics) {
    found.push(Diagnostic::new(Code::BadStream, ty.span.within(file), message).help(help));
}

fn is_stream(ty: &Type) -> bool {
    matches!(ty.kind, TypeKind::Stream(_))
}
