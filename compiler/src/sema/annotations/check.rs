//! Annotations are known, stand where they may, once, and say what they must.

use std::collections::HashMap;

use super::{
    Values,
    places::{self, Place},
};
use crate::{
    ast::{Annotation, Argument, Expr, ExprKind},
    diag::{Code, Diagnostic, Diagnostics},
    ir::Value,
    rust_names::is_path,
    scalar::Scalar,
    sema::{eval::Evaluator, fit, suggest::Suggestions},
    source::Location,
};

/// The annotations that there are, each as it is written.
const KNOWN: [(&str, &str); 6] = [
    ("deprecated", "@deprecated(\"why\")"),
    ("idempotent", "@idempotent"),
    ("deadline", "@deadline(250ms)"),
    ("id", "@id(0x1234)"),
    ("wire", "@wire(\"old_name\")"),
    ("rust", "@rust(derive = \"Eq, serde::Serialize\")"),
];

/// Looks at every annotation of the program.
pub(in super::super) fn check(with: &Evaluator<'_>, found: &mut Diagnostics) -> Values {
    let (mut values, suggestions) = (Values::default(), Suggestions::new());
    for id in with.types.names.ids() {
        let item = with.types.names.item(id);
        places::visit(item.tree, &mut |place, said| {
            let mut list = List { with, file: item.file, place, suggestions: &suggestions, found, values: &mut values };
            list.check(said);
        });
    }
    values
}

/// The annotations before one thing.
struct List<'l, 'e> {
    with: &'l Evaluator<'e>,
    file: usize,
    place: Place,
    suggestions: &'l Suggestions,
    found: &'l mut Diagnostics,
    values: &'l mut Values,
}

impl List<'_, '_> {
    fn check(&mut self, said: &[Annotation]) {
        let mut first: HashMap<&str, Location> = HashMap::new();
        for annotation in said {
            let (name, at) = (annotation.name.text.as_str(), self.locate(annotation.span));
            let Some((_, form)) = KNOWN.iter().find(|(known, _)| *known == name) else {
                self.unknown(annotation);
                continue;
            };
            if let Some(before) = first.get(name) {
                let finding = Diagnostic::new(Code::DoubledAnnotation, at, format!("`@{name}` stands here twice"));
                self.found.push(finding.other(*before, "the first one"));
            } else {
                first.insert(name, at);
                self.known(annotation, form);
            }
        }
    }

    fn unknown(&mut self, annotation: &Annotation) {
        let name = &annotation.name.text;
        let at = self.locate(annotation.span);
        let finding = Diagnostic::new(Code::UnknownAnnotation, at, format!("there is no annotation `@{name}`"));
        let near = self.suggestions.nearest(name, KNOWN.iter().map(|(known, _)| *known));
        self.found.push(match near {
            Some(near) => finding.help(format!("did you mean `@{near}`?")),
            None => finding.help("it is ignored"),
        });
    }

    fn known(&mut self, annotation: &Annotation, form: &str) {
        if let Some(help) = misplaced(&annotation.name.text, self.place) {
            let message = format!("`@{}` cannot stand before {}", annotation.name.text, self.place.describe());
            let at = self.locate(annotation.span);
            self.found.push(Diagnostic::new(Code::MisplacedAnnotation, at, message).help(help));
        } else if let Err(message) = self.arguments(annotation) {
            let at = self.locate(annotation.args.first().map_or(annotation.span, |argument| argument.value.span));
            self.found.push(Diagnostic::new(Code::BadAnnotation, at, message).help(format!("write it as `{form}`")));
        }
    }

    /// What is wrong with the arguments; what the evaluator finds wrong with a value, it reports itself.
    fn arguments(&mut self, annotation: &Annotation) -> Result<(), String> {
        let name = annotation.name.text.as_str();
        match (name, &annotation.args[..]) {
            ("idempotent", []) => Ok(()),
            ("idempotent", _) => Err("`@idempotent` says all there is to say".to_owned()),
            (_, [Argument { value: Expr { kind: ExprKind::Broken, .. }, .. }]) => Ok(()),
            ("rust", [Argument { name: Some(key), value }]) if key.text == "derive" => derives(text(value)?),
            ("rust", _) => Err("`@rust` names the traits to derive".to_owned()),
            (_, [Argument { name: None, value }]) => self.argument(annotation, value),
            (_, _) => Err(format!("`@{name}` takes one argument, without a name")),
        }
    }

    fn argument(&mut self, annotation: &Annotation, value: &Expr) -> Result<(), String> {
        match annotation.name.text.as_str() {
            "wire" => wire(text(value)?),
            "deadline" => self.deadline(annotation, value),
            "id" => {
                self.id(annotation, value);
                Ok(())
            }
            _ => text(value).map(drop),
        }
    }

    fn deadline(&mut self, annotation: &Annotation, expr: &Expr) -> Result<(), String> {
        let Some(value) = self.with.eval(self.file, expr, self.found) else { return Ok(()) };
        match &*value {
            Value::Duration(0) => Err("a deadline of 0 would be over before the call begins".to_owned()),
            Value::Duration(nanoseconds) => {
                self.values.deadlines.insert(self.locate(annotation.span), *nanoseconds);
                Ok(())
            }
            other => {
                Err(format!("a deadline is a duration, and this is {}", fit::describe(self.with.types.names, other)))
            }
        }
    }

    fn id(&mut self, annotation: &Annotation, expr: &Expr) {
        let Some(number) = self.with.whole(self.file, expr, self.found) else { return };
        match fit::in_range(Scalar::U32, number, self.locate(expr.span)) {
            Ok(number) => {
                let number = u32::try_from(number).unwrap_or_default();
                self.values.ids.insert(self.locate(annotation.span), number);
            }
            Err(finding) => self.found.push(finding),
        }
    }

    fn locate(&self, span: crate::source::Span) -> Location {
        span.within(self.with.types.names.file_id(self.file))
    }
}

/// Why an annotation cannot stand somewhere, as help; `None` where it may.
fn misplaced(name: &str, place: Place) -> Option<&'static str> {
    match name {
        "idempotent" | "deadline" | "id" if place != Place::Method => Some("it stands before a method"),
        "rust" if place != Place::Type => {
            Some("it stands before an enum, flags, a struct, a table, a union or an error")
        }
        "wire" => no_wire_name(place),
        _ => None,
    }
}

/// Names that are in no shape text can change without that.
fn no_wire_name(place: Place) -> Option<&'static str> {
    match place {
        Place::StructField
        | Place::Param
        | Place::Result
        | Place::Member { closed: true }
        | Place::Variant { closed: true }
        | Place::VariantField { closed: true } => None,
        Place::Const => Some("a constant does not travel: rename it freely"),
        Place::Alias | Place::Type => Some("the names of types do not travel: rename it freely"),
        Place::Service => Some("methods keep their numbers across a renaming of the service with `@id`"),
        Place::Method => Some("a method keeps its number across a renaming with `@id`"),
        Place::Member { .. } => Some("it travels as its value: rename it freely"),
        Place::TableField | Place::Variant { .. } => Some("it travels as its ordinal: rename it freely"),
        Place::VariantField { .. } => {
            Some("fields of open unions and errors have no names on the wire: rename it freely")
        }
        Place::OnlyResult => Some("an only result has no name on the wire: rename it freely"),
    }
}

fn text(value: &Expr) -> Result<&str, String> {
    match &value.kind {
        ExprKind::String(text) => Ok(text),
        _ => Err("a text in quotes is needed here".to_owned()),
    }
}

fn wire(name: &str) -> Result<(), String> {
    let fine = is_identifier(name) && !name.ends_with('_') && name.len() <= 255;
    if fine { Ok(()) } else { Err("a name on the wire is an identifier".to_owned()) }
}

fn is_identifier(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

fn derives(list: &str) -> Result<(), String> {
    match list.split(',').map(str::trim).find(|path| !is_path(path)) {
        Some("") => Err("a trait to derive is missing".to_owned()),
        Some(path) => Err(format!("`{path}` is not the path of a trait")),
        None => Ok(()),
    }
}
